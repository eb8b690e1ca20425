// Pictures in memory to pixels in memory, and back: PNG, JPEG and WebP.
//
// Every function returns an ic_status and, unless that is IC_OK, leaves a short message. None
// exits the process, prints, or lets a longjmp cross its caller. The caller owns all pixel memory:
// it asks for the size (ic_*_info), checks its limits, allocates, and hands the buffer in.
// RGBA means four bytes per pixel, rows from the top without padding, alpha not premultiplied.
#ifndef CIMAGECODECS_H
#define CIMAGECODECS_H

#include <stddef.h>
#include <stdint.h>

typedef enum ic_status {
    IC_OK = 0,
    /// The data breaks the rules of its format.
    IC_DAMAGED = 1,
    /// The data ends before the picture does.
    IC_TRUNCATED = 2,
    /// The data may be right, but this reader has no support for it.
    IC_UNSUPPORTED = 3,
    IC_NO_MEMORY = 4,
} ic_status;

/// A sentence fragment for people, NUL-terminated.
typedef struct ic_message {
    char text[160];
} ic_message;

/// What the header of a picture says.
typedef struct ic_info {
    uint32_t width;
    uint32_t height;
    /// 1 when pixels may be transparent.
    int has_alpha;
} ic_info;

/// Bytes allocated by an encoder; give them back with ic_free.
typedef struct ic_bytes {
    uint8_t *data;
    size_t size;
} ic_bytes;

ic_status ic_png_info(const uint8_t *data, size_t size, ic_info *info, ic_message *message);
ic_status ic_jpeg_info(const uint8_t *data, size_t size, ic_info *info, ic_message *message);
ic_status ic_webp_info(const uint8_t *data, size_t size, ic_info *info, ic_message *message);

/// Decodes into `rgba`, `width * height * 4` bytes; width and height must be those of ic_png_info.
ic_status ic_png_decode(const uint8_t *data, size_t size, uint32_t width, uint32_t height,
                        uint8_t *rgba, ic_message *message);
/// Decodes at `eighths`/8 of the full size (1...8). Width and height must be those of ic_jpeg_info
/// times eighths/8, rounded up. More than `maximum_scans` passes over the picture are refused.
ic_status ic_jpeg_decode(const uint8_t *data, size_t size, int eighths, int maximum_scans,
                         uint32_t width, uint32_t height, uint8_t *rgba, ic_message *message);
/// Decodes a still picture into `rgba`; width and height must be those of ic_webp_info.
ic_status ic_webp_decode(const uint8_t *data, size_t size, uint32_t width, uint32_t height,
                         uint8_t *rgba, ic_message *message);

/// Encodes `channels` (3: RGB, 4: RGBA) bytes per pixel.
ic_status ic_png_encode(const uint8_t *pixels, uint32_t width, uint32_t height, int channels,
                        ic_bytes *result, ic_message *message);
/// Encodes RGB; `quality` 1...100.
ic_status ic_jpeg_encode(const uint8_t *rgb, uint32_t width, uint32_t height, int quality,
                         ic_bytes *result, ic_message *message);
void ic_free(ic_bytes *bytes);

/// Makes the C library give blocks of 1 MiB and more back to the system as soon as they are freed.
///
/// By itself glibc learns from large blocks to keep them, up to 64 MiB for every thread: a program
/// that decodes photographs now and then stays as large as its largest picture.
void ic_return_large_blocks(void);

/// Gives pages on which nothing lies back to the system; takes about a millisecond.
void ic_return_free_memory(void);

#endif
