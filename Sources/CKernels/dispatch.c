// The public operations: they cut the work into pieces and hand each piece to the kernel table.
#include "kernel_table.h"

#include <math.h>
#include <stdlib.h>

/// Work of about this many bytes or multiply-adds is worth waking another thread for.
enum { grain_values = 16384 };

static size_t row_grain(size_t columns) { return 1 + grain_values / (columns + 1); }

// Memory for one piece of work; running out of it is not something a caller can repair.
static void *scratch(size_t bytes) {
    void *memory = aligned_alloc(64, (bytes + 127) / 64 * 64);
    if (!memory) abort();
    return memory;
}

// ---- expand

typedef struct {
    float *out;
    const char *w;
    ck_dtype dtype;
} expand_job;

static void expand_body(void *context, size_t begin, size_t end) {
    expand_job *j = context;
    size_t block = ck_dtype_block(j->dtype);
    current_kernels()->expand(
        j->out + begin * block, j->w + ck_dtype_bytes(j->dtype, begin * block), j->dtype,
        (end - begin) * block);
}

void ck_expand(float *out, const void *w, ck_dtype dtype, size_t count) {
    expand_job j = {out, w, dtype};
    size_t block = ck_dtype_block(dtype);
    ck_parallel_for(count / block, 4 * grain_values / block, expand_body, &j);
}

// ---- linear

static void linear_body(void *context, size_t begin, size_t end) {
    current_kernels()->linear(context, begin, end);
}

void ck_linear(
    float *y, const float *x, const void *w, ck_dtype dtype, const float *bias, size_t m, size_t n,
    size_t k) {
    linear_problem p = {y, x, w, dtype, bias, m, n, k};
    size_t grain = 1 + 4 * grain_values / (m * k + 1);
    ck_parallel_for(n, (grain + 7) / 8 * 8, linear_body, &p);
}

#if defined(__x86_64__)
typedef struct {
    float *y;
    const float *x;
    uint16_t *rounded;
    const uint16_t *w;
    const float *bias;
    size_t m, n, k, ldx;
} bf16_job;

static void round_body(void *context, size_t begin, size_t end) {
    bf16_job *j = context;
    for (size_t r = begin; r < end; r++) {
        round_to_bf16_avx512(j->rounded + r * j->ldx, j->x + r * j->k, j->k);
    }
}

static void bf16_body(void *context, size_t begin, size_t end) {
    bf16_job *j = context;
    linear_bf16_avx512(j->y, j->rounded, j->w, j->bias, j->n, j->k, j->ldx, 0, j->m, begin, end);
}
#endif

void ck_linear_bf16(
    float *y, const float *x, const void *w, const float *bias, size_t m, size_t n, size_t k) {
#if defined(__x86_64__)
    if (ck_current_level() == CK_LEVEL_AVX512_BF16) {
        size_t ldx = (k + 31) / 32 * 32;
        // An odd number of cache lines between rows keeps them out of each other's sets.
        if (ldx % 64 == 0) ldx += 32;
        uint16_t *rounded = scratch(m * ldx * sizeof(uint16_t));
        bf16_job j = {y, x, rounded, w, bias, m, n, k, ldx};
        ck_parallel_for(m, row_grain(k), round_body, &j);
        ck_parallel_for(n, 48, bf16_body, &j);
        free(rounded);
        return;
    }
#endif
    float *rounded = scratch(m * k * sizeof(float));
    for (size_t i = 0; i < m * k; i++) rounded[i] = float_from_bf16(bf16_from_float(x[i]));
    ck_linear(y, rounded, w, CK_BF16, bias, m, n, k);
    free(rounded);
}

// ---- row-wise operations

typedef struct {
    float *y;
    const float *x, *w, *b;
    float eps;
    size_t columns;
} norm_job;

static void rms_body(void *context, size_t begin, size_t end) {
    norm_job *j = context;
    size_t c = j->columns;
    current_kernels()->rms_norm(j->y + begin * c, j->x + begin * c, j->w, j->eps, end - begin, c);
}

void ck_rms_norm(
    float *y, const float *x, const float *w, float eps, size_t rows, size_t columns) {
    norm_job j = {y, x, w, NULL, eps, columns};
    ck_parallel_for(rows, row_grain(columns), rms_body, &j);
}

static void layer_norm_body(void *context, size_t begin, size_t end) {
    norm_job *j = context;
    for (size_t r = begin; r < end; r++) {
        const float *x = j->x + r * j->columns;
        float *y = j->y + r * j->columns;
        double mean = 0, variance = 0;
        for (size_t c = 0; c < j->columns; c++) mean += x[c];
        mean /= (double)j->columns;
        for (size_t c = 0; c < j->columns; c++) variance += (x[c] - mean) * (x[c] - mean);
        double scale = 1 / sqrt(variance / (double)j->columns + j->eps);
        for (size_t c = 0; c < j->columns; c++) {
            y[c] = (float)((x[c] - mean) * scale) * j->w[c] + j->b[c];
        }
    }
}

void ck_layer_norm(
    float *y, const float *x, const float *w, const float *b, float eps, size_t rows,
    size_t columns) {
    norm_job j = {y, x, w, b, eps, columns};
    ck_parallel_for(rows, row_grain(columns), layer_norm_body, &j);
}

// ---- element-wise operations

typedef struct {
    float *y;
    const float *x;
} element_job;

static void silu_body(void *context, size_t begin, size_t end) {
    element_job *j = context;
    current_kernels()->silu_multiply(j->y + begin, j->x + begin, end - begin);
}

void ck_silu_multiply(float *gate, const float *up, size_t count) {
    element_job j = {gate, up};
    ck_parallel_for(count, grain_values / 2, silu_body, &j);
}

static void gelu_body(void *context, size_t begin, size_t end) {
    float *x = ((element_job *)context)->y;
    for (size_t i = begin; i < end; i++) x[i] = 0.5f * x[i] * (1 + erff(x[i] * 0.70710678118f));
}

void ck_gelu_erf(float *x, size_t count) {
    element_job j = {x, NULL};
    ck_parallel_for(count, grain_values / 8, gelu_body, &j);
}

static void gelu_tanh_body(void *context, size_t begin, size_t end) {
    float *x = ((element_job *)context)->y;
    for (size_t i = begin; i < end; i++) {
        float inner = 0.7978845608f * (x[i] + 0.044715f * x[i] * x[i] * x[i]);
        x[i] = 0.5f * x[i] * (1 + tanhf(inner));
    }
}

void ck_gelu_tanh(float *x, size_t count) {
    element_job j = {x, NULL};
    ck_parallel_for(count, grain_values / 8, gelu_tanh_body, &j);
}

static void quick_gelu_body(void *context, size_t begin, size_t end) {
    float *x = ((element_job *)context)->y;
    for (size_t i = begin; i < end; i++) x[i] = x[i] / (1 + expf(-1.702f * x[i]));
}

void ck_quick_gelu(float *x, size_t count) {
    element_job j = {x, NULL};
    ck_parallel_for(count, grain_values / 8, quick_gelu_body, &j);
}

static void add_body(void *context, size_t begin, size_t end) {
    element_job *j = context;
    current_kernels()->add(j->y + begin, j->x + begin, end - begin);
}

void ck_add(float *y, const float *x, size_t count) {
    element_job j = {y, x};
    ck_parallel_for(count, 4 * grain_values, add_body, &j);
}

static void add_row_body(void *context, size_t begin, size_t end) {
    norm_job *j = context;
    for (size_t r = begin; r < end; r++) {
        current_kernels()->add(j->y + r * j->columns, j->x, j->columns);
    }
}

void ck_add_row(float *y, const float *row, size_t rows, size_t columns) {
    norm_job j = {y, row, NULL, NULL, 0, columns};
    ck_parallel_for(rows, row_grain(columns), add_row_body, &j);
}

// ---- rope

typedef struct {
    float *x;
    const float *cosine, *sine;
    size_t heads, d, stride;
} rope_job;

static void rope_body(void *context, size_t begin, size_t end) {
    rope_job *j = context;
    size_t half = j->d / 2;
    current_kernels()->rope(
        j->x + begin * j->stride, j->cosine + begin * half, j->sine + begin * half, end - begin,
        j->heads, j->d, j->stride);
}

void ck_rope(
    float *x, const float *cosine, const float *sine, size_t rows, size_t heads, size_t d,
    size_t stride) {
    rope_job j = {x, cosine, sine, heads, d, stride};
    ck_parallel_for(rows, row_grain(heads * d), rope_body, &j);
}
