// What each instruction set provides: single-threaded pieces that `dispatch.c` shares out.
#ifndef KERNEL_TABLE_H
#define KERNEL_TABLE_H

#include "CKernels.h"

/// Columns [n0, n1) of y = x wᵀ + bias.
typedef struct {
    float *y;
    const float *x;
    const void *w;
    ck_dtype dtype;
    const float *bias;
    size_t m, n, k;
} linear_problem;

typedef struct {
    void (*expand)(float *out, const void *w, ck_dtype dtype, size_t count);
    void (*linear)(const linear_problem *p, size_t n0, size_t n1);
    void (*rms_norm)(
        float *y, const float *x, const float *w, float eps, size_t rows, size_t columns);
    void (*silu_multiply)(float *gate, const float *up, size_t count);
    void (*add)(float *y, const float *x, size_t count);
    void (*rope)(
        float *x, const float *cosine, const float *sine, size_t rows, size_t heads, size_t d,
        size_t stride);
    /// The scale for 64 weights in 4 bits.
    float (*scale4)(const float *values);
} kernel_table;

extern const kernel_table kernels_reference, kernels_portable;
#if defined(__x86_64__)
extern const kernel_table kernels_avx2, kernels_avx512;
/// Rows [m0, m1) × columns [n0, n1); x already bfloat16 with `ldx` values between rows.
void linear_bf16_avx512(
    float *y, const uint16_t *x, const uint16_t *w, const float *bias, size_t n, size_t k,
    size_t ldx, size_t m0, size_t m1, size_t n0, size_t n1);
void round_to_bf16_avx512(uint16_t *out, const float *x, size_t count);
#endif

const kernel_table *current_kernels(void);

/// bfloat16 bits of x, rounded to nearest even; NaN stays NaN.
static inline uint16_t bf16_from_float(float x) {
    uint32_t bits;
    __builtin_memcpy(&bits, &x, 4);
    if ((bits & 0x7fffffff) > 0x7f800000) return (uint16_t)((bits >> 16) | 0x40);
    return (uint16_t)((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}

static inline float float_from_bf16(uint16_t b) {
    uint32_t bits = (uint32_t)b << 16;
    float x;
    __builtin_memcpy(&x, &bits, 4);
    return x;
}

#endif
