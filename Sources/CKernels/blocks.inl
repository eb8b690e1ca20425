// Block formats for any vector width; included by vector_impl.inl.
//
// Every product below is of a half-precision scale, a small integer and another: at most 24 bits,
// so it is exact in any order, and a block's values are the reference's bit for bit.

#include "blocks.h"

typedef uint8_t vb __attribute__((vector_size(VW)));
typedef int8_t vsb __attribute__((vector_size(VW)));
typedef vb vb_anywhere __attribute__((aligned(1)));

INLINE vi bytes_at(const uint8_t *p) {
    return __builtin_convertvector(*(const vb_anywhere *)p, vi);
}
INLINE vf floats_of(vi x) { return __builtin_convertvector(x, vf); }

/// 32 values whose low 4 bits are in 16 bytes and whose fifth, if there is one, in `high`.
INLINE void expand_nibbles(
    float *out, const uint8_t *low, uint32_t high, int offset, float d, float m) {
    UNROLL for (int i = 0; i < 16; i += VW) {
        vi bytes = bytes_at(low + i), first = bytes & 15, second = bytes >> 4;
        if (high) {
            vi lane;
            UNROLL for (int l = 0; l < VW; l++) lane[l] = i + l;
            vi bits = (vi)((vu){0} + high);
            first |= (vi)((vu)bits >> (vu)lane & 1) << 4;
            second |= (vi)((vu)bits >> (vu)(lane + 16) & 1) << 4;
        }
        store(out + i, floats_of(first - offset) * d + m);
        store(out + i + 16, floats_of(second - offset) * d + m);
    }
}

INLINE void expand_q8_0(float *out, const uint8_t *b) {
    vf d = splat(half_at(b));
    UNROLL for (int i = 0; i < small_block; i += VW) {
        vsb q = (vsb) * (const vb_anywhere *)(b + 2 + i);
        store(out + i, __builtin_convertvector(q, vf) * d);
    }
}

INLINE void expand_q4_k(float *out, const uint8_t *b, bool has_fifth) {
    float d = half_at(b), least = half_at(b + 2);
    const uint8_t *high = b + 16, *low = has_fifth ? b + 48 : b + 16;
    for (int j = 0; j < 8; j += 2, low += 32, out += 64) {
        int scale[2], minimum[2];
        scale_and_minimum(b + 4, j, &scale[0], &minimum[0]);
        scale_and_minimum(b + 4, j + 1, &scale[1], &minimum[1]);
        vf step[2], below[2];
        UNROLL for (int s = 0; s < 2; s++) {
            step[s] = splat(d * (float)scale[s]);
            below[s] = splat(least * (float)minimum[s]);
        }
        UNROLL for (int l = 0; l < 32; l += VW) {
            vi bytes = bytes_at(low + l), first = bytes & 15, second = bytes >> 4;
            if (has_fifth) {
                vi bits = bytes_at(high + l) >> j;
                first |= (bits & 1) << 4;
                second |= (bits & 2) << 3;
            }
            store(out + l, floats_of(first) * step[0] - below[0]);
            store(out + 32 + l, floats_of(second) * step[1] - below[1]);
        }
    }
}

INLINE void expand_q6_k(float *out, const uint8_t *b) {
    float d = half_at(b + 208);
    for (int half = 0; half < 2; half++, out += 128) {
        const uint8_t *low = b + half * 64, *high = b + 128 + half * 32;
        const int8_t *scales = (const int8_t *)b + 192 + half * 8;
        UNROLL for (int l = 0; l < 32; l += VW) {
            vi first = bytes_at(low + l), second = bytes_at(low + 32 + l), bits = bytes_at(high + l);
            vi q[4] = {
                (first & 15) | (bits & 3) << 4,
                (second & 15) | (bits & 12) << 2,
                first >> 4 | (bits & 48),
                second >> 4 | (bits & 192) >> 2,
            };
            UNROLL for (int s = 0; s < 4; s++) {
                vf step = splat(d * (float)scales[2 * s + l / 16]);
                store(out + 32 * s + l, floats_of(q[s] - 32) * step);
            }
        }
    }
}

INLINE void expand_block(float *out, const uint8_t *b, ck_dtype dtype) {
    uint32_t high;
    switch (dtype) {
    case CK_GGUF_Q4_0: expand_nibbles(out, b + 2, 0, 8, half_at(b), -0.0f); break;
    case CK_GGUF_Q4_1: expand_nibbles(out, b + 4, 0, 0, half_at(b), half_at(b + 2)); break;
    case CK_GGUF_Q5_0:
        memcpy(&high, b + 2, 4);
        expand_nibbles(out, b + 6, high, 16, half_at(b), -0.0f);
        break;
    case CK_GGUF_Q5_1:
        memcpy(&high, b + 4, 4);
        expand_nibbles(out, b + 8, high, 0, half_at(b), half_at(b + 2));
        break;
    case CK_GGUF_Q8_0: expand_q8_0(out, b); break;
    case CK_GGUF_Q4_K: expand_q4_k(out, b, false); break;
    case CK_GGUF_Q5_K: expand_q4_k(out, b, true); break;
    case CK_GGUF_Q6_K: expand_q6_k(out, b); break;
    default: break;
    }
}

/// `count` is a multiple of the block.
INLINE void expand_blocks_as(float *out, const uint8_t *w, ck_dtype dtype, size_t count) {
    size_t length = ck_dtype_block(dtype), bytes = ck_dtype_bytes(dtype, length);
    for (size_t i = 0; i < count; i += length, w += bytes) expand_block(out + i, w, dtype);
}

#define EACH_BLOCK_FORMAT(DO) \
    case CK_GGUF_Q4_0: DO(CK_GGUF_Q4_0); break; \
    case CK_GGUF_Q4_1: DO(CK_GGUF_Q4_1); break; \
    case CK_GGUF_Q5_0: DO(CK_GGUF_Q5_0); break; \
    case CK_GGUF_Q5_1: DO(CK_GGUF_Q5_1); break; \
    case CK_GGUF_Q8_0: DO(CK_GGUF_Q8_0); break; \
    case CK_GGUF_Q4_K: DO(CK_GGUF_Q4_K); break; \
    case CK_GGUF_Q5_K: DO(CK_GGUF_Q5_K); break; \
    case CK_GGUF_Q6_K: DO(CK_GGUF_Q6_K); break

/// `rows` rows of x against one row of weights, which become floats a few hundred at a time and
/// never leave the first-level cache. A row's sum does not depend on the other rows.
INLINE void dot_blocks(
    float *out, size_t out_stride, const float *x, size_t x_stride, const uint8_t *w,
    ck_dtype dtype, size_t k, const int rows) {
    // Two buffers in turn: the next block is expanded while the last one is still being multiplied.
    float buffer[2][longest_block] __attribute__((aligned(64)));
    vf sums[4][2];
    UNROLL for (int a = 0; a < rows; a++) sums[a][0] = sums[a][1] = splat(0);
    size_t turn = 0;
    for (size_t i = 0; i < k; turn ^= 1) {
        size_t count = k - i < longest_block ? k - i : longest_block;
        expand_blocks_as(buffer[turn], w, dtype, count);
        for (size_t j = 0; j < count; j += 2 * VW) {
            vf left = load(buffer[turn] + j), right = load(buffer[turn] + j + VW);
            UNROLL for (int a = 0; a < rows; a++) {
                const float *row = x + a * x_stride + i + j;
                sums[a][0] = fma_(load(row), left, sums[a][0]);
                sums[a][1] = fma_(load(row + VW), right, sums[a][1]);
            }
        }
        i += count;
        w += ck_dtype_bytes(dtype, count);
    }
    UNROLL for (int a = 0; a < rows; a++) {
        out[a * out_stride] = horizontal_sum(sums[a][0] + sums[a][1]);
    }
}

INLINE void linear_blocks_as(const linear_problem *p, size_t n0, size_t n1, ck_dtype dtype) {
    size_t row_bytes = ck_dtype_bytes(dtype, p->k);
    const uint8_t *w = (const uint8_t *)p->w + n0 * row_bytes;
    for (size_t n = n0; n < n1; n++, w += row_bytes) {
        size_t m = 0;
        for (; m + 4 <= p->m; m += 4) {
            dot_blocks(p->y + m * p->n + n, p->n, p->x + m * p->k, p->k, w, dtype, p->k, 4);
        }
        for (; m < p->m; m++) {
            dot_blocks(p->y + m * p->n + n, p->n, p->x + m * p->k, p->k, w, dtype, p->k, 1);
        }
    }
    if (!p->bias) return;
    for (size_t m = 0; m < p->m; m++) {
        for (size_t n = n0; n < n1; n++) p->y[m * p->n + n] += p->bias[n];
    }
}

static void expand_blocks(float *out, const void *w, ck_dtype dtype, size_t count) {
#define DO(F) expand_blocks_as(out, w, F, count)
    switch (dtype) {
        EACH_BLOCK_FORMAT(DO);
    default: break;
    }
#undef DO
}

static void linear_blocks(const linear_problem *p, size_t n0, size_t n1) {
#define DO(F) linear_blocks_as(p, n0, n1, F)
    switch (p->dtype) {
        EACH_BLOCK_FORMAT(DO);
    default: break;
    }
#undef DO
}
