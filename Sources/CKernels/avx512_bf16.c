// Products with the bfloat16 dot instruction: two multiply-adds per lane, sums in float.
#if defined(__x86_64__)
#include "kernel_table.h"

#include <immintrin.h>

#define TARGET __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512bf16")))
#define INLINE static inline __attribute__((always_inline)) TARGET
#define UNROLL _Pragma("clang loop unroll(full)")

TARGET void round_to_bf16_avx512(uint16_t *out, const float *x, size_t count) {
    size_t i = 0;
    for (; i + 16 <= count; i += 16) {
        __m256bh rounded = _mm512_cvtneps_pbh(_mm512_loadu_ps(x + i));
        _mm256_storeu_si256((__m256i *)(out + i), (__m256i)rounded);
    }
    for (; i < count; i++) out[i] = bf16_from_float(x[i]);
}

/// Longest stretch of k handled before sums go back to memory: 6 weight rows and 4 rows of x of
/// this length fit the first-level cache together.
enum { k_block = 1536, tile_rows = 4, tile_columns = 6, m_block = 96 };

/// y (+)= x · wᵀ for rows × columns, k values; `first` starts the sums at the bias.
INLINE void tile(
    float *y, size_t ldy, const uint16_t *x, size_t ldx, const uint16_t *w, size_t ldw,
    const float *bias, size_t k, int first, const int rows, const int columns) {
    __m512 sums[tile_rows][tile_columns];
    UNROLL for (int a = 0; a < rows; a++) {
        UNROLL for (int b = 0; b < columns; b++) sums[a][b] = _mm512_setzero_ps();
    }
    size_t i = 0;
    for (; i + 32 <= k; i += 32) {
        __m512bh left[tile_rows];
        UNROLL for (int a = 0; a < rows; a++) {
            left[a] = (__m512bh)_mm512_loadu_si512(x + a * ldx + i);
        }
        UNROLL for (int b = 0; b < columns; b++) {
            __m512bh right = (__m512bh)_mm512_loadu_si512(w + b * ldw + i);
            UNROLL for (int a = 0; a < rows; a++) {
                sums[a][b] = _mm512_dpbf16_ps(sums[a][b], left[a], right);
            }
        }
    }
    if (i < k) {
        __mmask32 mask = (__mmask32)((1ull << (k - i)) - 1);
        __m512bh left[tile_rows];
        UNROLL for (int a = 0; a < rows; a++) {
            left[a] = (__m512bh)_mm512_maskz_loadu_epi16(mask, x + a * ldx + i);
        }
        UNROLL for (int b = 0; b < columns; b++) {
            __m512bh right = (__m512bh)_mm512_maskz_loadu_epi16(mask, w + b * ldw + i);
            UNROLL for (int a = 0; a < rows; a++) {
                sums[a][b] = _mm512_dpbf16_ps(sums[a][b], left[a], right);
            }
        }
    }
    UNROLL for (int a = 0; a < rows; a++) {
        UNROLL for (int b = 0; b < columns; b++) {
            float start = first ? (bias ? bias[b] : 0) : y[a * ldy + b];
            y[a * ldy + b] = start + _mm512_reduce_add_ps(sums[a][b]);
        }
    }
}

TARGET static void columns_block(
    float *y, size_t ldy, const uint16_t *x, size_t ldx, const uint16_t *w, size_t ldw,
    const float *bias, size_t m, size_t columns, size_t k, int first) {
    size_t a = 0;
    if (columns == tile_columns) {
        for (; a + tile_rows <= m; a += tile_rows) {
            tile(y + a * ldy, ldy, x + a * ldx, ldx, w, ldw, bias, k, first, tile_rows,
                 tile_columns);
        }
        for (; a < m; a++) {
            tile(y + a * ldy, ldy, x + a * ldx, ldx, w, ldw, bias, k, first, 1, tile_columns);
        }
        return;
    }
    for (; a < m; a++) {
        for (size_t b = 0; b < columns; b++) {
            tile(y + a * ldy + b, ldy, x + a * ldx, ldx, w + b * ldw, ldw, bias ? bias + b : bias,
                 k, first, 1, 1);
        }
    }
}

/// Few rows: the weights are read once from memory, so each stays with its neighbours and all of k
/// is done before the next. The sums run as in the blocked order below, to the last bit.
TARGET static void few_rows(
    float *y, const uint16_t *x, const uint16_t *w, const float *bias, size_t n, size_t k,
    size_t ldx, size_t m, size_t n0, size_t n1) {
    for (size_t c = n0; c < n1; c += tile_columns) {
        size_t columns = n1 - c < tile_columns ? n1 - c : tile_columns;
        for (size_t k0 = 0; k0 < k; k0 += k_block) {
            size_t kn = k - k0 < k_block ? k - k0 : k_block;
            const uint16_t *next = w + (c + tile_columns) * k + k0;
            for (size_t b = 0; b < columns && c + tile_columns + b < n1; b++) {
                for (size_t i = 0; i < kn; i += 32) {
                    _mm_prefetch((const char *)(next + b * k + i), _MM_HINT_T1);
                }
            }
            columns_block(
                y + c, n, x + k0, ldx, w + c * k + k0, k, bias ? bias + c : bias, m, columns, kn,
                k0 == 0);
        }
    }
}

/// One row: all that counts is how fast the weights come from memory, and they come fastest in the
/// order they lie there, asked for a little ahead. The sums run as above, to the last bit.
TARGET static void single_row(
    float *y, const uint16_t *x, const uint16_t *w, const float *bias, size_t k, size_t n0,
    size_t n1) {
    enum { ahead = 1024 };
    for (size_t c = n0; c < n1; c++) {
        for (size_t k0 = 0; k0 < k; k0 += k_block) {
            size_t kn = k - k0 < k_block ? k - k0 : k_block;
            const uint16_t *part = w + c * k + k0;
            // Beyond the last row this asks for what follows in the file, or for nothing.
            for (size_t i = 0; i < kn; i += 32) {
                _mm_prefetch((const char *)(part + i + ahead), _MM_HINT_T0);
            }
            tile(y + c, 0, x + k0, 0, part, k, bias ? bias + c : bias, kn, k0 == 0, 1, 1);
        }
    }
}

TARGET void linear_bf16_avx512(
    float *y, const uint16_t *x, const uint16_t *w, const float *bias, size_t n, size_t k,
    size_t ldx, size_t m0, size_t m1, size_t n0, size_t n1) {
    if (m1 - m0 == 1) {
        single_row(y + m0 * n, x + m0 * ldx, w, bias, k, n0, n1);
        return;
    }
    if (m1 - m0 <= 2 * tile_rows) {
        few_rows(y + m0 * n, x + m0 * ldx, w, bias, n, k, ldx, m1 - m0, n0, n1);
        return;
    }
    for (size_t k0 = 0; k0 < k; k0 += k_block) {
        size_t kn = k - k0 < k_block ? k - k0 : k_block;
        for (size_t mb = m0; mb < m1; mb += m_block) {
            size_t mn = m1 - mb < m_block ? m1 - mb : m_block;
            for (size_t c = n0; c < n1; c += tile_columns) {
                size_t columns = n1 - c < tile_columns ? n1 - c : tile_columns;
                columns_block(
                    y + mb * n + c, n, x + mb * ldx + k0, ldx, w + c * k + k0, k,
                    bias ? bias + c : bias, mn, columns, kn, k0 == 0);
            }
        }
    }
}
#endif
