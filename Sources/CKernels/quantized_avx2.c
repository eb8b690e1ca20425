// Quantised products with AVX2: bytes are multiplied as magnitude × signed, which cannot overflow
// sixteen bits because neither side ever holds -128.
#if defined(__x86_64__)
#include "quantized.h"

#include <immintrin.h>
#include <string.h>

#define TARGET __attribute__((target("avx2,fma,f16c")))
#define INLINE static inline __attribute__((always_inline)) TARGET
#define UNROLL _Pragma("clang loop unroll(full)")

TARGET static void quantize_row(
    int8_t *values, float *scales, int32_t *corrections, const float *x, size_t k) {
    for (size_t b = 0; b < x_blocks(k); b++, values += q_block) {
        float copy[q_block] = {0};
        size_t left = b * q_block < k ? k - b * q_block : 0;
        memcpy(copy, x + b * q_block, (left < q_block ? left : q_block) * sizeof(float));
        __m256 v[8], top = _mm256_setzero_ps(), sign = _mm256_set1_ps(-0.0f);
        UNROLL for (int i = 0; i < 8; i++) {
            v[i] = _mm256_loadu_ps(copy + i * 8);
            top = _mm256_max_ps(top, _mm256_andnot_ps(sign, v[i]));
        }
        float lanes[8], largest = 0;
        _mm256_storeu_ps(lanes, top);
        for (int i = 0; i < 8; i++) largest = lanes[i] > largest ? lanes[i] : largest;
        float inverse = largest > 1e-30f ? 127 / largest : 0;
        scales[b] = inverse > 0 ? largest / 127 : 0;
        int32_t sum = 0;
        UNROLL for (int i = 0; i < 8; i++) {
            __m256i q = _mm256_cvtps_epi32(_mm256_mul_ps(v[i], _mm256_set1_ps(inverse)));
            int32_t integers[8];
            _mm256_storeu_si256((__m256i *)integers, q);
            for (int l = 0; l < 8; l++) {
                values[i * 8 + l] = (int8_t)integers[l];
                sum += integers[l];
            }
        }
        corrections[b] = -128 * sum;
    }
}

INLINE __m256i four_values(const int8_t *x) {
    int32_t four;
    memcpy(&four, x, 4);
    return _mm256_set1_epi32(four);
}

/// sums + w · x for four values of k in eight rows; w is signed.
INLINE __m256i dot4(__m256i sums, __m256i w, __m256i x) {
    __m256i pairs = _mm256_maddubs_epi16(_mm256_abs_epi8(w), _mm256_sign_epi8(x, w));
    return _mm256_add_epi32(sums, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
}

/// Eight rows of a tile (half t) at values of k 4·i ..< 4·i + 4, and in fewer than 8 bits the same
/// 32 further on; signed.
INLINE void signed_values(
    __m256i out[2], const uint8_t *w, const int i, const int t, const ck_quantized_format format) {
    __m256i low = _mm256_set1_epi8(15);
    __m256i bytes = _mm256_load_si256((const __m256i *)(w + i * 64 + t * 32));
    if (format == CK_Q8) {
        out[0] = _mm256_xor_si256(bytes, _mm256_set1_epi8((char)0x80));
        return;
    }
    out[0] = _mm256_and_si256(bytes, low);
    out[1] = _mm256_and_si256(_mm256_srli_epi16(bytes, 4), low);
    if (format == CK_Q4) {
        __m128i steps = _mm_loadu_si128((const __m128i *)q4_values);
        __m256i table = _mm256_broadcastsi128_si256(steps);
        UNROLL for (int h = 0; h < 2; h++) out[h] = _mm256_shuffle_epi8(table, out[h]);
        return;
    }
    __m256i mask = _mm256_set1_epi8(0x30), offset = _mm256_set1_epi8(q6_offset);
    bytes = _mm256_load_si256((const __m256i *)(w + q4_block_bytes + i % 4 * 64 + t * 32));
    __m256i shifted[2] = {
        i < 4 ? _mm256_slli_epi16(bytes, 4) : _mm256_slli_epi16(bytes, 2),
        i < 4 ? bytes : _mm256_srli_epi16(bytes, 2)};
    UNROLL for (int h = 0; h < 2; h++) {
        out[h] = _mm256_or_si256(out[h], _mm256_and_si256(shifted[h], mask));
        out[h] = _mm256_sub_epi8(out[h], offset);
    }
}

/// dots[a][·] of `rows` rows of x with 16 columns over the 64 values of a block.
INLINE void dots64(
    __m256i dots[4][2], const int8_t *x, size_t x_stride, const uint8_t *w,
    const ck_quantized_format format, const int rows) {
    UNROLL for (int i = 0; i < (format == CK_Q8 ? 16 : 8); i++) {
        UNROLL for (int t = 0; t < 2; t++) {
            __m256i values[2];
            signed_values(values, w, i, t, format);
            UNROLL for (int a = 0; a < rows; a++) {
                const int8_t *from = x + (size_t)a * x_stride + i * 4;
                dots[a][t] = dot4(dots[a][t], values[0], four_values(from));
                if (format == CK_Q8) continue;
                dots[a][t] = dot4(dots[a][t], values[1], four_values(from + 32));
            }
        }
    }
}

INLINE void block(
    const quantized_job *j, size_t row, size_t tile, const ck_quantized_format format,
    const int rows) {
    const quantized_rows *x = j->x;
    const ck_quantized_product *p = &j->product;
    const size_t length = x->blocks * q_block;
    const uint8_t *of_tile = (const uint8_t *)p->packed + tile * q_tile_bytes(format, j->k);
    __m256 sums[4][2];
    UNROLL for (int a = 0; a < rows; a++) sums[a][0] = sums[a][1] = _mm256_setzero_ps();
    for (size_t b = 0; b < q_blocks(j->k); b++) {
        q_panel panel = q_block_at(of_tile, format, b);
        __m256i dots[4][2];
        UNROLL for (int a = 0; a < rows; a++) dots[a][0] = dots[a][1] = _mm256_setzero_si256();
        dots64(dots, x->values + row * length + b * q_block, length, panel.values, format, rows);
        UNROLL for (int t = 0; t < 2; t++) {
            __m256 scale = _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)panel.scales + t));
            UNROLL for (int a = 0; a < rows; a++) {
                __m256 part = _mm256_mul_ps(_mm256_cvtepi32_ps(dots[a][t]), scale);
                __m256 unit = _mm256_set1_ps(x->scales[(row + (size_t)a) * x->blocks + b]);
                sums[a][t] = _mm256_fmadd_ps(part, unit, sums[a][t]);
            }
        }
    }
    size_t column = tile * q_tile_rows;
    UNROLL for (int a = 0; a < rows; a++) {
        float out[q_tile_rows];
        _mm256_storeu_ps(out, sums[a][0]);
        _mm256_storeu_ps(out + 8, sums[a][1]);
        float *y = p->y + (row + (size_t)a) * p->n + column;
        for (size_t r = 0; r < q_tile_rows && column + r < p->n; r++) {
            y[r] = out[r] + (p->bias ? p->bias[column + r] : 0);
        }
    }
}

INLINE void tiles(
    const quantized_job *j, size_t t0, size_t t1, const ck_quantized_format format) {
    for (size_t t = t0; t < t1; t++) {
        size_t row = 0, m = j->x->m;
        for (; row + 4 <= m; row += 4) block(j, row, t, format, 4);
        for (; row < m; row++) block(j, row, t, format, 1);
    }
}

TARGET static void multiply(const quantized_job *j, size_t t0, size_t t1) {
    switch (j->product.format) {
    case CK_Q8: return tiles(j, t0, t1, CK_Q8);
    case CK_Q6: return tiles(j, t0, t1, CK_Q6);
    case CK_Q4: return tiles(j, t0, t1, CK_Q4);
    }
}

const quantized_table quantized_avx2 = {quantize_row, multiply};
#endif
