#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <jpeglib.h>

#include <jerror.h>

#include "CImageCodecs.h"
#include "internal.h"

/// One decode or encode with its error handling; libjpeg hands back pointers to `errors`, which
/// must stay first.
typedef struct session {
    struct jpeg_error_mgr errors;
    jmp_buf escape;
    ic_message *message;
    ic_status status;
    struct jpeg_progress_mgr progress;
    int maximum_scans;
    // Encoding. libjpeg's own memory destination can lose its buffer when encoding fails.
    struct jpeg_destination_mgr destination;
    ic_bytes *result;
    size_t capacity;
} session;

static void stop(j_common_ptr common, ic_status status, const char *text) {
    session *s = (session *)common->err;
    s->status = ic_fail(s->message, status, text);
    longjmp(s->escape, 1);
}

static void fail(j_common_ptr common) {
    char text[JMSG_LENGTH_MAX];
    common->err->format_message(common, text);
    switch (common->err->msg_code) {
    case JERR_OUT_OF_MEMORY: stop(common, IC_NO_MEMORY, text); break;
    case JERR_INPUT_EMPTY: stop(common, IC_TRUNCATED, text); break;
    case JERR_BAD_PRECISION:
    case JERR_SOF_UNSUPPORTED:
    case JERR_CONVERSION_NOTIMPL: stop(common, IC_UNSUPPORTED, text); break;
    default: stop(common, IC_DAMAGED, text); break;
    }
}

/// libjpeg only warns about missing pixels and fills them with grey; here they are errors.
static void warn(j_common_ptr common, int level) {
    if (level >= 0) return;
    char text[JMSG_LENGTH_MAX];
    common->err->format_message(common, text);
    switch (common->err->msg_code) {
    case JWRN_JPEG_EOF: stop(common, IC_TRUNCATED, "it ends before the last row"); break;
    case JWRN_HIT_MARKER:
    case JWRN_HUFF_BAD_CODE:
    case JWRN_ARITH_BAD_CODE:
    case JWRN_MUST_RESYNC: stop(common, IC_DAMAGED, text); break;
    default: break;
    }
}

static void ignore(j_common_ptr common) { (void)common; }

/// A progressive file may hold any number of passes over the whole picture, each almost empty.
static void limit_scans(j_common_ptr common) {
    session *s = (session *)common->err;
    if (common->is_decompressor
        && ((j_decompress_ptr)common)->input_scan_number > s->maximum_scans)
        stop(common, IC_UNSUPPORTED, "it is stored in too many passes");
}

static void prepare(session *s, ic_message *message) {
    memset(s, 0, sizeof *s);
    jpeg_std_error(&s->errors);
    s->errors.error_exit = fail;
    s->errors.emit_message = warn;
    s->errors.output_message = ignore;
    s->progress.progress_monitor = limit_scans;
    s->message = message;
}

static ic_status read_info(session *s, j_decompress_ptr jpeg, const uint8_t *data, size_t size,
                           ic_info *info) {
    if (setjmp(s->escape) != 0) return s->status;
    jpeg_create_decompress(jpeg);
    jpeg_mem_src(jpeg, data, size);
    jpeg_read_header(jpeg, TRUE);
    *info = (ic_info){.width = jpeg->image_width, .height = jpeg->image_height};
    return IC_OK;
}

ic_status ic_jpeg_info(const uint8_t *data, size_t size, ic_info *info, ic_message *message) {
    session s;
    prepare(&s, message);
    struct jpeg_decompress_struct jpeg = {.err = &s.errors};
    ic_status status = read_info(&s, &jpeg, data, size, info);
    jpeg_destroy_decompress(&jpeg);
    return status;
}

/// Ink to light. Adobe's programs, and all that follow them, store the ink inverted.
static void cmyk_to_rgba(const uint8_t *cmyk, uint8_t *rgba, size_t width, int inverted) {
    for (size_t x = 0; x < width; x++, cmyk += 4, rgba += 4) {
        unsigned flip = inverted ? 0 : 255, black = cmyk[3] ^ flip;
        for (int c = 0; c < 3; c++) rgba[c] = (uint8_t)(((cmyk[c] ^ flip) * black + 127) / 255);
        rgba[3] = 255;
    }
}

static void read_rows(j_decompress_ptr jpeg, uint8_t *rgba) {
    size_t row_bytes = (size_t)jpeg->output_width * 4;
    int inked = jpeg->out_color_space == JCS_CMYK;
    JSAMPARRAY ink = inked ? jpeg->mem->alloc_sarray((j_common_ptr)jpeg, JPOOL_IMAGE,
                                                     (JDIMENSION)row_bytes, 1)
                           : NULL;
    while (jpeg->output_scanline < jpeg->output_height) {
        uint8_t *row = rgba + jpeg->output_scanline * row_bytes;
        jpeg_read_scanlines(jpeg, inked ? ink : &row, 1);
        if (inked) cmyk_to_rgba(ink[0], row, jpeg->output_width, jpeg->saw_Adobe_marker);
    }
}

static ic_status decode(session *s, j_decompress_ptr jpeg, const uint8_t *data, size_t size,
                        int eighths, uint32_t width, uint32_t height, uint8_t *rgba) {
    if (setjmp(s->escape) != 0) return s->status;
    jpeg_create_decompress(jpeg);
    jpeg->progress = &s->progress;
    jpeg_mem_src(jpeg, data, size);
    jpeg_read_header(jpeg, TRUE);
    int inked = jpeg->jpeg_color_space == JCS_CMYK || jpeg->jpeg_color_space == JCS_YCCK;
    jpeg->out_color_space = inked ? JCS_CMYK : JCS_EXT_RGBA;
    jpeg->scale_num = (unsigned)eighths;
    jpeg->scale_denom = 8;
    jpeg_calc_output_dimensions(jpeg);
    if (jpeg->output_width != width || jpeg->output_height != height)
        return ic_fail(s->message, IC_DAMAGED, "the header gives two sizes");
    jpeg_start_decompress(jpeg);
    read_rows(jpeg, rgba);
    jpeg_finish_decompress(jpeg);
    return IC_OK;
}

ic_status ic_jpeg_decode(const uint8_t *data, size_t size, int eighths, int maximum_scans,
                         uint32_t width, uint32_t height, uint8_t *rgba, ic_message *message) {
    session s;
    prepare(&s, message);
    s.maximum_scans = maximum_scans;
    struct jpeg_decompress_struct jpeg = {.err = &s.errors};
    ic_status status = decode(&s, &jpeg, data, size, eighths, width, height, rgba);
    jpeg_destroy_decompress(&jpeg);
    return status;
}

static void begin_output(j_compress_ptr jpeg) {
    session *s = (session *)jpeg->err;
    size_t room = s->capacity == 0 ? 64 * 1024 : s->capacity;
    if (!ic_reserve(s->result, s->capacity + room))
        stop((j_common_ptr)jpeg, IC_NO_MEMORY, "there is no memory for the encoded picture");
    jpeg->dest->next_output_byte = s->result->data + s->capacity;
    jpeg->dest->free_in_buffer = room;
    s->capacity += room;
}

static boolean continue_output(j_compress_ptr jpeg) {
    begin_output(jpeg);  // Only called when all room is used up.
    return TRUE;
}

static void end_output(j_compress_ptr jpeg) {
    session *s = (session *)jpeg->err;
    s->result->size = s->capacity - jpeg->dest->free_in_buffer;
}

static ic_status encode(session *s, j_compress_ptr jpeg, const uint8_t *rgb, uint32_t width,
                        uint32_t height, int quality) {
    if (setjmp(s->escape) != 0) return s->status;
    jpeg_create_compress(jpeg);
    jpeg->dest = &s->destination;
    jpeg->image_width = width;
    jpeg->image_height = height;
    jpeg->input_components = 3;
    jpeg->in_color_space = JCS_RGB;
    jpeg_set_defaults(jpeg);
    jpeg_set_quality(jpeg, quality, TRUE);
    if (quality >= 90) {  // Who asks for that much wants full colour resolution too.
        jpeg->comp_info[0].h_samp_factor = 1;
        jpeg->comp_info[0].v_samp_factor = 1;
    }
    jpeg_start_compress(jpeg, TRUE);
    while (jpeg->next_scanline < height) {
        JSAMPROW row = (JSAMPROW)(rgb + (size_t)jpeg->next_scanline * width * 3);
        jpeg_write_scanlines(jpeg, &row, 1);
    }
    jpeg_finish_compress(jpeg);
    return IC_OK;
}

ic_status ic_jpeg_encode(const uint8_t *rgb, uint32_t width, uint32_t height, int quality,
                         ic_bytes *result, ic_message *message) {
    *result = (ic_bytes){0};
    session s;
    prepare(&s, message);
    s.destination = (struct jpeg_destination_mgr){.init_destination = begin_output,
                                                  .empty_output_buffer = continue_output,
                                                  .term_destination = end_output};
    s.result = result;
    struct jpeg_compress_struct jpeg = {.err = &s.errors};
    ic_status status = encode(&s, &jpeg, rgb, width, height, quality);
    jpeg_destroy_compress(&jpeg);
    if (status != IC_OK) ic_free(result);
    return status;
}
