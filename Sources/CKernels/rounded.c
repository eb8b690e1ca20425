// Products of two sides rounded to bfloat16: what they are, and how the work is shared out.
#include "rounded.h"

#include "kernel_table.h"
#include "quantized.h"

#include <stdlib.h>

// Memory for one product; running out of it is not something a caller can repair.
static void *scratch(size_t bytes) {
    void *memory = aligned_alloc(64, (bytes + 127) / 64 * 64);
    if (!memory) abort();
    return memory;
}

static float rounded(float x) { return float_from_bf16(bf16_from_float(x)); }

// ---- b as floats, for the specification and for machines without the instruction

/// Rows [first, first + count) of b, rounded; `first` is a multiple of 16.
static void expand_rows(const rounded_job *j, float *out, size_t first, size_t count) {
    if (j->source == ROUNDED_PACKED) ck_unpack(out, j->b, j->format, j->n, first, count);
    for (size_t t = first; t < first + count; t++, out += j->n) {
        const float *b = j->b;
        if (j->source == ROUNDED_BF16) {
            const uint8_t *row = (const uint8_t *)j->b + t * j->ldb * sizeof(uint16_t);
            ck_expand_reference(out, row, CK_BF16, j->n);
        } else if (j->source == ROUNDED_F32) {
            for (size_t i = 0; i < j->n; i++) out[i] = b[t * j->ldb + i];
        } else if (j->source == ROUNDED_F32_TURNED) {
            for (size_t i = 0; i < j->n; i++) out[i] = b[i * j->ldb + t];
        }
        for (size_t i = 0; i < j->n; i++) out[i] = rounded(out[i]);
    }
}

static void multiply_reference(
    const rounded_job *j, const float *a, size_t a_row, size_t a_step) {
    float *b = scratch(j->k * j->n * sizeof(float));
    expand_rows(j, b, 0, j->k);
    for (size_t i = 0; i < j->m; i++) {
        for (size_t v = 0; v < j->n; v++) {
            float *c = j->c + i * j->c_row + v * j->c_step;
            double sum = j->accumulate ? *c : 0;
            for (size_t t = 0; t < j->k; t++) {
                sum += (double)rounded(a[i * a_row + t * a_step]) * b[t * j->n + v];
            }
            *c = (float)sum;
        }
    }
    free(b);
}

/// Panels of b as floats, then the float product.
static void multiply_plain(const rounded_job *j, const float *a, size_t a_row, size_t a_step) {
    enum { panel_rows = 64 };
    float *left = scratch(j->m * j->k * sizeof(float));
    for (size_t i = 0; i < j->m; i++) {
        for (size_t t = 0; t < j->k; t++) left[i * j->k + t] = rounded(a[i * a_row + t * a_step]);
    }
    float *panel = scratch(panel_rows * j->n * sizeof(float));
    float *sums = scratch(j->m * j->n * sizeof(float));
    for (size_t first = 0; first < j->k; first += panel_rows) {
        size_t rows = j->k - first < panel_rows ? j->k - first : panel_rows;
        expand_rows(j, panel, first, rows);
        ck_multiply(
            sums, j->n, left + first, j->k, 1, panel, j->n, j->m, j->n, rows, first > 0);
    }
    for (size_t i = 0; i < j->m; i++) {
        for (size_t v = 0; v < j->n; v++) {
            float *c = j->c + i * j->c_row + v * j->c_step;
            *c = sums[i * j->n + v] + (j->accumulate ? *c : 0);
        }
    }
    free(sums);
    free(panel);
    free(left);
}

// ---- the fast version

#if defined(__x86_64__)
typedef struct {
    rounded_job job;
    const float *a;
    size_t a_row, a_step;
    uint16_t *left;
    /// Pieces per strip of columns, and rows in each.
    size_t parts, rows;
} shared_job;

static void round_body(void *context, size_t begin, size_t end) {
    shared_job *s = context;
    round_rows_avx512(
        s->left, s->job.lda, s->a, s->a_row, s->a_step, s->job.m, s->job.k, begin, end);
}

static void piece_body(void *context, size_t begin, size_t end) {
    shared_job *s = context;
    float *sums = scratch((s->rows + rounded_rows) * rounded_columns * sizeof(float));
    for (size_t piece = begin; piece < end; piece++) {
        size_t m0 = piece % s->parts * s->rows, m1 = m0 + s->rows;
        if (m1 > s->job.m) m1 = s->job.m;
        if (m0 < m1) {
            rounded_piece_avx512(&s->job, m0, m1, piece / s->parts * rounded_columns, sums);
        }
    }
    free(sums);
}

static size_t round_up(size_t value, size_t step) { return (value + step - 1) / step * step; }

static void multiply_fast(rounded_job *j, const float *a, size_t a_row, size_t a_step) {
    // An odd number of cache lines between rows keeps them out of each other's sets.
    j->lda = round_up(j->k, 32);
    if (j->lda % 64 == 0) j->lda += 32;
    size_t padded = round_up(j->m, rounded_rows);
    uint16_t *left = scratch(padded * j->lda * sizeof(uint16_t));
    j->a = left;
    size_t strips = (j->n + rounded_columns - 1) / rounded_columns;
    // A narrow product is cut along its rows too: each piece then makes its own strip of b.
    size_t parts = strips < 16 ? (16 + strips - 1) / strips : 1;
    size_t rows = round_up((j->m + parts - 1) / parts, rounded_rows);
    if (rows < 8 * rounded_rows) rows = 8 * rounded_rows;
    parts = (j->m + rows - 1) / rows;
    shared_job s = {*j, a, a_row, a_step, left, parts, rows};
    ck_parallel_for(padded, 1 + 16384 / (j->k + 1), round_body, &s);
    ck_parallel_for(strips * parts, 1, piece_body, &s);
    free(left);
}
#endif

static void multiply(rounded_job *j, const float *a, size_t a_row, size_t a_step) {
    if (j->m == 0 || j->n == 0) return;
#if defined(__x86_64__)
    if (ck_current_level() == CK_LEVEL_AVX512_BF16) {
        multiply_fast(j, a, a_row, a_step);
        return;
    }
#endif
    if (ck_current_level() == CK_LEVEL_REFERENCE) multiply_reference(j, a, a_row, a_step);
    else multiply_plain(j, a, a_row, a_step);
}

// ---- public

static rounded_job backward_job(
    float *dx, const void *w, rounded_source source, size_t m, size_t n, size_t k) {
    return (rounded_job){
        .c = dx, .c_row = k, .c_step = 1, .b = w, .source = source, .ldb = k, .m = m, .n = k, .k = n};
}

static rounded_job packed_job(
    float *dx, const void *packed, ck_quantized_format format, size_t m, size_t n, size_t k) {
    rounded_job j = backward_job(dx, packed, ROUNDED_PACKED, m, n, k);
    j.format = format;
    return j;
}

void ck_linear_backward_bf16(
    float *dx, const float *dy, const void *w, size_t m, size_t n, size_t k) {
    rounded_job j = backward_job(dx, w, ROUNDED_BF16, m, n, k);
    multiply(&j, dy, n, 1);
}

void ck_linear_backward_bf16_reference(
    float *dx, const float *dy, const void *w, size_t m, size_t n, size_t k) {
    rounded_job j = backward_job(dx, w, ROUNDED_BF16, m, n, k);
    multiply_reference(&j, dy, n, 1);
}

void ck_linear_backward_quantized(
    float *dx, const float *dy, const void *packed, ck_quantized_format format, size_t m, size_t n,
    size_t k) {
    rounded_job j = packed_job(dx, packed, format, m, n, k);
    multiply(&j, dy, n, 1);
}

void ck_linear_backward_quantized_reference(
    float *dx, const float *dy, const void *packed, ck_quantized_format format, size_t m, size_t n,
    size_t k) {
    rounded_job j = packed_job(dx, packed, format, m, n, k);
    multiply_reference(&j, dy, n, 1);
}

/// The job of a product of floats; a is what remains to be given.
static rounded_job float_job(const ck_float_product *p) {
    rounded_source source = p->b_is_turned ? ROUNDED_F32_TURNED : ROUNDED_F32;
    return (rounded_job){
        .c = p->c, .c_row = p->c_is_turned ? 1 : p->ldc, .c_step = p->c_is_turned ? p->ldc : 1,
        .b = p->b, .source = source, .ldb = p->ldb, .m = p->m, .n = p->n, .k = p->k,
        .accumulate = p->accumulate};
}

void ck_multiply_bf16(const ck_float_product *product) {
    ck_float_product p = *product;
    if (p.a_is_turned && p.m > p.n) {
        // cᵀ = bᵀ · aᵀ: the side that has to be turned is then the smaller one.
        p = (ck_float_product){
            p.c, p.b, p.a, p.ldc, p.ldb, p.lda, !p.c_is_turned, !p.b_is_turned, !p.a_is_turned,
            p.accumulate, p.n, p.m, p.k};
    }
    rounded_job j = float_job(&p);
    multiply(&j, p.a, p.a_is_turned ? 1 : p.lda, p.a_is_turned ? p.lda : 1);
}

void ck_multiply_bf16_reference(const ck_float_product *p) {
    rounded_job j = float_job(p);
    multiply_reference(&j, p->a, p->a_is_turned ? 1 : p->lda, p->a_is_turned ? p->lda : 1);
}

// ---- rounding

typedef struct {
    uint16_t *out;
    const float *x;
} round_job;

static void round_values(void *context, size_t begin, size_t end) {
    round_job *j = context;
#if defined(__x86_64__)
    if (ck_current_level() == CK_LEVEL_AVX512_BF16) {
        round_to_bf16_avx512(j->out + begin, j->x + begin, end - begin);
        return;
    }
#endif
    for (size_t i = begin; i < end; i++) j->out[i] = bf16_from_float(j->x[i]);
}

void ck_round_bf16(uint16_t *out, const float *x, size_t count) {
    round_job j = {out, x};
    ck_parallel_for(count, 65536, round_values, &j);
}
