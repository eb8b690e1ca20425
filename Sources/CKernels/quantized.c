// Packing weights, and sharing quantised products out over the threads.
#include "quantized.h"

#include "kernel_table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const int8_t q4_values[16] = {
    -127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113,
};

size_t ck_packed_size(ck_quantized_format format, size_t n, size_t k) {
    return (n + q_tile_rows - 1) / q_tile_rows * q_tile_bytes(format, k);
}

static const quantized_table *current_table(void) {
    switch (ck_current_level()) {
    case CK_LEVEL_REFERENCE: return &quantized_reference;
#if defined(__x86_64__)
    case CK_LEVEL_AVX2:
    case CK_LEVEL_AVX512: return &quantized_avx2;
    case CK_LEVEL_AVX512_VNNI:
    case CK_LEVEL_AVX512_BF16: return &quantized_avx512_vnni;
#endif
    default: return &quantized_portable;
    }
}

// ---- packing

static float finite_value(float x) {
    if (x != x) return 0;
    const float largest = 3.4028235e38f;
    return x > largest ? largest : x < -largest ? -largest : x;
}

/// The nearest half-precision value that is not infinite.
static _Float16 half_scale(float scale) { return (_Float16)(scale > 65504 ? 65504 : scale); }

/// Evenly spaced integers up to ±largest. Returns the scale.
static _Float16 pack_even(int8_t *q, const float *x, int largest) {
    float top = 0;
    for (int i = 0; i < q_block; i++) top = fmaxf(top, fabsf(x[i]));
    _Float16 scale = half_scale(top / (float)largest);
    float inverse = (float)scale > 0 ? 1 / (float)scale : 0;
    for (int i = 0; i < q_block; i++) {
        float value = rintf(x[i] * inverse), limit = (float)largest;
        q[i] = (int8_t)(value > limit ? limit : value < -limit ? -limit : value);
    }
    return scale;
}

/// Indices of the steps nearest to 64 values. The scale is rounded to half precision first, so that
/// the steps chosen are those that will be read.
static _Float16 pack4(int8_t *q, const float *x) {
    float wanted = current_kernels()->scale4(x);
    _Float16 scale = wanted < 0 ? -half_scale(-wanted) : half_scale(wanted);
    float inverse = scale == 0 ? 0 : 1 / (float)scale;
    for (int i = 0; i < q_block; i++) {
        float value = x[i] * inverse;
        int8_t index = 0;
        for (int b = 0; b < 15; b++) {
            index += value > 0.5f * (float)(q4_values[b] + q4_values[b + 1]);
        }
        q[i] = index;
    }
    return scale;
}

/// Where byte i of a row's own bytes of `length` values of k lies; `values` is the row's first.
static uint8_t *at(uint8_t *values, size_t i) { return values + i / 4 * 64 + i % 4; }

/// One row's block of 64 values into its tile; returns the scale.
static _Float16 pack_block(
    uint8_t *values, ck_quantized_format format, size_t row, const float *x) {
    int8_t q[q_block];
    values += row * 4;
    if (format == CK_Q8) {
        _Float16 scale = pack_even(q, x, 127);
        for (size_t i = 0; i < q_block; i++) *at(values, i) = (uint8_t)(q[i] + 128);
        return scale;
    }
    _Float16 scale = format == CK_Q4 ? pack4(q, x) : pack_even(q, x, q6_largest);
    for (size_t i = 0; i < q_block; i++) {
        unsigned bits = format == CK_Q4 ? (unsigned)q[i] : (unsigned)(q[i] + q6_offset);
        *at(values, i % 32) |= (uint8_t)((bits & 15) << i / 32 * 4);
        if (format == CK_Q4) continue;
        *at(values + q4_block_bytes, i % 16) |= (uint8_t)(bits >> 4 << i / 16 * 2);
    }
    return scale;
}

typedef struct {
    uint8_t *packed;
    ck_quantized_format format;
    const char *w;
    ck_dtype dtype;
    size_t n, k;
} pack_job;

static void pack_tile(const pack_job *j, size_t tile, float *row) {
    size_t bytes = q_tile_bytes(j->format, j->k), length = q_groups(j->k) * q_group;
    uint8_t *out = j->packed + tile * bytes;
    memset(out, 0, bytes);
    for (size_t r = 0; r < q_tile_rows; r++) {
        size_t index = tile * q_tile_rows + r;
        memset(row, 0, length * sizeof(float));
        if (index < j->n) {
            ck_dtype dtype = j->dtype;
            current_kernels()->expand(row, j->w + index * ck_dtype_bytes(dtype, j->k), dtype, j->k);
            for (size_t i = 0; i < j->k; i++) row[i] = finite_value(row[i]);
        }
        for (size_t b = 0; b < length / q_block; b++) {
            q_panel panel = q_block_at(out, j->format, b);
            ((_Float16 *)panel.scales)[r] =
                pack_block((uint8_t *)panel.values, j->format, r, row + b * q_block);
        }
    }
}

static void pack_body(void *context, size_t begin, size_t end) {
    pack_job *j = context;
    float *row = aligned_alloc(64, (j->k + q_group) * sizeof(float) / 64 * 64 + 64);
    if (!row) abort();
    for (size_t tile = begin; tile < end; tile++) pack_tile(j, tile, row);
    free(row);
}

void ck_pack(
    void *packed, ck_quantized_format format, const void *w, ck_dtype dtype, size_t n, size_t k) {
    pack_job j = {packed, format, w, dtype, n, k};
    ck_parallel_for((n + q_tile_rows - 1) / q_tile_rows, 1, pack_body, &j);
}

/// Value i of a row of a block, in units of the block's scale.
static int weight_of(const uint8_t *values, ck_quantized_format format, size_t row, size_t i) {
    values += row * 4;
    if (format == CK_Q8) return (int)values[i / 4 * 64 + i % 4] - 128;
    size_t low = i % 32, high = i % 16;
    unsigned bits = values[low / 4 * 64 + low % 4] >> i / 32 * 4 & 15;
    if (format == CK_Q4) return q4_values[bits];
    bits |= (values[q4_block_bytes + high / 4 * 64 + high % 4] >> i / 16 * 2 & 3u) << 4;
    return (int)bits - q6_offset;
}

/// Row r of a tile.
static void unpack_row(
    float *out, const uint8_t *tile, ck_quantized_format format, size_t k, size_t r) {
    for (size_t i = 0; i < k; i++) {
        q_panel panel = q_block_at(tile, format, i / q_block);
        float scale = (float)panel.scales[r];
        out[i] = scale * (float)weight_of(panel.values, format, r, i % q_block);
    }
}

void ck_unpack_row(
    float *out, const void *packed, ck_quantized_format format, size_t k, size_t row) {
    const uint8_t *tile = (const uint8_t *)packed + row / q_tile_rows * q_tile_bytes(format, k);
    unpack_row(out, tile, format, k, row % q_tile_rows);
}

typedef struct {
    float *out;
    const uint8_t *packed;
    ck_quantized_format format;
    size_t k, count;
} unpack_job;

static void unpack_body(void *context, size_t begin, size_t end) {
    const unpack_job *j = context;
    for (size_t tile = begin; tile < end; tile++) {
        size_t first = tile * q_tile_rows;
        const uint8_t *packed = j->packed + tile * q_tile_bytes(j->format, j->k);
        for (size_t r = 0; r < q_tile_rows && first + r < j->count; r++) {
            unpack_row(j->out + (first + r) * j->k, packed, j->format, j->k, r);
        }
    }
}

void ck_unpack(
    float *out, const void *packed, ck_quantized_format format, size_t k, size_t first,
    size_t count) {
    const uint8_t *start = (const uint8_t *)packed + first / q_tile_rows * q_tile_bytes(format, k);
    unpack_job j = {out, start, format, k, count};
    ck_parallel_for((count + q_tile_rows - 1) / q_tile_rows, 1 + 4096 / (k + 1), unpack_body, &j);
}

// ---- products

typedef struct {
    const quantized_rows *rows;
    const float *x;
    size_t k;
} round_job;

static void round_rows(const quantized_table *table, round_job *j, size_t begin, size_t end) {
    const quantized_rows *rows = j->rows;
    for (size_t r = begin; r < end; r++) {
        size_t first = r * rows->blocks;
        table->quantize_row(
            rows->values + first * q_block, rows->scales + first, rows->corrections + first,
            j->x + r * j->k, j->k);
    }
}

static void round_body(void *context, size_t begin, size_t end) {
    round_rows(current_table(), context, begin, end);
}

typedef struct {
    const quantized_rows *rows;
    const ck_quantized_product *products;
    size_t count, k;
} products_job;

/// The tiles of all products count as one range, so that small products share a parallel region.
static void products_range(
    const quantized_table *table, const products_job *j, size_t begin, size_t end) {
    size_t first = 0;
    for (size_t i = 0; i < j->count && first < end; i++) {
        size_t tiles = (j->products[i].n + q_tile_rows - 1) / q_tile_rows;
        size_t from = begin > first ? begin : first;
        size_t to = end < first + tiles ? end : first + tiles;
        if (from < to) {
            quantized_job job = {j->rows, j->products[i], j->k};
            table->multiply(&job, from - first, to - first);
        }
        first += tiles;
    }
}

static void products_body(void *context, size_t begin, size_t end) {
    products_range(current_table(), context, begin, end);
}

static size_t all_tiles(const ck_quantized_product *products, size_t count) {
    size_t tiles = 0;
    for (size_t i = 0; i < count; i++) tiles += (products[i].n + q_tile_rows - 1) / q_tile_rows;
    return tiles;
}

static quantized_rows new_rows(size_t m, size_t k) {
    quantized_rows rows = {NULL, NULL, NULL, m, x_blocks(k)};
    size_t count = m * rows.blocks;
    rows.values = aligned_alloc(64, count * q_block + 64);
    rows.scales = aligned_alloc(64, (count * sizeof(float) + 127) / 64 * 64);
    rows.corrections = aligned_alloc(64, (count * sizeof(int32_t) + 127) / 64 * 64);
    if (!rows.values || !rows.scales || !rows.corrections) abort();
    return rows;
}

static void free_rows(quantized_rows *rows) {
    free(rows->values);
    free(rows->scales);
    free(rows->corrections);
}

void ck_linear_quantized(
    const float *x, size_t m, size_t k, const ck_quantized_product *products, size_t count) {
    if (m == 0) return;
    quantized_rows rows = new_rows(m, k);
    round_job round = {&rows, x, k};
    ck_parallel_for(m, 1 + 8192 / (k + 1), round_body, &round);
    products_job job = {&rows, products, count, k};
    // Pieces of at least half a megabyte of weights, or of as much work.
    size_t cost = (k + 64) * q_tile_rows * (m < 16 ? 1 : m / 8);
    ck_parallel_for(all_tiles(products, count), 2 * (1 + (64 << 10) / cost), products_body, &job);
    free_rows(&rows);
}

void ck_linear_quantized_reference(
    const float *x, size_t m, size_t k, const ck_quantized_product *products, size_t count) {
    quantized_rows rows = new_rows(m, k);
    round_job round = {&rows, x, k};
    round_rows(&quantized_reference, &round, 0, m);
    products_job job = {&rows, products, count, k};
    products_range(&quantized_reference, &job, 0, all_tiles(products, count));
    free_rows(&rows);
}

// ---- the specification

static void quantize_row_reference(
    int8_t *values, float *scales, int32_t *corrections, const float *x, size_t k) {
    for (size_t b = 0; b < x_blocks(k); b++, values += q_block) {
        float top = 0, block[q_block] = {0};
        for (size_t i = 0; i < q_block && b * q_block + i < k; i++) {
            block[i] = x[b * q_block + i];
            top = fmaxf(top, fabsf(block[i]));
        }
        float inverse = top > 1e-30f ? 127 / top : 0;
        scales[b] = inverse > 0 ? top / 127 : 0;
        int32_t sum = 0;
        for (size_t i = 0; i < q_block; i++) {
            values[i] = (int8_t)rintf(block[i] * inverse);
            sum += values[i];
        }
        corrections[b] = -128 * sum;
    }
}

static void multiply_reference(const quantized_job *j, size_t t0, size_t t1) {
    const ck_quantized_product *p = &j->product;
    for (size_t column = t0 * q_tile_rows; column < t1 * q_tile_rows && column < p->n; column++) {
        size_t tile = column / q_tile_rows, r = column % q_tile_rows;
        const uint8_t *w = (const uint8_t *)p->packed + tile * q_tile_bytes(p->format, j->k);
        for (size_t m = 0; m < j->x->m; m++) {
            double sum = p->bias ? p->bias[column] : 0;
            for (size_t i = 0; i < j->k; i++) {
                q_panel panel = q_block_at(w, p->format, i / q_block);
                size_t block = m * j->x->blocks + i / q_block;
                double value = (double)j->x->scales[block]
                               * j->x->values[block * q_block + i % q_block];
                int weight = weight_of(panel.values, p->format, r, i % q_block);
                sum += value * (double)panel.scales[r] * weight;
            }
            p->y[m * p->n + column] = (float)sum;
        }
    }
}

const quantized_table quantized_reference = {quantize_row_reference, multiply_reference};

// ---- plain C that a compiler can turn into vectors: 16 columns at a time

/// A block's values as signed bytes, [64, 16].
static void signed_block(
    int8_t out[q_block][q_tile_rows], const uint8_t *values, ck_quantized_format format) {
    for (size_t r = 0; r < q_tile_rows; r++) {
        for (size_t i = 0; i < q_block; i++) out[i][r] = (int8_t)weight_of(values, format, r, i);
    }
}

static void multiply_portable(const quantized_job *j, size_t t0, size_t t1) {
    const ck_quantized_product *p = &j->product;
    for (size_t t = t0; t < t1; t++) {
        const uint8_t *tile = (const uint8_t *)p->packed + t * q_tile_bytes(p->format, j->k);
        // Sums of all rows wait in y's place while one block of weights passes.
        size_t columns = p->n - t * q_tile_rows < q_tile_rows ? p->n - t * q_tile_rows : q_tile_rows;
        for (size_t b = 0; b < q_blocks(j->k); b++) {
            q_panel panel = q_block_at(tile, p->format, b);
            int8_t w[q_block][q_tile_rows];
            signed_block(w, panel.values, p->format);
            for (size_t m = 0; m < j->x->m; m++) {
                size_t block = m * j->x->blocks + b;
                const int8_t *x = j->x->values + block * q_block;
                int32_t dots[q_tile_rows] = {0};
                for (size_t i = 0; i < q_block; i++) {
                    for (size_t r = 0; r < q_tile_rows; r++) dots[r] += x[i] * w[i][r];
                }
                float *y = p->y + m * p->n + t * q_tile_rows;
                for (size_t r = 0; r < columns; r++) {
                    float part = (float)dots[r] * (float)panel.scales[r] * j->x->scales[block];
                    y[r] = b ? y[r] + part : part;
                }
            }
        }
        for (size_t m = 0; p->bias && m < j->x->m; m++) {
            float *y = p->y + m * p->n + t * q_tile_rows;
            for (size_t r = 0; r < columns; r++) y[r] += p->bias[t * q_tile_rows + r];
        }
    }
}

const quantized_table quantized_portable = {quantize_row_reference, multiply_portable};
