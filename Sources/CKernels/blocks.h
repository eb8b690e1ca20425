// Weights in the block formats of GGUF files, as they lie there. Source: ggml's `ggml-common.h`.
#ifndef BLOCKS_H
#define BLOCKS_H

#include "CKernels.h"

#include <string.h>

enum {
    small_block = 32,  ///< values of a block of Q4_0 … Q8_0
    large_block = 256, ///< values of a block of Q4_K, Q5_K, Q6_K
};

/// Values of the largest block; a buffer of so many floats holds one of any format.
enum { longest_block = large_block };

static inline float half_at(const uint8_t *p) {
    _Float16 h;
    memcpy(&h, p, 2);
    return (float)h;
}

/// Scale and minimum, 6 bits each, of the 32 values with number `j` in a block of Q4_K or Q5_K.
static inline void scale_and_minimum(const uint8_t *packed, int j, int *scale, int *minimum) {
    if (j < 4) {
        *scale = packed[j] & 63;
        *minimum = packed[j + 4] & 63;
    } else {
        *scale = (packed[j + 4] & 15) | (packed[j - 4] >> 6) << 4;
        *minimum = packed[j + 4] >> 4 | (packed[j] >> 6) << 4;
    }
}

/// One block as floats: the specification, which the vector code must match bit for bit.
void expand_block_reference(float *out, const uint8_t *block, ck_dtype dtype);

#endif
