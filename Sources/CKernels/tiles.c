// Making tiles of GGUF blocks, sharing products out over the threads, and the specification.
#include "tiles.h"

#include <math.h>
#include <stdlib.h>

/// The format is a constant wherever these are called.
#define INLINE static inline __attribute__((always_inline))

bool ck_tiles_are_fast(void) {
#if defined(__x86_64__)
    return ck_current_level() >= CK_LEVEL_AVX512_VNNI;
#else
    return false;
#endif
}

static const tiles_table *current_table(void) {
#if defined(__x86_64__)
    if (ck_tiles_are_fast()) return &tiles_avx512_vnni;
#endif
    return &tiles_reference;
}

static size_t tile_count(size_t n) { return (n + tile_rows - 1) / tile_rows; }

size_t ck_tiles_size(ck_dtype dtype, size_t n, size_t k) {
    return tile_count(n) * tile_bytes(dtype, k);
}

// ---- making tiles

/// Half bytes of 16 bytes: the low ones, then the high ones.
INLINE void halves(uint8_t *out, const uint8_t *bytes) {
    for (int i = 0; i < 16; i++) {
        out[i] = bytes[i] & 15;
        out[i + 16] = bytes[i] >> 4;
    }
}

/// Adds bit i of `bits` to value i as its fifth.
INLINE void add_fifth(uint8_t *values, const uint8_t *bits) {
    uint32_t all;
    memcpy(&all, bits, 4);
    for (int i = 0; i < 32; i++) values[i] |= (uint8_t)((all >> i & 1) << 4);
}

/// Values of 32 in a block of 256, number `j` of eight.
INLINE void values_of_k(uint8_t *out, const uint8_t *b, ck_dtype dtype, int j) {
    if (dtype == CK_GGUF_Q6_K) {
        const uint8_t *low = b + j / 4 * 64 + j % 2 * 32, *high = b + 128 + j / 4 * 32;
        int half = j % 4 / 2 * 4, pair = j % 4 * 2;
        for (int i = 0; i < 32; i++) {
            out[i] = (uint8_t)((low[i] >> half & 15) | (high[i] >> pair & 3) << 4);
        }
        return;
    }
    const uint8_t *low = b + (dtype == CK_GGUF_Q5_K ? 48 : 16) + j / 2 * 32;
    for (int i = 0; i < 32; i++) out[i] = low[i] >> j % 2 * 4 & 15;
    if (dtype != CK_GGUF_Q5_K) return;
    for (int i = 0; i < 32; i++) out[i] |= (uint8_t)((b[16 + i] >> j & 1) << 4);
}

/// Unsigned values of a small block.
INLINE void values_of_small(uint8_t *out, const uint8_t *b, ck_dtype dtype) {
    switch (dtype) {
    case CK_GGUF_Q8_0:
        for (int i = 0; i < 32; i++) out[i] = b[2 + i] ^ 0x80;
        return;
    case CK_GGUF_Q5_0:
        halves(out, b + 6);
        add_fifth(out, b + 2);
        return;
    case CK_GGUF_Q5_1:
        halves(out, b + 8);
        add_fifth(out, b + 4);
        return;
    case CK_GGUF_Q4_1: halves(out, b + 4); return;
    default: halves(out, b + 2);
    }
}

/// One row's 32 values into a block.
INLINE void put_values(uint8_t *block, size_t row, const uint8_t *values, ck_dtype dtype) {
    uint8_t *out = block + row * 4;
    if (dtype == CK_GGUF_Q8_0) {
        for (int i = 0; i < 8; i++) memcpy(out + i * 64, values + i * 4, 4);
        return;
    }
    uint8_t low[16];
    for (int i = 0; i < 16; i++) low[i] = (values[i] & 15) | (uint8_t)(values[i + 16] << 4);
    for (int i = 0; i < 4; i++) memcpy(out + i * 64, low + i * 4, 4);
    out += tile_low_bytes;
    uint8_t high[8] = {0};
    switch (tile_block_bytes(dtype) - tile_low_bytes) {
    case 64:
        for (int i = 0; i < 32; i++) high[i % 4] |= (uint8_t)((values[i] >> 4) << i / 4);
        memcpy(out, high, 4);
        return;
    case 128:
        for (int i = 0; i < 32; i++) {
            int at = i / 4;
            high[at % 2 * 4 + i % 4] |= (uint8_t)((values[i] >> 4) << at / 2 * 2);
        }
        memcpy(out, high, 4);
        memcpy(out + 64, high + 4, 4);
    default: return;
    }
}

/// One row's blocks of a group; `b` are the file's.
INLINE void put_group(
    uint8_t *group, size_t row, const uint8_t *b, size_t blocks, ck_dtype dtype) {
    uint8_t values[tile_block], *places = group + tile_head_bytes(dtype);
    const size_t bytes = tile_block_bytes(dtype);
    if (tile_group_blocks(dtype) == 2) {
        for (size_t i = 0; i < blocks; i++, b += ck_dtype_bytes(dtype, small_block)) {
            memcpy(group + i * 32 + row * 2, b, 2);
            if (tile_has_minimum(dtype)) memcpy(group + 64 + i * 32 + row * 2, b + 2, 2);
            values_of_small(values, b, dtype);
            put_values(places + i * bytes, row, values, dtype);
        }
        return;
    }
    const bool is_six = dtype == CK_GGUF_Q6_K;
    memcpy(group + row * 2, b + (is_six ? 208 : 0), 2);
    if (!is_six) memcpy(group + 32 + row * 2, b + 2, 2);
    for (int j = 0; j < 8; j++) {
        uint8_t *scales = group + 64;
        if (is_six) {
            for (int i = 2 * j; i < 2 * j + 2; i++) scales[i * tile_rows + row] = b[192 + i];
        } else {
            int scale, minimum;
            scale_and_minimum(b + 4, j, &scale, &minimum);
            scales[j * tile_rows + row] = (uint8_t)scale;
            scales[(8 + j) * tile_rows + row] = (uint8_t)minimum;
        }
        values_of_k(values, b, dtype, j);
        put_values(places + (size_t)j * bytes, row, values, dtype);
    }
}

typedef struct {
    uint8_t *tiles;
    const uint8_t *w;
    ck_dtype dtype;
    size_t n, k;
} make_job;

INLINE void make_tile(const make_job *j, size_t tile, const ck_dtype dtype) {
    const size_t bytes = tile_bytes(dtype, j->k), row_bytes = ck_dtype_bytes(dtype, j->k);
    const size_t in_group = tile_group_blocks(dtype), blocks = j->k / tile_block;
    const size_t source_bytes = ck_dtype_bytes(dtype, in_group * tile_block);
    uint8_t *group = j->tiles + tile * bytes;
    memset(group, 0, bytes);
    const uint8_t *w = j->w + tile * tile_rows * row_bytes;
    size_t rows = j->n - tile * tile_rows < tile_rows ? j->n - tile * tile_rows : tile_rows;
    for (size_t b = 0; b < blocks; b += in_group, w += source_bytes) {
        size_t count = blocks - b < in_group ? blocks - b : in_group;
        for (size_t r = 0; r < rows; r++) put_group(group, r, w + r * row_bytes, count, dtype);
        group += tile_group_bytes(dtype);
    }
}

static void make_body(void *context, size_t begin, size_t end) {
    const make_job *j = context;
#define EACH(FORMAT) \
    case FORMAT: \
        for (size_t tile = begin; tile < end; tile++) make_tile(j, tile, FORMAT); \
        return
    switch (j->dtype) {
        EACH(CK_GGUF_Q4_0);
        EACH(CK_GGUF_Q4_1);
        EACH(CK_GGUF_Q5_0);
        EACH(CK_GGUF_Q5_1);
        EACH(CK_GGUF_Q8_0);
        EACH(CK_GGUF_Q4_K);
        EACH(CK_GGUF_Q5_K);
        EACH(CK_GGUF_Q6_K);
    default: return;
    }
#undef EACH
}

void ck_make_tiles(void *tiles, const void *w, ck_dtype dtype, size_t n, size_t k) {
    make_job j = {tiles, w, dtype, n, k};
    ck_parallel_for(tile_count(n), 1, make_body, &j);
}

// ---- products

static tile_inputs new_inputs(size_t m, size_t k) {
    tile_inputs x = {NULL, NULL, NULL, m, k / tile_block};
    size_t count = m * x.blocks;
    x.values = aligned_alloc(64, (count * tile_block + 127) / 64 * 64);
    x.scales = aligned_alloc(64, (count * sizeof(float) + 127) / 64 * 64);
    x.sums = aligned_alloc(64, (count * 2 * sizeof(int32_t) + 127) / 64 * 64);
    if (!x.values || !x.scales || !x.sums) abort();
    return x;
}

static void free_inputs(tile_inputs *x) {
    free(x->values);
    free(x->scales);
    free(x->sums);
}

typedef struct {
    const tiles_table *table;
    const tile_inputs *x;
    const float *from;
    const ck_tiles_product *products;
    size_t count;
} products_job;

static void round_body(void *context, size_t begin, size_t end) {
    const products_job *j = context;
    for (size_t r = begin; r < end; r++) {
        size_t first = r * j->x->blocks;
        j->table->quantize_row(
            j->x->values + first * tile_block, j->x->scales + first, j->x->sums + first * 2,
            j->from + first * tile_block, j->x->blocks);
    }
}

/// The tiles of all products count as one range, so that small products share a parallel region.
static void products_body(void *context, size_t begin, size_t end) {
    const products_job *j = context;
    size_t first = 0;
    for (size_t i = 0; i < j->count && first < end; i++) {
        size_t tiles = tile_count(j->products[i].n);
        size_t from = begin > first ? begin : first;
        size_t to = end < first + tiles ? end : first + tiles;
        if (from < to) {
            tile_job job = {j->x, j->products[i]};
            j->table->multiply(&job, from - first, to - first);
        }
        first += tiles;
    }
}

static size_t all_tiles(const ck_tiles_product *products, size_t count) {
    size_t tiles = 0;
    for (size_t i = 0; i < count; i++) tiles += tile_count(products[i].n);
    return tiles;
}

void ck_linear_tiles(
    const float *x, size_t m, size_t k, const ck_tiles_product *products, size_t count) {
    if (m == 0) return;
    tile_inputs inputs = new_inputs(m, k);
    products_job job = {current_table(), &inputs, x, products, count};
    ck_parallel_for(m, 1 + 8192 / (k + 1), round_body, &job);
    // Pieces of at least half a megabyte of weights, or of as much work.
    size_t cost = (k + 64) * tile_rows * (m < 16 ? 1 : m / 8);
    ck_parallel_for(all_tiles(products, count), 2 * (1 + (64 << 10) / cost), products_body, &job);
    free_inputs(&inputs);
}

void ck_linear_tiles_reference(
    const float *x, size_t m, size_t k, const ck_tiles_product *products, size_t count) {
    tile_inputs inputs = new_inputs(m, k);
    products_job job = {&tiles_reference, &inputs, x, products, count};
    round_body(&job, 0, m);
    products_body(&job, 0, all_tiles(products, count));
    free_inputs(&inputs);
}

// ---- the specification

static void quantize_row_reference(
    int8_t *values, float *scales, int32_t *sums, const float *x, size_t blocks) {
    for (size_t b = 0; b < blocks; b++, values += tile_block, x += tile_block, sums += 2) {
        float top = 0;
        for (int i = 0; i < tile_block; i++) top = fmaxf(top, fabsf(x[i]));
        float inverse = top > 1e-30f ? 127 / top : 0;
        scales[b] = inverse > 0 ? top / 127 : 0;
        sums[0] = sums[1] = 0;
        for (int i = 0; i < tile_block; i++) {
            values[i] = (int8_t)rintf(x[i] * inverse);
            sums[i / 16] += values[i];
        }
    }
}

/// Unsigned value i of a row of a block.
static int value_at(const uint8_t *block, ck_dtype dtype, size_t row, int i) {
    const uint8_t *of_row = block + row * 4 + i % 4;
    if (dtype == CK_GGUF_Q8_0) return of_row[i / 4 * 64];
    int at = i / 4, value = of_row[at % 4 * 64] >> at / 4 * 4 & 15;
    const uint8_t *high = of_row + tile_low_bytes;
    switch (tile_block_bytes(dtype) - tile_low_bytes) {
    case 64: return value | (high[0] >> at & 1) << 4;
    case 128: return value | (high[at % 2 * 64] >> at / 2 * 2 & 3) << 4;
    default: return value;
    }
}

/// Scales of both halves of a block, and its minimum.
static void scales_at(
    float scale[2], float *minimum, const uint8_t *group, ck_dtype dtype, size_t row, size_t b) {
    *minimum = 0;
    if (tile_group_blocks(dtype) == 2) {
        scale[0] = scale[1] = half_at(group + b * 32 + row * 2);
        if (tile_has_minimum(dtype)) *minimum = -half_at(group + 64 + b * 32 + row * 2);
        return;
    }
    float d = half_at(group + row * 2);
    const uint8_t *bytes = group + 64;
    if (dtype == CK_GGUF_Q6_K) {
        for (size_t h = 0; h < 2; h++) {
            scale[h] = d * (float)(int8_t)bytes[(2 * b + h) * tile_rows + row];
        }
        return;
    }
    scale[0] = scale[1] = d * (float)bytes[b * tile_rows + row];
    *minimum = half_at(group + 32 + row * 2) * (float)bytes[(8 + b) * tile_rows + row];
}

/// The order of operations is that of the vector code, which gives the same bits.
static void multiply_reference(const tile_job *j, size_t t0, size_t t1) {
    const ck_tiles_product *p = &j->product;
    const ck_dtype dtype = p->dtype;
    const size_t blocks = j->x->blocks, in_group = tile_group_blocks(dtype);
    for (size_t n = t0 * tile_rows; n < t1 * tile_rows && n < p->n; n++) {
        const size_t row = n % tile_rows;
        const uint8_t *tile =
            (const uint8_t *)p->tiles + n / tile_rows * tile_bytes(dtype, blocks * tile_block);
        for (size_t m = 0; m < j->x->m; m++) {
            float sum = 0;
            for (size_t b = 0; b < blocks; b++) {
                const uint8_t *group = tile + b / in_group * tile_group_bytes(dtype);
                const uint8_t *block = group + tile_head_bytes(dtype)
                                       + b % in_group * tile_block_bytes(dtype);
                const int8_t *x = j->x->values + (m * blocks + b) * tile_block;
                const int32_t *sums = j->x->sums + (m * blocks + b) * 2;
                float scale[2], minimum, part;
                scales_at(scale, &minimum, group, dtype, row, b % in_group);
                int32_t dots[2];
                for (int h = 0; h < 2; h++) {
                    dots[h] = -tile_offset(dtype) * sums[h];
                    for (int i = h * 16; i < h * 16 + 16; i++) {
                        dots[h] += value_at(block, dtype, row, i) * x[i];
                    }
                }
                if (dtype == CK_GGUF_Q6_K) {
                    part = fmaf((float)dots[1], scale[1], (float)dots[0] * scale[0]);
                } else {
                    part = (float)(dots[0] + dots[1]) * scale[0];
                }
                if (tile_has_minimum(dtype)) {
                    part = fmaf(-minimum, (float)(sums[0] + sums[1]), part);
                }
                sum = fmaf(part, j->x->scales[m * blocks + b], sum);
            }
            p->y[m * p->n + n] = sum + (p->bias ? p->bias[n] : 0);
        }
    }
}

const tiles_table tiles_reference = {quantize_row_reference, multiply_reference};
