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
    for (size_t b = 0; b < x_blocks(k); b++, values += x_block, corrections += 4) {
        float copy[x_block] = {0};
        size_t left = b * x_block < k ? k - b * x_block : 0;
        memcpy(copy, x + b * x_block, (left < x_block ? left : x_block) * sizeof(float));
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
        int32_t sums[2] = {0, 0};
        UNROLL for (int i = 0; i < 8; i++) {
            __m256i q = _mm256_cvtps_epi32(_mm256_mul_ps(v[i], _mm256_set1_ps(inverse)));
            int32_t integers[8];
            _mm256_storeu_si256((__m256i *)integers, q);
            for (int l = 0; l < 8; l++) {
                values[i * 8 + l] = (int8_t)integers[l];
                sums[i / 4] += integers[l];
            }
        }
        corrections[0] = -128 * sums[0];
        corrections[1] = -128 * sums[1];
        corrections[2] = -128 * (sums[0] + sums[1]);
        corrections[3] = 0;
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

/// dots[a][·] of `rows` rows of x with 16 columns over 32 values of k.
INLINE void dots32(
    __m256i dots[4][2], const int8_t *x, size_t x_stride, const uint8_t *w, const int four_bits,
    const int rows) {
    __m256i steps = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)q4_values));
    __m256i low = _mm256_set1_epi8(15), flip = _mm256_set1_epi8((char)0x80);
    UNROLL for (int i = 0; i < (four_bits ? 4 : 8); i++) {
        UNROLL for (int t = 0; t < 2; t++) {
            __m256i bytes = _mm256_load_si256((const __m256i *)(w + i * 64 + t * 32));
            __m256i first, second = bytes;
            if (four_bits) {
                first = _mm256_shuffle_epi8(steps, _mm256_and_si256(bytes, low));
                bytes = _mm256_and_si256(_mm256_srli_epi16(bytes, 4), low);
                second = _mm256_shuffle_epi8(steps, bytes);
            } else {
                first = _mm256_xor_si256(bytes, flip);
            }
            UNROLL for (int a = 0; a < rows; a++) {
                const int8_t *from = x + (size_t)a * x_stride + i * 4;
                dots[a][t] = dot4(dots[a][t], first, four_values(from));
                if (four_bits) dots[a][t] = dot4(dots[a][t], second, four_values(from + 16));
            }
        }
    }
}

INLINE void block(
    const quantized_job *j, size_t row, size_t tile, const int four_bits, const int rows) {
    const quantized_rows *x = j->x;
    const ck_quantized_product *p = &j->product;
    const size_t length = x->blocks * x_block;
    const uint8_t *panel = (const uint8_t *)p->packed + tile * q_tile_bytes(p->format, j->k);
    __m256 sums[4][2];
    UNROLL for (int a = 0; a < rows; a++) sums[a][0] = sums[a][1] = _mm256_setzero_ps();
    for (size_t b = 0; b < (j->k + x_block - 1) / x_block; b++) {
        const uint8_t *group =
            panel + (four_bits ? b * q4_group_bytes : b / 2 * (size_t)q8_group_bytes);
        const uint8_t *w = group + q_scales_bytes + (four_bits ? 0 : b % 2 * 1024);
        UNROLL for (int half = 0; half < (four_bits ? 2 : 1); half++) {
            __m256i dots[4][2];
            UNROLL for (int a = 0; a < rows; a++) dots[a][0] = dots[a][1] = _mm256_setzero_si256();
            const int8_t *from = x->values + row * length + b * x_block + half * 32;
            dots32(dots, from, length, w + half * 256, four_bits, rows);
            if (!four_bits) dots32(dots, from + 32, length, w + 512, 0, rows);
            size_t which = four_bits ? (size_t)half : b % 2;
            UNROLL for (int t = 0; t < 2; t++) {
                const __m128i *at = (const __m128i *)(group + which * 32 + (size_t)t * 16);
                __m256 scale = _mm256_cvtph_ps(_mm_loadu_si128(at));
                UNROLL for (int a = 0; a < rows; a++) {
                    __m256 part = _mm256_mul_ps(_mm256_cvtepi32_ps(dots[a][t]), scale);
                    __m256 unit = _mm256_set1_ps(x->scales[(row + (size_t)a) * x->blocks + b]);
                    sums[a][t] = _mm256_fmadd_ps(part, unit, sums[a][t]);
                }
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

INLINE void tiles(const quantized_job *j, size_t t0, size_t t1, const int four_bits) {
    for (size_t t = t0; t < t1; t++) {
        size_t row = 0, m = j->x->m;
        for (; row + 4 <= m; row += 4) block(j, row, t, four_bits, 4);
        for (; row < m; row++) block(j, row, t, four_bits, 1);
    }
}

TARGET static void multiply(const quantized_job *j, size_t t0, size_t t1) {
    if (j->product.format == CK_Q8) tiles(j, t0, t1, 0); else tiles(j, t0, t1, 1);
}

const quantized_table quantized_avx2 = {quantize_row, multiply};
#endif
