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
    for (size_t b = 0; b < x_blocks(k); b++, values += q_block) {
        size_t left = b * q_block < k ? k - b * q_block : 0;
        uint64_t mask = left >= 64 ? ~0ull : (1ull << left) - 1;
        __m512 v[4], top = _mm512_setzero_ps();
        UNROLL for (int i = 0; i < 4; i++) {
            __mmask16 part = (__mmask16)(mask >> (16 * i));
            v[i] = _mm512_maskz_loadu_ps(part, x + b * q_block + i * 16);
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
        __m512i sum = _mm512_add_epi32(_mm512_add_epi32(q[0], q[1]), _mm512_add_epi32(q[2], q[3]));
        corrections[b] = -128 * _mm512_reduce_add_epi32(sum);
    }
}

enum {
    /// Bytes between a load and the prefetch beside it when weights come from memory.
    far = 4096,
    /// Blocks of x handled before sums go back to memory, a multiple of a group's two: two tiles of
    /// this length and six rows of x stay in the first-level cache.
    k_blocks = 16,
    /// Rows of x that pass by one stretch of two tiles before the next pair comes.
    m_block = 192
};

INLINE __m512 half_scales(const _Float16 *scales) {
    return _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)scales));
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

/// Registers i and i + 8 of a block in 4 or 6 bits, as unsigned bytes: steps with 128 added, or
/// values with `q6_offset` added.
INLINE void two_registers(
    __m512i out[2], const uint8_t *w, const int i, const ck_quantized_format format) {
    __m512i low = _mm512_set1_epi8(15), both = _mm512_load_si512(w + i * 64);
    out[0] = _mm512_and_si512(both, low);
    out[1] = _mm512_and_si512(_mm512_srli_epi16(both, 4), low);
    if (format == CK_Q4) {
        __m512i table = step_table();
        UNROLL for (int h = 0; h < 2; h++) out[h] = _mm512_shuffle_epi8(table, out[h]);
        return;
    }
    // Bits 4 and 5 come from the quarter of the high bits these 16 values of k belong to.
    __m512i high = _mm512_load_si512(w + q4_block_bytes + i % 4 * 64), mask = _mm512_set1_epi8(0x30);
    __m512i shifted[2] = {
        i < 4 ? _mm512_slli_epi16(high, 4) : _mm512_slli_epi16(high, 2),
        i < 4 ? high : _mm512_srli_epi16(high, 2)};
    UNROLL for (int h = 0; h < 2; h++) {
        // out | (shifted & mask)
        out[h] = _mm512_ternarylogic_epi32(out[h], shifted[h], mask, 0xf8);
    }
}

/// dots[a][t] += x[a] · w[t] over the 64 values of a block.
INLINE void dots64(
    __m512i dots[12][2], const int8_t *x, size_t x_stride, const uint8_t *w, size_t w_stride,
    const ck_quantized_format format, const int rows, const int tiles) {
    if (format != CK_Q8) {
        // A second chain of sums for the other half, where few rows would wait for one another.
        const int apart = rows <= 2 && tiles == 1;
        __m512i others[2] = {_mm512_setzero_si512(), _mm512_setzero_si512()};
        UNROLL for (int i = 0; i < 8; i++) {
            __m512i w_of[2][2];
            UNROLL for (int t = 0; t < tiles; t++) {
                two_registers(w_of[t], w + (size_t)t * w_stride, i, format);
            }
            UNROLL for (int a = 0; a < rows; a++) {
                UNROLL for (int h = 0; h < 2; h++) {
                    __m512i four = four_values(x + (size_t)a * x_stride + i * 4 + h * 32);
                    if (apart && h == 1) {
                        others[a] = _mm512_dpbusd_epi32(others[a], w_of[0][h], four);
                        continue;
                    }
                    UNROLL for (int t = 0; t < tiles; t++) {
                        dots[a][t] = _mm512_dpbusd_epi32(dots[a][t], w_of[t][h], four);
                    }
                }
            }
        }
        UNROLL for (int a = 0; a < (apart ? rows : 0); a++) {
            dots[a][0] = _mm512_add_epi32(dots[a][0], others[a]);
        }
        return;
    }
    // In two turns: unrolled as one, the compiler loads ahead of need and spills sums.
    for (int half = 0; half < 2; half++, w += 512, x += 32) {
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
}

/// Rows [row, row + rows) × the 16·tiles columns from tile `first` on, blocks [b0, b1) of x.
/// `panel` holds the tiles' groups from block b0 on, which begins one. Sums that are not finished
/// wait in `kept`, [rows, 32]: rows of y itself lie so far apart that they push each other out of
/// the cache.
INLINE void block(
    const quantized_job *j, size_t row, size_t first, size_t b0, size_t b1, const uint8_t *panel,
    size_t stride, float *kept, const ck_quantized_format format, const int rows, const int tiles,
    const int prefetch) {
    const quantized_rows *x = j->x;
    const ck_quantized_product *p = &j->product;
    const size_t row_blocks = x->blocks, length = row_blocks * q_block;
    const size_t bytes = q_block_bytes(format);
    const int8_t *values = x->values + row * length;
    const float *scales = x->scales + row * row_blocks;
    const int32_t *corrections = x->corrections + row * row_blocks;
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
        const size_t odd = b % 2;
        const uint8_t *w = panel + q_scales_bytes + odd * bytes;
        const _Float16 *w_scales = (const _Float16 *)panel + odd * q_tile_rows;
        if (prefetch) {
            UNROLL for (size_t l = 0; l < bytes / 64 + 1; l++) {
                _mm_prefetch((const char *)w + prefetch + l * 64, _MM_HINT_T0);
            }
        }
        __m512i dots[12][2];
        UNROLL for (int a = 0; a < rows; a++) {
            int32_t correction = corrections[(size_t)a * row_blocks + b];
            if (format == CK_Q6) correction /= 128 / q6_offset; // without a rest
            UNROLL for (int t = 0; t < tiles; t++) dots[a][t] = _mm512_set1_epi32(correction);
        }
        dots64(dots, values + b * q_block, length, w, stride, format, rows, tiles);
        UNROLL for (int t = 0; t < tiles; t++) {
            const uint8_t *of_tile = (const uint8_t *)w_scales + (size_t)t * stride;
            __m512 scale = half_scales((const _Float16 *)of_tile);
            UNROLL for (int a = 0; a < rows; a++) {
                __m512 part = _mm512_mul_ps(_mm512_cvtepi32_ps(dots[a][t]), scale);
                __m512 unit = _mm512_set1_ps(scales[(size_t)a * row_blocks + b]);
                sums[a][t] = _mm512_fmadd_ps(part, unit, sums[a][t]);
            }
        }
        if (odd) panel += q_group_bytes(format);
    }
    if (b1 < q_blocks(j->k)) {
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

#define DEFINE(NAME, FORMAT, ROWS, TILES, PREFETCH) \
    TARGET __attribute__((noinline)) static void NAME##_##ROWS( \
        const quantized_job *j, size_t row, size_t first, size_t b0, size_t b1, \
        const uint8_t *panel, size_t stride, float *kept) { \
        block(j, row, first, b0, b1, panel, stride, kept, FORMAT, ROWS, TILES, PREFETCH); \
    }
#define DEFINE_FIVE(NAME, FORMAT, TILES, PREFETCH) \
    DEFINE(NAME, FORMAT, 2, TILES, PREFETCH) DEFINE(NAME, FORMAT, 3, TILES, PREFETCH) \
    DEFINE(NAME, FORMAT, 4, TILES, PREFETCH) DEFINE(NAME, FORMAT, 5, TILES, PREFETCH) \
    DEFINE(NAME, FORMAT, 6, TILES, PREFETCH)
#define DEFINE_SIX(NAME, FORMAT, TILES, PREFETCH) \
    DEFINE(NAME, FORMAT, 1, TILES, PREFETCH) DEFINE_FIVE(NAME, FORMAT, TILES, PREFETCH)
#define DEFINE_MORE(NAME, FORMAT, TILES, PREFETCH) \
    DEFINE_FIVE(NAME, FORMAT, TILES, PREFETCH) \
    DEFINE(NAME, FORMAT, 7, TILES, PREFETCH) DEFINE(NAME, FORMAT, 8, TILES, PREFETCH) \
    DEFINE(NAME, FORMAT, 9, TILES, PREFETCH) DEFINE(NAME, FORMAT, 10, TILES, PREFETCH) \
    DEFINE(NAME, FORMAT, 11, TILES, PREFETCH) DEFINE(NAME, FORMAT, 12, TILES, PREFETCH)
#define SIX(NAME) NAME##_1, NAME##_2, NAME##_3, NAME##_4, NAME##_5, NAME##_6
#define TWELVE(NAME) SIX(NAME), NAME##_7, NAME##_8, NAME##_9, NAME##_10, NAME##_11, NAME##_12

// One row leaves the core time to follow the hardware's own prefetch; more rows do not.
DEFINE(few8, CK_Q8, 1, 1, 0)
DEFINE(few6, CK_Q6, 1, 1, 0)
DEFINE(few4, CK_Q4, 1, 1, 0)
DEFINE_MORE(few8, CK_Q8, 1, far)
DEFINE_MORE(few6, CK_Q6, 1, far)
DEFINE_MORE(few4, CK_Q4, 1, far)
DEFINE_SIX(one8, CK_Q8, 1, 0)
DEFINE_SIX(two8, CK_Q8, 2, 0)

enum { most_few_rows = 12, many_step = 6 };

/// Few rows: every tile is read once from memory and meets all rows at once.
static void few_rows(const quantized_job *j, size_t t0, size_t t1) {
    static block_function *const by_format[][most_few_rows] = {
        [CK_Q8] = {TWELVE(few8)}, [CK_Q6] = {TWELVE(few6)}, [CK_Q4] = {TWELVE(few4)}};
    const ck_quantized_format format = j->product.format;
    const size_t bytes = q_tile_bytes(format, j->k);
    block_function *run = by_format[format][j->x->m - 1];
    for (size_t t = t0; t < t1; t++) {
        const uint8_t *tile = (const uint8_t *)j->product.packed + t * bytes;
        run(j, 0, t, 0, q_blocks(j->k), tile, 0, NULL);
    }
}

/// Groups of fewer bits to groups of 8 bits.
INLINE void widen_groups(
    uint8_t *out, const uint8_t *in, size_t groups, const ck_quantized_format format) {
    __m512i offset = _mm512_set1_epi8(format == CK_Q6 ? (char)(128 - q6_offset) : 0);
    for (size_t g = 0; g < groups; g++, in += q_group_bytes(format), out += q8_group_bytes) {
        _mm512_store_si512(out, _mm512_load_si512(in));
        for (size_t half = 0; half < 2; half++) {
            const uint8_t *from = in + q_scales_bytes + half * q_block_bytes(format);
            uint8_t *to = out + q_scales_bytes + half * q8_block_bytes;
            UNROLL for (int i = 0; i < 8; i++) {
                __m512i two[2];
                two_registers(two, from, i, format);
                _mm512_store_si512(to + i * 64, _mm512_add_epi8(two[0], offset));
                _mm512_store_si512(to + i * 64 + 512, _mm512_add_epi8(two[1], offset));
            }
        }
    }
}

TARGET static void widen(
    uint8_t *out, const uint8_t *in, size_t groups, ck_quantized_format format) {
    if (format == CK_Q6) widen_groups(out, in, groups, CK_Q6);
    else widen_groups(out, in, groups, CK_Q4);
}

/// Many rows: a stretch of two tiles stays in the first-level cache while a block of rows passes.
static void many_rows(const quantized_job *j, size_t t0, size_t t1) {
    static block_function *const by_tiles[2][many_step] = {{SIX(one8)}, {SIX(two8)}};
    const ck_quantized_format format = j->product.format;
    const size_t blocks = q_blocks(j->k), wide = k_blocks / 2 * q8_group_bytes;
    const size_t bytes = q_tile_bytes(format, j->k);
    const uint8_t *packed = j->product.packed;
    _Alignas(64) float kept[m_block * 2 * q_tile_rows];
    _Alignas(64) uint8_t widened[2 * (k_blocks / 2) * q8_group_bytes];
    for (size_t m0 = 0; m0 < j->x->m; m0 += m_block) {
        size_t m1 = m0 + m_block < j->x->m ? m0 + m_block : j->x->m;
        for (size_t t = t0; t < t1; t += 2) {
            size_t tiles = t + 1 < t1 ? 2 : 1;
            block_function *const *run = by_tiles[tiles - 1];
            for (size_t b0 = 0; b0 < blocks; b0 += k_blocks) {
                size_t b1 = b0 + k_blocks < blocks ? b0 + k_blocks : blocks, stride = bytes;
                const uint8_t *panel = packed + t * bytes + b0 / 2 * q_group_bytes(format);
                if (format != CK_Q8) {
                    for (size_t i = 0; i < tiles; i++) {
                        size_t groups = (b1 - b0 + 1) / 2;
                        widen(widened + i * wide, panel + i * bytes, groups, format);
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
