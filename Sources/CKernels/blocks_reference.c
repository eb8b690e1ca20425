// What every block format of GGUF means, value by value.
#include "blocks.h"

size_t ck_dtype_block(ck_dtype dtype) {
    switch (dtype) {
    case CK_F32:
    case CK_F16:
    case CK_BF16: return 1;
    case CK_GGUF_Q4_K:
    case CK_GGUF_Q5_K:
    case CK_GGUF_Q6_K: return large_block;
    default: return small_block;
    }
}

static size_t block_bytes(ck_dtype dtype) {
    switch (dtype) {
    case CK_F32: return 4;
    case CK_F16:
    case CK_BF16: return 2;
    case CK_GGUF_Q4_0: return 2 + 16;
    case CK_GGUF_Q4_1: return 4 + 16;
    case CK_GGUF_Q5_0: return 2 + 4 + 16;
    case CK_GGUF_Q5_1: return 4 + 4 + 16;
    case CK_GGUF_Q8_0: return 2 + 32;
    case CK_GGUF_Q4_K: return 4 + 12 + 128;
    case CK_GGUF_Q5_K: return 4 + 12 + 32 + 128;
    case CK_GGUF_Q6_K: return 128 + 64 + 16 + 2;
    }
    return 0;
}

size_t ck_dtype_bytes(ck_dtype dtype, size_t count) {
    return count / ck_dtype_block(dtype) * block_bytes(dtype);
}

/// Value `i` of 32 stored as low nibbles, then high nibbles.
static int nibble(const uint8_t *bytes, int i) { return i < 16 ? bytes[i] & 15 : bytes[i - 16] >> 4; }

static int bit(const uint8_t *bytes, int i) { return bytes[i / 8] >> i % 8 & 1; }

static void expand_small(float *out, const uint8_t *b, ck_dtype dtype) {
    float d = half_at(b), m = half_at(b + 2);
    for (int i = 0; i < small_block; i++) {
        switch (dtype) {
        case CK_GGUF_Q4_0: out[i] = d * (float)(nibble(b + 2, i) - 8); break;
        case CK_GGUF_Q4_1: out[i] = d * (float)nibble(b + 4, i) + m; break;
        case CK_GGUF_Q5_0:
            out[i] = d * (float)((nibble(b + 6, i) | bit(b + 2, i) << 4) - 16);
            break;
        case CK_GGUF_Q5_1: out[i] = d * (float)(nibble(b + 8, i) | bit(b + 4, i) << 4) + m; break;
        default: out[i] = d * (float)(int8_t)b[2 + i];
        }
    }
}

static void expand_k4_or_k5(float *out, const uint8_t *b, ck_dtype dtype) {
    float d = half_at(b), least = half_at(b + 2);
    const uint8_t *high = b + 16, *low = dtype == CK_GGUF_Q5_K ? b + 48 : b + 16;
    for (int j = 0; j < 8; j++) {
        int scale, minimum;
        scale_and_minimum(b + 4, j, &scale, &minimum);
        float step = d * (float)scale, below = least * (float)minimum;
        for (int l = 0; l < 32; l++) {
            int q = low[j / 2 * 32 + l] >> j % 2 * 4 & 15;
            if (dtype == CK_GGUF_Q5_K) q |= (high[l] >> j & 1) << 4;
            out[j * 32 + l] = step * (float)q - below;
        }
    }
}

static void expand_k6(float *out, const uint8_t *b) {
    float d = half_at(b + 208);
    for (int i = 0; i < large_block; i++) {
        int half = i / 128, quarter = i % 128 / 32, l = i % 32;
        const uint8_t *low = b + half * 64 + quarter % 2 * 32, *high = b + 128 + half * 32;
        int q = (low[l] >> quarter / 2 * 4 & 15) | (high[l] >> quarter * 2 & 3) << 4;
        out[i] = d * (float)(int8_t)b[192 + i / 16] * (float)(q - 32);
    }
}

void expand_block_reference(float *out, const uint8_t *block, ck_dtype dtype) {
    switch (dtype) {
    case CK_F32:
    case CK_F16:
    case CK_BF16: break;
    case CK_GGUF_Q4_K:
    case CK_GGUF_Q5_K: expand_k4_or_k5(out, block, dtype); break;
    case CK_GGUF_Q6_K: expand_k6(out, block); break;
    default: expand_small(out, block, dtype);
    }
}
