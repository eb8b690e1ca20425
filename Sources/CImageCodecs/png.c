#include <png.h>
#include <setjmp.h>
#include <string.h>

#include "CImageCodecs.h"
#include "internal.h"

static const uint8_t signature[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};

static uint32_t big_endian(const uint8_t *p) {
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/// 1 when a tRNS chunk stands before the pixels, which begin at the first IDAT.
static int has_transparent_color(const uint8_t *data, size_t size) {
    size_t at = 8;
    while (size - at >= 12) {
        size_t length = big_endian(data + at);
        if (memcmp(data + at + 4, "tRNS", 4) == 0) return 1;
        if (memcmp(data + at + 4, "IDAT", 4) == 0 || length > size - at - 12) return 0;
        at += 12 + length;
    }
    return 0;
}

ic_status ic_png_info(const uint8_t *data, size_t size, ic_info *info, ic_message *message) {
    if (size < 33) return ic_fail(message, IC_TRUNCATED, "it ends inside the header");
    if (memcmp(data, signature, 8) != 0 || big_endian(data + 8) != 13
        || memcmp(data + 12, "IHDR", 4) != 0)
        return ic_fail(message, IC_DAMAGED, "the header is not that of a PNG picture");
    info->width = big_endian(data + 16);
    info->height = big_endian(data + 20);
    if (info->width == 0 || info->height == 0 || info->width > INT32_MAX
        || info->height > INT32_MAX)
        return ic_fail(message, IC_DAMAGED, "the header gives an impossible size");
    info->has_alpha = (data[25] & PNG_COLOR_MASK_ALPHA) != 0 || has_transparent_color(data, size);
    return IC_OK;
}

/// What the callbacks of one decode or encode share.
typedef struct session {
    jmp_buf escape;
    ic_message *message;
    // Decoding.
    uint32_t width, height;
    uint8_t *rgba;
    int last_pass, rows_complete, ended;
    // Encoding.
    ic_bytes *result;
    size_t capacity;
} session;

static void fail(png_structp png, png_const_charp text) {
    session *s = png_get_error_ptr(png);
    ic_fail(s->message, IC_DAMAGED, text);
    longjmp(s->escape, 1);
}

static void ignore(png_structp png, png_const_charp text) {
    (void)png;
    (void)text;
}

static void header_read(png_structp png, png_infop info) {
    session *s = png_get_progressive_ptr(png);
    if (png_get_image_width(png, info) != s->width || png_get_image_height(png, info) != s->height)
        png_error(png, "the header gives two sizes");
    png_set_expand(png);
    png_set_scale_16(png);
    png_set_gray_to_rgb(png);
    png_set_add_alpha(png, 0xff, PNG_FILLER_AFTER);
    s->last_pass = png_set_interlace_handling(png) - 1;
    png_read_update_info(png, info);
    if (png_get_rowbytes(png, info) != (size_t)s->width * 4)
        png_error(png, "the pixels do not convert to RGBA");
}

static void row_read(png_structp png, png_bytep row, png_uint_32 y, int pass) {
    session *s = png_get_progressive_ptr(png);
    // Only called as often as the header has rows: data beyond them is skipped, never inflated.
    if (row != NULL && y < s->height)
        png_progressive_combine_row(png, s->rgba + (size_t)y * s->width * 4, row);
    if (y + 1 == s->height && pass >= s->last_pass) s->rows_complete = 1;
}

static void end_read(png_structp png, png_infop info) {
    (void)info;
    session *s = png_get_progressive_ptr(png);
    s->ended = 1;
}

static ic_status decode(session *s, png_structp png, png_infop info, const uint8_t *data,
                        size_t size) {
    if (setjmp(s->escape) != 0) return IC_DAMAGED;
    // Colour profiles, texts and other side notes are not needed and can be bombs: skip them.
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
    png_set_progressive_read_fn(png, s, header_read, row_read, end_read);
    png_process_data(png, info, (png_bytep)data, size);
    return IC_OK;
}

ic_status ic_png_decode(const uint8_t *data, size_t size, uint32_t width, uint32_t height,
                        uint8_t *rgba, ic_message *message) {
    session s = {.message = message, .width = width, .height = height, .rgba = rgba};
    png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &s, fail, ignore);
    png_infop info = png ? png_create_info_struct(png) : NULL;
    if (info == NULL) {
        png_destroy_read_struct(&png, NULL, NULL);
        return ic_fail(message, IC_NO_MEMORY, "there is no memory for the decoder");
    }
    ic_status status = decode(&s, png, info, data, size);
    png_destroy_read_struct(&png, &info, NULL);
    if (status == IC_OK && !s.ended)
        return ic_fail(message, IC_TRUNCATED, "it ends before the last row");
    if (status == IC_OK && !s.rows_complete)
        return ic_fail(message, IC_DAMAGED, "rows of pixels are missing");
    return status;
}

static void append(png_structp png, png_bytep bytes, png_size_t count) {
    session *s = png_get_io_ptr(png);
    if (s->capacity - s->result->size < count) {
        size_t capacity = (s->capacity + count) * 2;
        if (!ic_reserve(s->result, capacity))
            png_error(png, "there is no memory for the encoded picture");
        s->capacity = capacity;
    }
    memcpy(s->result->data + s->result->size, bytes, count);
    s->result->size += count;
}

static void flush(png_structp png) { (void)png; }

static ic_status encode(session *s, png_structp png, png_infop info, const uint8_t *pixels,
                        int channels) {
    if (setjmp(s->escape) != 0) return IC_NO_MEMORY;
    png_set_write_fn(png, s, append, flush);
    png_set_IHDR(png, info, s->width, s->height, 8,
                 channels == 4 ? PNG_COLOR_TYPE_RGB_ALPHA : PNG_COLOR_TYPE_RGB,
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_write_info(png, info);
    for (uint32_t y = 0; y < s->height; y++)
        png_write_row(png, pixels + (size_t)y * s->width * (size_t)channels);
    png_write_end(png, NULL);
    return IC_OK;
}

ic_status ic_png_encode(const uint8_t *pixels, uint32_t width, uint32_t height, int channels,
                        ic_bytes *result, ic_message *message) {
    *result = (ic_bytes){0};
    session s = {.message = message, .width = width, .height = height, .result = result};
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &s, fail, ignore);
    png_infop info = png ? png_create_info_struct(png) : NULL;
    if (info == NULL) {
        png_destroy_write_struct(&png, NULL);
        return ic_fail(message, IC_NO_MEMORY, "there is no memory for the encoder");
    }
    ic_status status = encode(&s, png, info, pixels, channels);
    png_destroy_write_struct(&png, &info);
    if (status != IC_OK) ic_free(result);
    return status;
}

void ic_free(ic_bytes *bytes) {
    free(bytes->data);
    *bytes = (ic_bytes){0};
}
