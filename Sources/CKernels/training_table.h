// What each instruction set provides for training: single-threaded pieces that `training.c` shares
// out.
#ifndef TRAINING_TABLE_H
#define TRAINING_TABLE_H

#include "CKernels.h"

typedef struct {
    void (*multiply)(
        float *c, size_t ldc, const float *a, size_t a_row, size_t a_step, const float *b,
        size_t ldb, size_t m, size_t n, size_t k, bool accumulate);
    void (*rms_norm_backward)(
        float *dx, const float *dy, const float *x, const float *w, float eps, size_t rows,
        size_t columns);
    void (*silu_multiply_backward)(float *gate, float *up, const float *dh, size_t count);
    /// One head of one run; `scratch` holds attention_scratch(p) floats.
    void (*attention_forward)(const ck_branch_attention *p, size_t head, float *scratch);
    /// The same; gradients of keys and values go to `dk` and `dv`, [prefix + tokens, d] each,
    /// which are zero before.
    void (*attention_backward)(
        const ck_branch_attention *p, size_t head, float *dk, float *dv, float *scratch);
    float (*log_sum_exp)(const float *logits, float scale, size_t vocabulary);
    /// x[i] = -slope·e^(scale·x[i] - total).
    void (*negative_softmax)(
        float *x, float scale, float total, float slope, size_t vocabulary);
    void (*adamw)(
        float *p, float *m, float *v, const float *g, size_t count, const ck_adamw_step *step);
    double (*sum_of_squares)(const float *x, size_t count);
    float (*largest)(const float *x, size_t count);
    /// Σ e^(x[i] - top), nothing for -infinity.
    float (*sum_of_exponentials)(const float *x, float top, size_t count);
} training_table;

/// NULL when the plain loops are wanted.
const training_table *current_training_kernels(void);

extern const training_table training_portable;
#if defined(__x86_64__)
extern const training_table training_avx2, training_avx512;
#endif

/// Queries whose probabilities are held at once.
enum { training_block = 32 };

/// Floats from one row of probabilities to the next.
static inline size_t probability_stride(const ck_branch_attention *p) {
    return (p->prefix + p->tokens + 15) / 16 * 16;
}

/// Keys and values of one head, plain and transposed, and two blocks of probabilities.
static inline size_t attention_scratch(const ck_branch_attention *p) {
    return (4 * p->d + 2 * training_block) * probability_stride(p);
}

#endif
