// The specification: the plainest loops that say what each operation computes. The only cleverness
// is that sums run in double, so that a faster kernel is measured against the better value.
#include "blocks.h"
#include "kernel_table.h"
#include "quantized.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static float weight_at(const void *w, ck_dtype dtype, size_t i) {
    switch (dtype) {
    case CK_F16: {
        _Float16 h;
        memcpy(&h, (const char *)w + 2 * i, 2);
        return (float)h;
    }
    case CK_BF16: {
        uint16_t b;
        memcpy(&b, (const char *)w + 2 * i, 2);
        return float_from_bf16(b);
    }
    case CK_F32: {
        float f;
        memcpy(&f, (const char *)w + 4 * i, 4);
        return f;
    }
    default: {
        float values[longest_block];
        size_t length = ck_dtype_block(dtype);
        const uint8_t *block = (const uint8_t *)w + ck_dtype_bytes(dtype, i / length * length);
        expand_block_reference(values, block, dtype);
        return values[i % length];
    }
    }
}

void ck_expand_reference(float *out, const void *w, ck_dtype dtype, size_t count) {
    for (size_t i = 0; i < count; i++) out[i] = weight_at(w, dtype, i);
}

static void linear_columns(const linear_problem *p, size_t n0, size_t n1) {
    for (size_t row = 0; row < p->m; row++) {
        for (size_t column = n0; column < n1; column++) {
            double sum = p->bias ? p->bias[column] : 0;
            for (size_t i = 0; i < p->k; i++) {
                sum += (double)p->x[row * p->k + i] * weight_at(p->w, p->dtype, column * p->k + i);
            }
            p->y[row * p->n + column] = (float)sum;
        }
    }
}

void ck_linear_reference(
    float *y, const float *x, const void *w, ck_dtype dtype, const float *bias, size_t m, size_t n,
    size_t k) {
    linear_problem p = {y, x, w, dtype, bias, m, n, k};
    linear_columns(&p, 0, n);
}

void ck_linear_bf16_reference(
    float *y, const float *x, const void *w, const float *bias, size_t m, size_t n, size_t k) {
    for (size_t row = 0; row < m; row++) {
        for (size_t column = 0; column < n; column++) {
            double sum = bias ? bias[column] : 0;
            for (size_t i = 0; i < k; i++) {
                float rounded = float_from_bf16(bf16_from_float(x[row * k + i]));
                sum += (double)rounded * weight_at(w, CK_BF16, column * k + i);
            }
            y[row * n + column] = (float)sum;
        }
    }
}

void ck_rms_norm_reference(
    float *y, const float *x, const float *w, float eps, size_t rows, size_t columns) {
    for (size_t r = 0; r < rows; r++, x += columns, y += columns) {
        double squares = 0;
        for (size_t c = 0; c < columns; c++) squares += (double)x[c] * x[c];
        double scale = 1 / sqrt(squares / (double)columns + eps);
        for (size_t c = 0; c < columns; c++) y[c] = (float)(x[c] * scale) * w[c];
    }
}

void ck_silu_multiply_reference(float *gate, const float *up, size_t count) {
    for (size_t i = 0; i < count; i++) gate[i] = gate[i] / (1 + expf(-gate[i])) * up[i];
}

static void add_reference(float *y, const float *x, size_t count) {
    for (size_t i = 0; i < count; i++) y[i] += x[i];
}

static void rope_reference(
    float *x, const float *cosine, const float *sine, size_t rows, size_t heads, size_t d,
    size_t stride) {
    size_t half = d / 2;
    for (size_t r = 0; r < rows; r++) {
        for (size_t h = 0; h < heads; h++) {
            float *a = x + r * stride + h * d, *b = a + half;
            for (size_t j = 0; j < half; j++) {
                float c = cosine[r * half + j], s = sine[r * half + j], a0 = a[j], b0 = b[j];
                a[j] = a0 * c - b0 * s;
                b[j] = b0 * c + a0 * s;
            }
        }
    }
}

/// Tries a fine grid of scales and keeps the one of least squared error.
static float scale4_reference(const float *x) {
    double largest = 0, best = INFINITY, chosen = 0;
    for (int i = 0; i < 64; i++) largest = fmax(largest, fabs(x[i]));
    if (largest < 1e-30) return 0;
    for (int step = -160; step <= 160; step++) {
        if (abs(step) < 80) continue;
        double scale = largest / step, error = 0;
        for (int i = 0; i < 64; i++) {
            double least = INFINITY;
            for (int q = 0; q < 16; q++) {
                double miss = x[i] - scale * q4_values[q];
                if (miss * miss < least) least = miss * miss;
            }
            error += least;
        }
        if (error < best) {
            best = error;
            chosen = scale;
        }
    }
    return (float)chosen;
}

const kernel_table kernels_reference = {
    ck_expand_reference, linear_columns, ck_rms_norm_reference, ck_silu_multiply_reference,
    add_reference,       rope_reference, scale4_reference,
};
