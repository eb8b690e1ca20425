// Products of two sides rounded to bfloat16, with the dot instruction that takes pairs of them.
//
// A strip of b, 256 × 64 values, is turned into pairs of neighbouring rows (t, t + 1) for each of
// its 64 columns and stays in the first-level cache while all rows of a pass by.
#if defined(__x86_64__)
#include "kernel_table.h"
#include "quantized.h"
#include "rounded.h"

#include <immintrin.h>
#include <string.h>

#define TARGET __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512bf16,avx2,fma,f16c")))
#define INLINE static inline __attribute__((always_inline)) TARGET
#define UNROLL _Pragma("clang loop unroll(full)")

enum { vectors = rounded_columns / 16, pair_words = 2 * rounded_columns };

// ---- strips of b: panel[t / 2][column][2]

/// z[i] holds eight pairs (t, t + 1) … (t + 14, t + 15) of column 2i, then those of column 2i + 1.
/// Writes them as eight rows of 16 columns, `pair_words` apart.
INLINE void turn_pairs(uint16_t *out, const __m512i z[8]) {
    const __m512i low = _mm512_setr_epi32(0, 8, 16, 24, 1, 9, 17, 25, 2, 10, 18, 26, 3, 11, 19, 27);
    const __m512i high = _mm512_add_epi32(low, _mm512_set1_epi32(4));
    UNROLL for (int half = 0; half < 2; half++) {
        __m512i four[4];
        UNROLL for (int i = 0; i < 4; i++) {
            four[i] = _mm512_permutex2var_epi32(z[2 * i], half ? high : low, z[2 * i + 1]);
        }
        // Lane l of four[i] holds columns 4i … 4i + 3 of pair l: a 4 × 4 transposition of lanes.
        __m512i a = _mm512_shuffle_i32x4(four[0], four[1], 0x44);
        __m512i b = _mm512_shuffle_i32x4(four[2], four[3], 0x44);
        __m512i c = _mm512_shuffle_i32x4(four[0], four[1], 0xee);
        __m512i d = _mm512_shuffle_i32x4(four[2], four[3], 0xee);
        uint16_t *to = out + (size_t)half * 4 * pair_words;
        _mm512_store_si512(to, _mm512_shuffle_i32x4(a, b, 0x88));
        _mm512_store_si512(to + pair_words, _mm512_shuffle_i32x4(a, b, 0xdd));
        _mm512_store_si512(to + 2 * pair_words, _mm512_shuffle_i32x4(c, d, 0x88));
        _mm512_store_si512(to + 3 * pair_words, _mm512_shuffle_i32x4(c, d, 0xdd));
    }
}

/// Two columns, 16 rows each, rounded.
INLINE __m512i round_two(__m512 first, __m512 second) {
    return (__m512i)_mm512_cvtne2ps_pbh(second, first);
}

/// 16 rows × 64 columns of a tile, one block of packed values.
INLINE void strip_packed(uint16_t *out, q_panel panel, const ck_quantized_format format) {
    const __m512 scale = _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)panel.scales));
    const float added = format == CK_Q8 ? 128 : q6_offset;
    const __m512 shift = _mm512_mul_ps(scale, _mm512_set1_ps(-added));
    const __m512 steps = _mm512_cvtepi32_ps(
        _mm512_cvtepi8_epi32(_mm_loadu_si128((const __m128i *)q4_values)));
    const __m512i byte = _mm512_set1_epi32(255), four = _mm512_set1_epi32(15);
    const __m512i high = _mm512_set1_epi32(48);
    UNROLL for (int part = 0; part < 4; part++, out += 32) {
        // Bytes hold one value of 8 bits, or the low four bits of two that are 32 columns apart.
        const uint8_t *values = panel.values + (format == CK_Q8 ? part : part % 2) * 256;
        __m512i z[8];
        UNROLL for (int i = 0; i < 4; i++) {
            __m512i v = _mm512_loadu_si512(values + i * 64), top = v;
            if (format == CK_Q6) top = _mm512_loadu_si512(panel.values + q4_block_bytes + i * 64);
            __m512 f[4];
            UNROLL for (int j = 0; j < 4; j++) {
                if (format == CK_Q8) {
                    __m512i wide = _mm512_and_si512(_mm512_srli_epi32(v, 8 * j), byte);
                    f[j] = _mm512_fmadd_ps(_mm512_cvtepi32_ps(wide), scale, shift);
                    continue;
                }
                __m512i low = _mm512_srli_epi32(v, 8 * j + part / 2 * 4);
                if (format == CK_Q4) {
                    // The permutation reads the lowest four bits of an index only.
                    f[j] = _mm512_mul_ps(_mm512_permutexvar_ps(low, steps), scale);
                    continue;
                }
                // Bits 2·part and 2·part + 1 of byte j, to places 4 and 5.
                int from = 8 * j + 2 * part;
                __m512i upper = from >= 4 ? _mm512_srli_epi32(top, (unsigned)(from - 4))
                                          : _mm512_slli_epi32(top, (unsigned)(4 - from));
                __m512i bits = _mm512_or_si512(
                    _mm512_and_si512(low, four), _mm512_and_si512(upper, high));
                f[j] = _mm512_fmadd_ps(_mm512_cvtepi32_ps(bits), scale, shift);
            }
            z[2 * i] = round_two(f[0], f[1]);
            z[2 * i + 1] = round_two(f[2], f[3]);
        }
        turn_pairs(out, z);
    }
}

/// Two rows of 64 bfloat16 side by side; `second` may be missing.
INLINE void strip_bf16(uint16_t *out, const uint16_t *b, size_t ldb, bool second, size_t columns) {
    const __m512i low = _mm512_set_epi16(
        47, 15, 46, 14, 45, 13, 44, 12, 43, 11, 42, 10, 41, 9, 40, 8, 39, 7, 38, 6, 37, 5, 36, 4,
        35, 3, 34, 2, 33, 1, 32, 0);
    const __m512i high = _mm512_add_epi16(low, _mm512_set1_epi16(16));
    for (size_t j = 0; j < rounded_columns; j += 32, out += 64) {
        size_t left = columns > j ? columns - j : 0;
        __mmask32 mask = left >= 32 ? ~0u : (1u << left) - 1;
        __m512i x = _mm512_maskz_loadu_epi16(mask, b + j), y = _mm512_setzero_si512();
        if (second) y = _mm512_maskz_loadu_epi16(mask, b + ldb + j);
        _mm512_store_si512(out, _mm512_permutex2var_epi16(x, low, y));
        _mm512_store_si512(out + 32, _mm512_permutex2var_epi16(x, high, y));
    }
}

INLINE void strip_f32(uint16_t *out, const float *b, size_t ldb, bool second, size_t columns) {
    const __m512i weave = _mm512_set_epi16(
        31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8, 23, 7, 22, 6, 21, 5, 20, 4,
        19, 3, 18, 2, 17, 1, 16, 0);
    UNROLL for (size_t j = 0; j < rounded_columns; j += 16, out += 32) {
        size_t left = columns > j ? columns - j : 0;
        __mmask16 mask = left >= 16 ? 0xffff : (__mmask16)((1u << left) - 1);
        __m512 x = _mm512_maskz_loadu_ps(mask, b + j), y = _mm512_setzero_ps();
        if (second) y = _mm512_maskz_loadu_ps(mask, b + ldb + j);
        _mm512_store_si512(out, _mm512_permutexvar_epi16(weave, round_two(x, y)));
    }
}

/// 16 rows × 64 columns where neighbours in a row of b lie `ldb` apart.
INLINE void strip_turned(uint16_t *out, const float *b, size_t ldb, size_t rows, size_t columns) {
    __mmask16 mask = rows >= 16 ? 0xffff : (__mmask16)((1u << rows) - 1);
    for (size_t part = 0; part < rounded_columns; part += 16, out += 32) {
        __m512i z[8];
        UNROLL for (size_t i = 0; i < 8; i++) {
            size_t j = part + 2 * i;
            __m512 x = _mm512_setzero_ps(), y = x;
            if (j < columns) x = _mm512_maskz_loadu_ps(mask, b + j * ldb);
            if (j + 1 < columns) y = _mm512_maskz_loadu_ps(mask, b + (j + 1) * ldb);
            z[i] = round_two(x, y);
        }
        turn_pairs(out, z);
    }
}

/// Rows [k0, k1) of the strip from column n0 on, padded with zeros to a multiple of 16 rows.
TARGET static void fill(const rounded_job *j, uint16_t *panel, size_t k0, size_t k1, size_t n0) {
    size_t columns = j->n - n0 < rounded_columns ? j->n - n0 : rounded_columns;
    for (size_t t = k0; t < k1; t += 16, panel += 8 * pair_words) {
        size_t rows = k1 - t < 16 ? k1 - t : 16;
        switch (j->source) {
        case ROUNDED_PACKED: {
            const uint8_t *tile = (const uint8_t *)j->b + t / 16 * q_tile_bytes(j->format, j->n);
            q_panel from = q_block_at(tile, j->format, n0 / q_block);
            if (j->format == CK_Q8) strip_packed(panel, from, CK_Q8);
            else if (j->format == CK_Q6) strip_packed(panel, from, CK_Q6);
            else strip_packed(panel, from, CK_Q4);
            break;
        }
        case ROUNDED_F32_TURNED:
            strip_turned(panel, (const float *)j->b + n0 * j->ldb + t, j->ldb, rows, columns);
            break;
        default:
            for (size_t r = 0; r < 16; r += 2) {
                uint16_t *to = panel + r / 2 * pair_words;
                size_t at = (t + r) * j->ldb + n0;
                if (r >= rows) {
                    memset(to, 0, pair_words * sizeof(uint16_t));
                } else if (j->source == ROUNDED_BF16) {
                    strip_bf16(to, (const uint16_t *)j->b + at, j->ldb, r + 1 < rows, columns);
                } else {
                    strip_f32(to, (const float *)j->b + at, j->ldb, r + 1 < rows, columns);
                }
            }
        }
    }
}

// ---- the product

/// Six rows × 64 columns of sums, over `pairs` pairs.
TARGET static void tile(
    float *sums, const uint16_t *a, size_t lda, const uint16_t *panel, size_t pairs, bool first,
    const uint16_t *next) {
    __m512 s[rounded_rows][vectors];
    UNROLL for (int i = 0; i < rounded_rows; i++) {
        UNROLL for (int v = 0; v < vectors; v++) {
            s[i][v] = first ? _mm512_setzero_ps()
                            : _mm512_load_ps(sums + i * rounded_columns + v * 16);
        }
    }
    for (size_t p0 = 0; p0 < pairs; p0 += 8) {
        // The next six rows, of which 32 bytes each are needed per eight pairs.
        UNROLL for (int i = 0; i < rounded_rows; i++) {
            _mm_prefetch((const char *)(next + (size_t)i * lda + 2 * p0), _MM_HINT_T0);
        }
        UNROLL for (size_t p = 0; p < 8; p++) {
            __m512bh right[vectors];
            UNROLL for (int v = 0; v < vectors; v++) {
                right[v] = (__m512bh)_mm512_load_si512(panel + (p0 + p) * pair_words + v * 32);
            }
            UNROLL for (int i = 0; i < rounded_rows; i++) {
                int both;
                memcpy(&both, a + (size_t)i * lda + 2 * (p0 + p), sizeof both);
                __m512bh left = (__m512bh)_mm512_set1_epi32(both);
                UNROLL for (int v = 0; v < vectors; v++) {
                    s[i][v] = _mm512_dpbf16_ps(s[i][v], left, right[v]);
                }
            }
        }
    }
    UNROLL for (int i = 0; i < rounded_rows; i++) {
        UNROLL for (int v = 0; v < vectors; v++) {
            _mm512_store_ps(sums + i * rounded_columns + v * 16, s[i][v]);
        }
    }
}

TARGET static void write_out(
    const rounded_job *j, const float *sums, size_t m0, size_t m1, size_t n0) {
    size_t columns = j->n - n0 < rounded_columns ? j->n - n0 : rounded_columns;
    for (size_t i = m0; i < m1; i++, sums += rounded_columns) {
        float *c = j->c + i * j->c_row + n0 * j->c_step;
        if (j->c_step != 1) {
            for (size_t v = 0; v < columns; v++) {
                c[v * j->c_step] = sums[v] + (j->accumulate ? c[v * j->c_step] : 0);
            }
            continue;
        }
        for (size_t v = 0; v < columns; v += 16) {
            size_t left = columns - v;
            __mmask16 mask = left >= 16 ? 0xffff : (__mmask16)((1u << left) - 1);
            __m512 x = _mm512_load_ps(sums + v);
            if (j->accumulate) x = _mm512_add_ps(x, _mm512_maskz_loadu_ps(mask, c + v));
            _mm512_mask_storeu_ps(c + v, mask, x);
        }
    }
}

TARGET void rounded_piece_avx512(
    const rounded_job *j, size_t m0, size_t m1, size_t n0, float *sums) {
    _Alignas(64) uint16_t panel[rounded_depth * rounded_columns];
    for (size_t k0 = 0; k0 < j->k; k0 += rounded_depth) {
        size_t k1 = j->k - k0 < rounded_depth ? j->k : k0 + rounded_depth;
        size_t pairs = (k1 - k0 + rounded_step - 1) / rounded_step * (rounded_step / 2);
        fill(j, panel, k0, k1, n0);
        for (size_t i = m0; i < m1; i += rounded_rows) {
            const uint16_t *a = j->a + i * j->lda + k0;
            const uint16_t *next = i + rounded_rows < m1 ? a + rounded_rows * j->lda : a;
            tile(sums + (i - m0) * rounded_columns, a, j->lda, panel, pairs, k0 == 0, next);
        }
    }
    write_out(j, sums, m0, m1, n0);
}

// ---- the left side

TARGET void round_rows_avx512(
    uint16_t *out, size_t lda, const float *a, size_t a_row, size_t a_step, size_t m, size_t k,
    size_t begin, size_t end) {
    size_t padded = (k + rounded_step - 1) / rounded_step * rounded_step;
    for (size_t i = begin; i < end; i++) {
        uint16_t *to = out + i * lda;
        if (i >= m) {
            memset(to, 0, padded * sizeof *to);
            continue;
        }
        if (a_step == 1) {
            round_to_bf16_avx512(to, a + i * a_row, k);
        } else {
            for (size_t t = 0; t < k; t++) to[t] = bf16_from_float(a[i * a_row + t * a_step]);
        }
        memset(to + k, 0, (padded - k) * sizeof *to);
    }
}
#endif
