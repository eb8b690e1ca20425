#ifndef CSIXEL_H
#define CSIXEL_H

#include <stddef.h>
#include <stdint.h>

/// Takes encoded bytes; returns 0, or anything else to stop the encoder.
typedef int (*csixel_write)(const char *bytes, size_t count, void *context);

/// Encodes `width` × `height` pixels (3 bytes each, rows top-down) as one sixel sequence.
///
/// Only libsixel's palette, dithering and encoding functions are used, never its image loaders:
/// the pixels are our own, and the loaders are where its security history lies.
/// The palette is chosen from `sample_height` ≥ `height` rows, of which only the first `height` are
/// drawn: the others can hold colours that must be in it although few pixels have them.
/// `colours` is 2…256; `dithers` other than 0 spreads rounding errors (Floyd-Steinberg).
/// Returns 0 when done, -1 for sizes outside 1…4096 or too little memory, -2 when `write` stopped.
int csixel_encode(
    const uint8_t *pixels, int width, int height, int sample_height, int colours, int dithers,
    csixel_write write, void *context);

#endif
