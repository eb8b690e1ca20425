// Quantised products with the AVX-512 dot product of bytes (VNNI).
#if defined(__x86_64__)
#include "quantized.h"

#include <immintrin.h>
#include <stdlib.h>
#include <string.h>

#define TARGET __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma,f16c")))
#define INLINE static inline __attribute__((always_inline)) TARGET
#define UNROLL _Pragma("clang loop unroll(full)")

TARGET static void quantize_row(
    int8_t *values, float *scales, int32_t *corrections, const float *x, size_t k) {
    for (size_t b = 0; b < x_blocks(k); b++, values += x_block, corrections += 4) {
        size_t left = b * x_block < k ? k - b * x_block : 0;
        uint64_t mask = left >= 64 ? ~0ull : (1ull << left) - 1;
        __m512 v[4], top = _mm512_setzero_ps();
        UNROLL for (int i = 0; i < 4; i++) {
            __mmask16 part = (__mmask16)(mask >> (16 * i));
            v[i] = _mm512_maskz_loadu_ps(part, x + b * x_block + i * 16);
            top = _mm512_max_ps(top, _mm512_abs_ps(v[i]));
        }
        float largest = _mm512_reduce_max_ps(top);
        float inverse = largest > 1e-30f ? 127 / largest : 0;
        scales[b] = inverse > 0 ? largest / 127 : 0;
        __m512i q[4];
        UNROLL for (int i = 0; i < 4; i++) {
            q[i] = _mm512_cvtps_epi32(_mm512_mul_ps(v[i], _mm512_set1_ps(inverse)));
            _mm_storeu_si128((__m128i *)(values + i * 16), _mm512_cvtepi32_epi8(q[i]));
        }
        int32_t first = _mm512_reduce_add_epi32(_mm512_add_epi32(q[0], q[1]));
        int32_t second = _mm512_reduce_add_epi32(_mm512_add_epi32(q[2], q[3]));
        corrections[0] = -128 * first;
        corrections[1] = -128 * second;
        corrections[2] = -128 * (first + second);
        corrections[3] = 0;
    }
}

/// Where a tile's values come from.
typedef enum {
    FROM_Q8,   ///< packed 8 bits
    FROM_Q4,   ///< packed 4 bits, widened on the way
    FROM_WIDE  ///< 4 bits widened before: groups of 64 values as bytes
} source;

enum {
    wide_group_bytes = q_scales_bytes + q_tile_rows * q4_group,
    /// Bytes between a load and the prefetch beside it when weights come from memory.
    far = 4096,
    /// Blocks of x handled before sums go back to memory: two tiles of this length and six rows of
    /// x stay in the first-level cache.
    k_blocks = 16,
    /// Rows of x that pass by one stretch of two tiles before the next pair comes.
    m_block = 192
};

INLINE __m512 half_scales(const uint8_t *group, int half) {
    return _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)(group + 32 * half)));
}

/// `q4_values` with 128 added.
INLINE __m512i step_table(void) {
    __m128i steps = _mm_loadu_si128((const __m128i *)q4_values);
    return _mm512_broadcast_i32x4(_mm_xor_si128(steps, _mm_set1_epi8((char)0x80)));
}

INLINE __m512i four_values(const int8_t *x) {
    int32_t four;
    memcpy(&four, x, 4);
    return _mm512_set1_epi32(four);
}

/// dots[a][t] += x[a] · w[t] over 32 values of k.
INLINE void dots32(
    __m512i dots[12][2], const int8_t *x, size_t x_stride, const uint8_t *w, size_t w_stride,
    const int four_bits, const int rows, const int tiles) {
    __m512i table = step_table(), low = _mm512_set1_epi8(15);
    if (four_bits) {
        UNROLL for (int i = 0; i < 4; i++) {
                __m512i first[2], second[2];
            UNROLL for (int t = 0; t < tiles; t++) {
                __m512i both = _mm512_load_si512(w + (size_t)t * w_stride + i * 64);
                first[t] = _mm512_shuffle_epi8(table, _mm512_and_si512(both, low));
                both = _mm512_and_si512(_mm512_srli_epi16(both, 4), low);
                second[t] = _mm512_shuffle_epi8(table, both);
            }
            UNROLL for (int a = 0; a < rows; a++) {
                __m512i left = four_values(x + (size_t)a * x_stride + i * 4);
                __m512i right = four_values(x + (size_t)a * x_stride + i * 4 + 16);
                UNROLL for (int t = 0; t < tiles; t++) {
                    dots[a][t] = _mm512_dpbusd_epi32(dots[a][t], first[t], left);
                    dots[a][t] = _mm512_dpbusd_epi32(dots[a][t], second[t], right);
                }
            }
        }
        return;
    }
    UNROLL for (int i = 0; i < 8; i++) {
        __m512i values[2];
        UNROLL for (int t = 0; t < tiles; t++) {
            values[t] = _mm512_load_si512(w + (size_t)t * w_stride + i * 64);
        }
        UNROLL for (int a = 0; a < rows; a++) {
            __m512i four = four_values(x + (size_t)a * x_stride + i * 4);
            UNROLL for (int t = 0; t < tiles; t++) {
                dots[a][t] = _mm512_dpbusd_epi32(dots[a][t], values[t], four);
            }
        }
    }
}

/// Rows [row, row + rows) × the 16·tiles columns from tile `first` on, blocks [b0, b1) of x.
/// `panel` holds the tiles' values from block b0 on. Sums that are not finished wait in `kept`,
/// [rows, 32]: rows of y itself lie so far apart that they push each other out of the cache.
INLINE void block(
    const quantized_job *j, size_t row, size_t first, size_t b0, size_t b1, const uint8_t *panel,
    size_t stride, float *kept, const source from, const int rows, const int tiles,
    const int prefetch) {
    const quantized_rows *x = j->x;
    const ck_quantized_product *p = &j->product;
    const size_t row_blocks = x->blocks, length = row_blocks * x_block;
    const int8_t *values = x->values + row * length;
    const float *scales = x->scales + row * row_blocks;
    const int32_t *corrections = x->corrections + row * row_blocks * 4;
    float *y = p->y + row * p->n + first * q_tile_rows;
    __mmask16 masks[2];
    __m512 sums[12][2];
    UNROLL for (int t = 0; t < tiles; t++) {
        size_t left = p->n - (first + (size_t)t) * q_tile_rows;
        masks[t] = left >= 16 ? 0xffff : (__mmask16)((1u << left) - 1);
        UNROLL for (int a = 0; a < rows; a++) {
            sums[a][t] = _mm512_setzero_ps();
            if (b0) sums[a][t] = _mm512_load_ps(kept + a * 32 + t * 16);
        }
    }
    for (size_t b = b0; b < b1; b++) {
        const int odd = from == FROM_Q8 && b % 2;
        const uint8_t *group = panel;
        const uint8_t *w = group + q_scales_bytes + (odd ? 1024 : 0);
        if (from == FROM_Q8) panel += odd ? q8_group_bytes : 0;
        if (from == FROM_Q4) panel += q4_group_bytes;
        if (from == FROM_WIDE) panel += wide_group_bytes;
        if (prefetch) {
            const int lines = from == FROM_Q8 ? 17 : 9;
            UNROLL for (int l = 0; l < lines; l++) {
                _mm_prefetch((const char *)w + prefetch + l * 64, _MM_HINT_T0);
            }
        }
        __m512i dots[12][2];
        // A group of 8-bit weights holds two blocks with a scale each, one of 4-bit weights one
        // block with two scales.
        UNROLL for (int half = 0; half < (from == FROM_Q8 ? 1 : 2); half++) {
            UNROLL for (int a = 0; a < rows; a++) {
                size_t at = ((size_t)a * row_blocks + b) * 4 + (from == FROM_Q8 ? 2 : (size_t)half);
                UNROLL for (int t = 0; t < tiles; t++) dots[a][t] = _mm512_set1_epi32(corrections[at]);
            }
            const int8_t *four = values + b * x_block + half * 32;
            const int is_packed = from == FROM_Q4;
            const uint8_t *from_w = w + half * (is_packed ? 256 : 512);
            dots32(dots, four, length, from_w, stride, is_packed, rows, tiles);
            if (from == FROM_Q8) dots32(dots, four + 32, length, w + 512, stride, 0, rows, tiles);
            UNROLL for (int t = 0; t < tiles; t++) {
                const int which = from == FROM_Q8 ? odd : half;
                __m512 scale = half_scales(group + (size_t)t * stride, which);
                UNROLL for (int a = 0; a < rows; a++) {
                    __m512 part = _mm512_mul_ps(_mm512_cvtepi32_ps(dots[a][t]), scale);
                    __m512 unit = _mm512_set1_ps(scales[(size_t)a * row_blocks + b]);
                    sums[a][t] = _mm512_fmadd_ps(part, unit, sums[a][t]);
                }
            }
        }
    }
    if (b1 < (j->k + x_block - 1) / x_block) {
        UNROLL for (int a = 0; a < rows; a++) {
            UNROLL for (int t = 0; t < tiles; t++) _mm512_store_ps(kept + a * 32 + t * 16, sums[a][t]);
        }
        return;
    }
    UNROLL for (int t = 0; t < tiles; t++) {
        __m512 bias = _mm512_setzero_ps();
        if (p->bias) {
            const float *from_bias = p->bias + (first + (size_t)t) * q_tile_rows;
            bias = _mm512_maskz_loadu_ps(masks[t], from_bias);
        }
        UNROLL for (int a = 0; a < rows; a++) {
            float *out = y + (size_t)a * p->n + t * 16;
            _mm512_mask_storeu_ps(out, masks[t], _mm512_add_ps(sums[a][t], bias));
        }
    }
}

/// One function per number of rows: each gets the registers to itself.
typedef void block_function(
    const quantized_job *j, size_t row, size_t first, size_t b0, size_t b1, const uint8_t *panel,
    size_t stride, float *kept);

#define DEFINE(NAME, FROM, ROWS, TILES, PREFETCH) \
    TARGET __attribute__((noinline)) static void NAME##_##ROWS( \
        const quantized_job *j, size_t row, size_t first, size_t b0, size_t b1, \
        const uint8_t *panel, size_t stride, float *kept) { \
        block(j, row, first, b0, b1, panel, stride, kept, FROM, ROWS, TILES, PREFETCH); \
    }
#define DEFINE_FIVE(NAME, FROM, TILES, PREFETCH) \
    DEFINE(NAME, FROM, 2, TILES, PREFETCH) DEFINE(NAME, FROM, 3, TILES, PREFETCH) \
    DEFINE(NAME, FROM, 4, TILES, PREFETCH) DEFINE(NAME, FROM, 5, TILES, PREFETCH) \
    DEFINE(NAME, FROM, 6, TILES, PREFETCH)
#define DEFINE_SIX(NAME, FROM, TILES, PREFETCH) \
    DEFINE(NAME, FROM, 1, TILES, PREFETCH) DEFINE_FIVE(NAME, FROM, TILES, PREFETCH)
#define DEFINE_MORE(NAME, FROM, TILES, PREFETCH) \
    DEFINE_FIVE(NAME, FROM, TILES, PREFETCH) \
    DEFINE(NAME, FROM, 7, TILES, PREFETCH) DEFINE(NAME, FROM, 8, TILES, PREFETCH) \
    DEFINE(NAME, FROM, 9, TILES, PREFETCH) DEFINE(NAME, FROM, 10, TILES, PREFETCH) \
    DEFINE(NAME, FROM, 11, TILES, PREFETCH) DEFINE(NAME, FROM, 12, TILES, PREFETCH)
#define SIX(NAME) NAME##_1, NAME##_2, NAME##_3, NAME##_4, NAME##_5, NAME##_6
#define TWELVE(NAME) SIX(NAME), NAME##_7, NAME##_8, NAME##_9, NAME##_10, NAME##_11, NAME##_12

// One row leaves the core time to follow the hardware's own prefetch; more rows do not.
DEFINE(few8, FROM_Q8, 1, 1, 0)
DEFINE(few4, FROM_Q4, 1, 1, 0)
DEFINE_MORE(few8, FROM_Q8, 1, far)
DEFINE_MORE(few4, FROM_Q4, 1, far)
DEFINE_SIX(one8, FROM_Q8, 1, 0)
DEFINE_SIX(one4, FROM_WIDE, 1, 0)
DEFINE_SIX(two8, FROM_Q8, 2, 0)
DEFINE_SIX(two4, FROM_WIDE, 2, 0)

enum { most_few_rows = 12, many_step = 6 };

/// Few rows: every tile is read once from memory and meets all rows at once.
static void few_rows(const quantized_job *j, size_t t0, size_t t1) {
    static block_function *const eight[] = {TWELVE(few8)}, *const four[] = {TWELVE(few4)};
    const size_t b1 = (j->k + x_block - 1) / x_block;
    const size_t bytes = q_tile_bytes(j->product.format, j->k);
    block_function *run = (j->product.format == CK_Q8 ? eight : four)[j->x->m - 1];
    for (size_t t = t0; t < t1; t++) {
        run(j, 0, t, 0, b1, (const uint8_t *)j->product.packed + t * bytes, 0, NULL);
    }
}

/// 4 bits to bytes, group by group.
TARGET static void widen(uint8_t *out, const uint8_t *in, size_t groups) {
    __m512i table = step_table(), low = _mm512_set1_epi8(15);
    for (size_t g = 0; g < groups; g++, in += q4_group_bytes, out += wide_group_bytes) {
        _mm512_store_si512(out, _mm512_load_si512(in));
        for (int half = 0; half < 2; half++) {
            for (int i = 0; i < 4; i++) {
                __m512i both = _mm512_load_si512(in + q_scales_bytes + half * 256 + i * 64);
                uint8_t *to = out + q_scales_bytes + half * 512 + i * 64;
                __m512i first = _mm512_and_si512(both, low);
                __m512i second = _mm512_and_si512(_mm512_srli_epi16(both, 4), low);
                _mm512_store_si512(to, _mm512_shuffle_epi8(table, first));
                _mm512_store_si512(to + 256, _mm512_shuffle_epi8(table, second));
            }
        }
    }
}

/// Many rows: a stretch of two tiles stays in the first-level cache while a block of rows passes.
static void many_rows(const quantized_job *j, size_t t0, size_t t1) {
    static block_function *const by_format[2][2][many_step] = {
        {{SIX(one8)}, {SIX(two8)}}, {{SIX(one4)}, {SIX(two4)}}};
    const int is_wide = j->product.format == CK_Q4;
    const size_t blocks = (j->k + x_block - 1) / x_block, wide = k_blocks * wide_group_bytes;
    const size_t bytes = q_tile_bytes(j->product.format, j->k);
    const uint8_t *packed = j->product.packed;
    _Alignas(64) float kept[m_block * 2 * q_tile_rows];
    _Alignas(64) uint8_t widened[2 * k_blocks * wide_group_bytes];
    for (size_t m0 = 0; m0 < j->x->m; m0 += m_block) {
        size_t m1 = m0 + m_block < j->x->m ? m0 + m_block : j->x->m;
        for (size_t t = t0; t < t1; t += 2) {
            size_t tiles = t + 1 < t1 ? 2 : 1;
            block_function *const *run = by_format[is_wide][tiles - 1];
            for (size_t b0 = 0; b0 < blocks; b0 += k_blocks) {
                size_t b1 = b0 + k_blocks < blocks ? b0 + k_blocks : blocks, stride = bytes;
                const uint8_t *panel = packed + t * bytes;
                panel += is_wide ? b0 * q4_group_bytes : b0 / 2 * q8_group_bytes;
                if (is_wide) {
                    for (size_t i = 0; i < tiles; i++) {
                        widen(widened + i * wide, panel + i * bytes, b1 - b0);
                    }
                    panel = widened;
                    stride = wide;
                }
                for (size_t row = m0; row < m1; row += many_step) {
                    size_t rows = m1 - row < many_step ? m1 - row : many_step;
                    float *waiting = kept + (row - m0) * 2 * q_tile_rows;
                    run[rows - 1](j, row, t, b0, b1, panel, stride, waiting);
                }
            }
        }
    }
}

static void multiply(const quantized_job *j, size_t t0, size_t t1) {
    if (j->x->m <= most_few_rows) few_rows(j, t0, t1); else many_rows(j, t0, t1);
}

const quantized_table quantized_avx512_vnni = {quantize_row, multiply};
#endif
