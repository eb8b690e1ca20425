#include "CSixel.h"

#include <pthread.h>
#include <sixel/sixel.h>
#include <stdlib.h>
#include <string.h>

/// What libsixel's writer is given: the caller's closure, and whether it asked to stop.
struct sink {
    csixel_write write;
    void *context;
    int stopped;
};

static int forward(char *bytes, int count, void *opaque) {
    struct sink *sink = opaque;
    if (count <= 0 || sink->stopped) return 0;
    sink->stopped = sink->write(bytes, (size_t)count, sink->context) != 0;
    return 0;
}

/// libsixel sorts colours by a plane that it keeps in a global variable: two palettes chosen at once
/// spoil each other.
static pthread_mutex_t palette_lock = PTHREAD_MUTEX_INITIALIZER;

int csixel_encode(
    const uint8_t *pixels, int width, int height, int sample_height, int colours, int dithers,
    csixel_write write, void *context) {
    if (!pixels || !write || width < 1 || height < 1 || width > 4096 || height > 4096) return -1;
    if (sample_height < height || sample_height > 2 * 4096) return -1;
    if (colours < SIXEL_PALETTE_MIN || colours > SIXEL_PALETTE_MAX) return -1;

    int result = -1;
    struct sink sink = {write, context, 0};
    sixel_output_t *output = NULL;
    sixel_dither_t *dither = NULL;
    // libsixel wants writable pixels, so it gets a copy.
    size_t size = (size_t)width * (size_t)sample_height * 3;
    uint8_t *copy = malloc(size);
    if (!copy) return -1;
    memcpy(copy, pixels, size);

    if (SIXEL_FAILED(sixel_output_new(&output, forward, &sink, NULL))) goto end;
    sixel_output_set_encode_policy(output, SIXEL_ENCODEPOLICY_SIZE);
    if (SIXEL_FAILED(sixel_dither_new(&dither, colours, NULL))) goto end;
    // QUALITY_FULL would be six times slower for no visible gain.
    pthread_mutex_lock(&palette_lock);
    SIXELSTATUS chosen = sixel_dither_initialize(
        dither, copy, width, sample_height, SIXEL_PIXELFORMAT_RGB888, SIXEL_LARGE_LUM,
        SIXEL_REP_AVERAGE_COLORS, SIXEL_QUALITY_HIGH);
    pthread_mutex_unlock(&palette_lock);
    if (SIXEL_FAILED(chosen)) goto end;
    sixel_dither_set_diffusion_type(dither, dithers ? SIXEL_DIFFUSE_FS : SIXEL_DIFFUSE_NONE);
    if (SIXEL_FAILED(sixel_encode(copy, width, height, 3, dither, output))) goto end;
    result = sink.stopped ? -2 : 0;

end:
    if (dither) sixel_dither_unref(dither);
    if (output) sixel_output_unref(output);
    free(copy);
    return result;
}
