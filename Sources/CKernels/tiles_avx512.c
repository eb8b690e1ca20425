// Products with tiles, with the AVX-512 dot product of bytes (VNNI).
#if defined(__x86_64__)
#include "tiles.h"

#include <immintrin.h>

#define TARGET __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma,f16c")))
#define INLINE static inline __attribute__((always_inline)) TARGET
#define UNROLL _Pragma("clang loop unroll(full)")

TARGET static void quantize_row(
    int8_t *values, float *scales, int32_t *sums, const float *x, size_t blocks) {
    for (size_t b = 0; b < blocks; b++, values += tile_block, x += tile_block, sums += 2) {
        __m512 v[2] = {_mm512_loadu_ps(x), _mm512_loadu_ps(x + 16)};
        __m512 top = _mm512_max_ps(_mm512_abs_ps(v[0]), _mm512_abs_ps(v[1]));
        float largest = _mm512_reduce_max_ps(top);
        float inverse = largest > 1e-30f ? 127 / largest : 0;
        scales[b] = inverse > 0 ? largest / 127 : 0;
        UNROLL for (int h = 0; h < 2; h++) {
            __m512i q = _mm512_cvtps_epi32(_mm512_mul_ps(v[h], _mm512_set1_ps(inverse)));
            _mm_storeu_si128((__m128i *)(values + h * 16), _mm512_cvtepi32_epi8(q));
            sums[h] = _mm512_reduce_add_epi32(q);
        }
    }
}

enum {
    /// Bytes between a load and the prefetch beside it when weights come from memory.
    far = 4096,
    /// Blocks of x handled before sums go back to memory, a multiple of every group: two tiles of
    /// this length and six rows of x stay in the first-level cache.
    k_blocks = 16,
    /// Rows of x that pass by one stretch of two tiles before the next pair comes.
    m_block = 192,
    most_few_rows = 8,
    many_step = 6
};

INLINE __m512i four_values(const int8_t *x) {
    int32_t four;
    memcpy(&four, x, 4);
    return _mm512_set1_epi32(four);
}

INLINE __m512 halves_at(const uint8_t *p) {
    return _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)p));
}

/// Registers i and i + 4 of a block, unsigned.
INLINE void two_registers(__m512i out[2], const uint8_t *w, const int i, const ck_dtype dtype) {
    if (dtype == CK_GGUF_Q8_0) {
        out[0] = _mm512_load_si512(w + i * 64);
        out[1] = _mm512_load_si512(w + (i + 4) * 64);
        return;
    }
    const __m512i low = _mm512_set1_epi8(15), both = _mm512_load_si512(w + i * 64);
    out[0] = _mm512_and_si512(both, low);
    out[1] = _mm512_and_si512(_mm512_srli_epi16(both, 4), low);
    const size_t more = tile_block_bytes(dtype) - tile_low_bytes;
    if (more == 0) return;
    const int step = more == 64 ? 1 : 2;
    const __m512i mask = _mm512_set1_epi8(step == 1 ? 0x10 : 0x30);
    const __m512i high =
        _mm512_load_si512(w + tile_low_bytes + (step == 1 ? 0 : i % 2 * 64));
    UNROLL for (int h = 0; h < 2; h++) {
        // Where the upper bits of register i + 4·h lie in their byte; they are wanted at bit 4.
        const int from = step == 1 ? i + 4 * h : (i + 4 * h) / 2 * 2;
        __m512i moved = from <= 4 ? _mm512_slli_epi16(high, (unsigned)(from <= 4 ? 4 - from : 0))
                                  : _mm512_srli_epi16(high, (unsigned)(from > 4 ? from - 4 : 0));
        // out | (moved & mask)
        out[h] = _mm512_ternarylogic_epi32(out[h], moved, mask, 0xf8);
    }
}

/// Scales of both halves of a block and its minimum, 16 rows each.
typedef struct {
    __m512 scale[2], minimum;
} block_scales;

/// What a whole group shares.
INLINE block_scales group_scales(const uint8_t *group, const ck_dtype dtype) {
    block_scales s = {{_mm512_setzero_ps(), _mm512_setzero_ps()}, _mm512_setzero_ps()};
    if (tile_group_blocks(dtype) == 2) return s;
    s.scale[0] = halves_at(group);
    if (tile_has_minimum(dtype)) s.minimum = halves_at(group + 32);
    return s;
}

/// Block b of a group.
INLINE block_scales scales_at(
    const uint8_t *group, const block_scales of_group, size_t b, const ck_dtype dtype) {
    block_scales s;
    s.minimum = _mm512_setzero_ps();
    if (tile_group_blocks(dtype) == 2) {
        s.scale[0] = s.scale[1] = halves_at(group + b * 32);
        if (tile_has_minimum(dtype)) {
            s.minimum = _mm512_sub_ps(_mm512_setzero_ps(), halves_at(group + 64 + b * 32));
        }
        return s;
    }
    const __m128i *bytes = (const __m128i *)(group + 64);
    if (dtype == CK_GGUF_Q6_K) {
        UNROLL for (size_t h = 0; h < 2; h++) {
            __m512i q = _mm512_cvtepi8_epi32(_mm_load_si128(bytes + 2 * b + h));
            s.scale[h] = _mm512_mul_ps(of_group.scale[0], _mm512_cvtepi32_ps(q));
        }
        return s;
    }
    __m512i scale = _mm512_cvtepu8_epi32(_mm_load_si128(bytes + b));
    __m512i minimum = _mm512_cvtepu8_epi32(_mm_load_si128(bytes + 8 + b));
    s.scale[0] = s.scale[1] = _mm512_mul_ps(of_group.scale[0], _mm512_cvtepi32_ps(scale));
    s.minimum = _mm512_mul_ps(of_group.minimum, _mm512_cvtepi32_ps(minimum));
    return s;
}

/// What a block adds: its dots of integers in its own scales, times the scale of x.
INLINE __m512 added(
    __m512 sum, const __m512i dots[2], const block_scales s, int32_t sum_of_x, float unit,
    const bool in_halves, const bool has_minimum) {
    __m512 part;
    if (in_halves) {
        part = _mm512_mul_ps(_mm512_cvtepi32_ps(dots[0]), s.scale[0]);
        part = _mm512_fmadd_ps(_mm512_cvtepi32_ps(dots[1]), s.scale[1], part);
    } else {
        part = _mm512_mul_ps(_mm512_cvtepi32_ps(dots[0]), s.scale[0]);
    }
    if (has_minimum) {
        part = _mm512_fnmadd_ps(s.minimum, _mm512_set1_ps((float)sum_of_x), part);
    }
    return _mm512_fmadd_ps(part, _mm512_set1_ps(unit), sum);
}

INLINE void store_row(
    const ck_tiles_product *p, size_t row, size_t tile, __m512 sum) {
    size_t column = tile * tile_rows, left = p->n - column;
    __mmask16 mask = left >= 16 ? 0xffff : (__mmask16)((1u << left) - 1);
    __m512 bias = _mm512_setzero_ps();
    if (p->bias) bias = _mm512_maskz_loadu_ps(mask, p->bias + column);
    _mm512_mask_storeu_ps(p->y + row * p->n + column, mask, _mm512_add_ps(sum, bias));
}

// ---- few rows: every tile is read once from memory and meets all rows at once

INLINE void few(const tile_job *j, size_t tile, const ck_dtype dtype, const int rows) {
    const tile_inputs *x = j->x;
    const size_t blocks = x->blocks, in_group = tile_group_blocks(dtype);
    const size_t bytes = tile_block_bytes(dtype);
    const bool in_halves = dtype == CK_GGUF_Q6_K;
    // Two chains of sums where few rows would wait for one another.
    const bool apart = in_halves || rows <= 2;
    const uint8_t *group =
        (const uint8_t *)j->product.tiles + tile * tile_bytes(dtype, blocks * tile_block);
    __m512 sums[most_few_rows];
    UNROLL for (int a = 0; a < rows; a++) sums[a] = _mm512_setzero_ps();
    for (size_t b = 0; b < blocks; group += tile_group_bytes(dtype)) {
        const block_scales of_group = group_scales(group, dtype);
        const uint8_t *w = group + tile_head_bytes(dtype);
        const size_t count = blocks - b < in_group ? blocks - b : in_group;
        for (size_t i = 0; i < count; i++, b++, w += bytes) {
            // One row leaves the core time to follow the hardware's own prefetch; more rows do not.
            if (rows > 1) {
                UNROLL for (size_t l = 0; l < bytes / 64 + 1; l++) {
                    _mm_prefetch((const char *)w + far + l * 64, _MM_HINT_T0);
                }
            }
            __m512i dots[most_few_rows][2];
            UNROLL for (int a = 0; a < rows; a++) {
                const int32_t *s = x->sums + ((size_t)a * blocks + b) * 2;
                const int offset = -tile_offset(dtype);
                dots[a][0] = _mm512_set1_epi32(offset * (in_halves ? s[0] : s[0] + s[1]));
                dots[a][1] = _mm512_set1_epi32(in_halves ? offset * s[1] : 0);
            }
            UNROLL for (int r = 0; r < 4; r++) {
                __m512i values[2];
                two_registers(values, w, r, dtype);
                UNROLL for (int a = 0; a < rows; a++) {
                    const int8_t *from = x->values + ((size_t)a * blocks + b) * tile_block + r * 4;
                    UNROLL for (int h = 0; h < 2; h++) {
                        const int chain = apart ? h : 0;
                        dots[a][chain] = _mm512_dpbusd_epi32(
                            dots[a][chain], values[h], four_values(from + h * 16));
                    }
                }
            }
            const block_scales s = scales_at(group, of_group, i, dtype);
            UNROLL for (int a = 0; a < rows; a++) {
                const size_t at = (size_t)a * blocks + b;
                if (apart && !in_halves) dots[a][0] = _mm512_add_epi32(dots[a][0], dots[a][1]);
                sums[a] = added(
                    sums[a], dots[a], s, x->sums[at * 2] + x->sums[at * 2 + 1], x->scales[at],
                    in_halves, tile_has_minimum(dtype));
            }
        }
    }
    UNROLL for (int a = 0; a < rows; a++) store_row(&j->product, (size_t)a, tile, sums[a]);
}

typedef void few_function(const tile_job *j, size_t tile);

/// One function per number of rows: each gets the registers to itself.
#define DEFINE(FORMAT, ROWS) \
    TARGET __attribute__((noinline)) static void few_##FORMAT##_##ROWS( \
        const tile_job *j, size_t tile) { \
        few(j, tile, CK_GGUF_##FORMAT, ROWS); \
    }
#define DEFINE_EIGHT(F) \
    DEFINE(F, 1) DEFINE(F, 2) DEFINE(F, 3) DEFINE(F, 4) DEFINE(F, 5) DEFINE(F, 6) DEFINE(F, 7) \
    DEFINE(F, 8)
#define EIGHT(F) \
    {few_##F##_1, few_##F##_2, few_##F##_3, few_##F##_4, \
     few_##F##_5, few_##F##_6, few_##F##_7, few_##F##_8}

DEFINE_EIGHT(Q4_0) DEFINE_EIGHT(Q4_1) DEFINE_EIGHT(Q5_0) DEFINE_EIGHT(Q5_1)
DEFINE_EIGHT(Q8_0) DEFINE_EIGHT(Q4_K) DEFINE_EIGHT(Q5_K) DEFINE_EIGHT(Q6_K)

static void few_rows(const tile_job *j, size_t t0, size_t t1) {
    static few_function *const by_format[][most_few_rows] = {
        [CK_GGUF_Q4_0] = EIGHT(Q4_0), [CK_GGUF_Q4_1] = EIGHT(Q4_1),
        [CK_GGUF_Q5_0] = EIGHT(Q5_0), [CK_GGUF_Q5_1] = EIGHT(Q5_1),
        [CK_GGUF_Q8_0] = EIGHT(Q8_0), [CK_GGUF_Q4_K] = EIGHT(Q4_K),
        [CK_GGUF_Q5_K] = EIGHT(Q5_K), [CK_GGUF_Q6_K] = EIGHT(Q6_K)};
    few_function *run = by_format[j->product.dtype][j->x->m - 1];
    for (size_t t = t0; t < t1; t++) run(j, t);
}

// ---- many rows: a stretch of two tiles stays in the first-level cache while a block of rows passes

/// A stretch of one tile in bytes and floats, whatever it is stored in.
typedef struct {
    _Alignas(64) uint8_t values[k_blocks][2 * tile_low_bytes];
    _Alignas(64) float scales[k_blocks][2][tile_rows];
    _Alignas(64) float minimums[k_blocks][tile_rows];
} wide_tile;

INLINE void widen_as(
    wide_tile *out, const uint8_t *group, size_t count, const ck_dtype dtype) {
    const size_t in_group = tile_group_blocks(dtype), bytes = tile_block_bytes(dtype);
    for (size_t b = 0; b < count; group += tile_group_bytes(dtype)) {
        const block_scales of_group = group_scales(group, dtype);
        const uint8_t *w = group + tile_head_bytes(dtype);
        for (size_t i = 0; i < in_group && b < count; i++, b++, w += bytes) {
            const block_scales s = scales_at(group, of_group, i, dtype);
            UNROLL for (int h = 0; h < 2; h++) _mm512_store_ps(out->scales[b][h], s.scale[h]);
            _mm512_store_ps(out->minimums[b], s.minimum);
            UNROLL for (int r = 0; r < 4; r++) {
                __m512i values[2];
                two_registers(values, w, r, dtype);
                _mm512_store_si512(out->values[b] + r * 64, values[0]);
                _mm512_store_si512(out->values[b] + (r + 4) * 64, values[1]);
            }
        }
    }
}

TARGET static void widen(wide_tile *out, const uint8_t *group, size_t count, ck_dtype dtype) {
    switch (dtype) {
    case CK_GGUF_Q4_0: return widen_as(out, group, count, CK_GGUF_Q4_0);
    case CK_GGUF_Q4_1: return widen_as(out, group, count, CK_GGUF_Q4_1);
    case CK_GGUF_Q5_0: return widen_as(out, group, count, CK_GGUF_Q5_0);
    case CK_GGUF_Q5_1: return widen_as(out, group, count, CK_GGUF_Q5_1);
    case CK_GGUF_Q8_0: return widen_as(out, group, count, CK_GGUF_Q8_0);
    case CK_GGUF_Q4_K: return widen_as(out, group, count, CK_GGUF_Q4_K);
    case CK_GGUF_Q5_K: return widen_as(out, group, count, CK_GGUF_Q5_K);
    case CK_GGUF_Q6_K: return widen_as(out, group, count, CK_GGUF_Q6_K);
    default: return;
    }
}

/// How a block's dots become floats.
enum { WITH_OFFSET, WITH_MINIMUM, IN_HALVES };

/// Rows [row, row + rows) × the columns of `tiles` tiles from `first` on, blocks [b0, b1) of x.
/// Sums that are not finished wait in `kept`, [rows, 2, 16]: rows of y itself lie so far apart that
/// they push each other out of the cache.
INLINE void many(
    const tile_job *j, const wide_tile *wide, size_t row, size_t first, size_t b0, size_t b1,
    float *kept, const int kind, const int rows, const int tiles) {
    const tile_inputs *x = j->x;
    const size_t blocks = x->blocks;
    const int offset = -tile_offset(j->product.dtype);
    __m512 sums[many_step][2];
    UNROLL for (int a = 0; a < rows; a++) {
        UNROLL for (int t = 0; t < tiles; t++) {
            sums[a][t] = _mm512_setzero_ps();
            if (b0) sums[a][t] = _mm512_load_ps(kept + a * 32 + t * 16);
        }
    }
    for (size_t b = b0; b < b1; b++) {
        const size_t at = row * blocks + b, i = b - b0;
        if (kind == IN_HALVES) {
            __m512 waiting[many_step][2];
            UNROLL for (int h = 0; h < 2; h++) {
                __m512i dots[many_step][2];
                UNROLL for (int a = 0; a < rows; a++) {
                    int32_t start = offset * x->sums[(at + (size_t)a * blocks) * 2 + h];
                    UNROLL for (int t = 0; t < tiles; t++) dots[a][t] = _mm512_set1_epi32(start);
                }
                UNROLL for (int r = 4 * h; r < 4 * h + 4; r++) {
                    __m512i values[2];
                    UNROLL for (int t = 0; t < tiles; t++) {
                        values[t] = _mm512_load_si512(wide[t].values[i] + r * 64);
                    }
                    UNROLL for (int a = 0; a < rows; a++) {
                        __m512i four = four_values(
                            x->values + (at + (size_t)a * blocks) * tile_block + r * 4);
                        UNROLL for (int t = 0; t < tiles; t++) {
                            dots[a][t] = _mm512_dpbusd_epi32(dots[a][t], values[t], four);
                        }
                    }
                }
                UNROLL for (int a = 0; a < rows; a++) {
                    UNROLL for (int t = 0; t < tiles; t++) {
                        __m512 scale = _mm512_load_ps(wide[t].scales[i][h]);
                        __m512 dot = _mm512_cvtepi32_ps(dots[a][t]);
                        if (h == 0) {
                            waiting[a][t] = _mm512_mul_ps(dot, scale);
                            continue;
                        }
                        __m512 part = _mm512_fmadd_ps(dot, scale, waiting[a][t]);
                        __m512 unit = _mm512_set1_ps(x->scales[at + (size_t)a * blocks]);
                        sums[a][t] = _mm512_fmadd_ps(part, unit, sums[a][t]);
                    }
                }
            }
            continue;
        }
        __m512i dots[many_step][2];
        int32_t of_x[many_step];
        UNROLL for (int a = 0; a < rows; a++) {
            const int32_t *s = x->sums + (at + (size_t)a * blocks) * 2;
            of_x[a] = s[0] + s[1];
            int32_t start = kind == WITH_OFFSET ? offset * of_x[a] : 0;
            UNROLL for (int t = 0; t < tiles; t++) dots[a][t] = _mm512_set1_epi32(start);
        }
        UNROLL for (int r = 0; r < 8; r++) {
            __m512i values[2];
            UNROLL for (int t = 0; t < tiles; t++) {
                values[t] = _mm512_load_si512(wide[t].values[i] + r * 64);
            }
            UNROLL for (int a = 0; a < rows; a++) {
                __m512i four =
                    four_values(x->values + (at + (size_t)a * blocks) * tile_block + r * 4);
                UNROLL for (int t = 0; t < tiles; t++) {
                    dots[a][t] = _mm512_dpbusd_epi32(dots[a][t], values[t], four);
                }
            }
        }
        UNROLL for (int t = 0; t < tiles; t++) {
            block_scales s;
            s.scale[0] = s.scale[1] = _mm512_load_ps(wide[t].scales[i][0]);
            s.minimum = _mm512_load_ps(wide[t].minimums[i]);
            UNROLL for (int a = 0; a < rows; a++) {
                __m512i two[2] = {dots[a][t], dots[a][t]};
                sums[a][t] = added(
                    sums[a][t], two, s, of_x[a], x->scales[at + (size_t)a * blocks], false,
                    kind == WITH_MINIMUM);
            }
        }
    }
    UNROLL for (int a = 0; a < rows; a++) {
        UNROLL for (int t = 0; t < tiles; t++) {
            if (b1 < blocks) _mm512_store_ps(kept + a * 32 + t * 16, sums[a][t]);
            else store_row(&j->product, row + (size_t)a, first + (size_t)t, sums[a][t]);
        }
    }
}

typedef void many_function(
    const tile_job *j, const wide_tile *wide, size_t row, size_t first, size_t b0, size_t b1,
    float *kept);

#define DEFINE_MANY(KIND, TILES, ROWS) \
    TARGET __attribute__((noinline)) static void KIND##_##TILES##_##ROWS( \
        const tile_job *j, const wide_tile *wide, size_t row, size_t first, size_t b0, \
        size_t b1, float *kept) { \
        many(j, wide, row, first, b0, b1, kept, KIND, ROWS, TILES); \
    }
#define DEFINE_SIX(K, T) \
    DEFINE_MANY(K, T, 1) DEFINE_MANY(K, T, 2) DEFINE_MANY(K, T, 3) DEFINE_MANY(K, T, 4) \
    DEFINE_MANY(K, T, 5) DEFINE_MANY(K, T, 6)
#define SIX(K, T) {K##_##T##_1, K##_##T##_2, K##_##T##_3, K##_##T##_4, K##_##T##_5, K##_##T##_6}

DEFINE_SIX(WITH_OFFSET, 1) DEFINE_SIX(WITH_OFFSET, 2) DEFINE_SIX(WITH_MINIMUM, 1)
DEFINE_SIX(WITH_MINIMUM, 2) DEFINE_SIX(IN_HALVES, 1) DEFINE_SIX(IN_HALVES, 2)

static void many_rows(const tile_job *j, size_t t0, size_t t1) {
    static many_function *const by_kind[][2][many_step] = {
        [WITH_OFFSET] = {SIX(WITH_OFFSET, 1), SIX(WITH_OFFSET, 2)},
        [WITH_MINIMUM] = {SIX(WITH_MINIMUM, 1), SIX(WITH_MINIMUM, 2)},
        [IN_HALVES] = {SIX(IN_HALVES, 1), SIX(IN_HALVES, 2)}};
    const ck_dtype dtype = j->product.dtype;
    const int kind = dtype == CK_GGUF_Q6_K      ? IN_HALVES
                     : tile_has_minimum(dtype) ? WITH_MINIMUM
                                               : WITH_OFFSET;
    const size_t blocks = j->x->blocks, bytes = tile_bytes(dtype, blocks * tile_block);
    const uint8_t *all = j->product.tiles;
    wide_tile wide[2];
    _Alignas(64) float kept[m_block * 2 * tile_rows];
    for (size_t m0 = 0; m0 < j->x->m; m0 += m_block) {
        size_t m1 = m0 + m_block < j->x->m ? m0 + m_block : j->x->m;
        for (size_t t = t0; t < t1; t += 2) {
            size_t tiles = t + 1 < t1 ? 2 : 1;
            for (size_t b0 = 0; b0 < blocks; b0 += k_blocks) {
                size_t b1 = b0 + k_blocks < blocks ? b0 + k_blocks : blocks;
                size_t before = b0 / tile_group_blocks(dtype) * tile_group_bytes(dtype);
                for (size_t i = 0; i < tiles; i++) {
                    widen(&wide[i], all + (t + i) * bytes + before, b1 - b0, dtype);
                }
                for (size_t row = m0; row < m1; row += many_step) {
                    size_t rows = m1 - row < many_step ? m1 - row : many_step;
                    by_kind[kind][tiles - 1][rows - 1](
                        j, wide, row, t, b0, b1, kept + (row - m0) * 2 * tile_rows);
                }
            }
        }
    }
}

static void multiply(const tile_job *j, size_t t0, size_t t1) {
    if (j->x->m <= most_few_rows) few_rows(j, t0, t1); else many_rows(j, t0, t1);
}

const tiles_table tiles_avx512_vnni = {quantize_row, multiply};
#endif
