#include <webp/decode.h>

#include "CImageCodecs.h"
#include "internal.h"

static ic_status translate(VP8StatusCode code, ic_message *message) {
    switch (code) {
    case VP8_STATUS_OK: return IC_OK;
    case VP8_STATUS_OUT_OF_MEMORY:
        return ic_fail(message, IC_NO_MEMORY, "there is no memory for the decoder");
    case VP8_STATUS_SUSPENDED:
    case VP8_STATUS_NOT_ENOUGH_DATA:
        return ic_fail(message, IC_TRUNCATED, "it ends before the last row");
    case VP8_STATUS_UNSUPPORTED_FEATURE:
        return ic_fail(message, IC_UNSUPPORTED, "it uses a feature that is not supported");
    default: return ic_fail(message, IC_DAMAGED, "the pixels cannot be decoded");
    }
}

ic_status ic_webp_info(const uint8_t *data, size_t size, ic_info *info, ic_message *message) {
    WebPBitstreamFeatures features;
    ic_status status = translate(WebPGetFeatures(data, size, &features), message);
    if (status != IC_OK) return status;
    if (features.has_animation)
        return ic_fail(message, IC_UNSUPPORTED, "it is an animation; save one frame of it");
    if (features.width <= 0 || features.height <= 0)
        return ic_fail(message, IC_DAMAGED, "the header gives an impossible size");
    *info = (ic_info){.width = (uint32_t)features.width,
                      .height = (uint32_t)features.height,
                      .has_alpha = features.has_alpha};
    return IC_OK;
}

ic_status ic_webp_decode(const uint8_t *data, size_t size, uint32_t width, uint32_t height,
                         uint8_t *rgba, ic_message *message) {
    WebPDecoderConfig config;
    if (!WebPInitDecoderConfig(&config))
        return ic_fail(message, IC_UNSUPPORTED, "libwebp is another version than its header");
    config.output.colorspace = MODE_RGBA;
    config.output.is_external_memory = 1;
    config.output.u.RGBA.rgba = rgba;
    config.output.u.RGBA.stride = (int)(width * 4);
    config.output.u.RGBA.size = (size_t)width * height * 4;
    VP8StatusCode code = WebPDecode(data, size, &config);
    int complete = config.output.width == (int)width && config.output.height == (int)height;
    WebPFreeDecBuffer(&config.output);
    if (code == VP8_STATUS_OK && !complete)
        return ic_fail(message, IC_DAMAGED, "the header gives two sizes");
    return translate(code, message);
}
