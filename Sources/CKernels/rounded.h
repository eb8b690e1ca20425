// Products in which both sides are rounded to bfloat16 on the way, whatever they are stored in.
#ifndef ROUNDED_H
#define ROUNDED_H

#include "CKernels.h"

/// Where the right side of a product, b[k,n], comes from.
typedef enum {
    ROUNDED_PACKED,     ///< packed weights w[k,n] in the job's format
    ROUNDED_BF16,       ///< bfloat16, b(t,j) = b[t·ldb + j]
    ROUNDED_F32,        ///< float, b(t,j) = b[t·ldb + j]
    ROUNDED_F32_TURNED  ///< float, b(t,j) = b[j·ldb + t]
} rounded_source;

/// c[m,n] = a · b, or c += a · b.
typedef struct {
    float *c;
    /// c(i,j) = c[i·c_row + j·c_step]
    size_t c_row, c_step;
    const void *b;
    rounded_source source;
    size_t ldb;
    size_t m, n, k;
    bool accumulate;
    ck_quantized_format format;
    /// a in bfloat16: [m up to a multiple of `rounded_rows`, lda], zero beyond m and k.
    const uint16_t *a;
    size_t lda;
} rounded_job;

enum {
    rounded_rows = 6,     ///< rows of c that registers hold at once
    rounded_columns = 64, ///< columns of c in one piece of work: a block of packed weights
    rounded_depth = 256,  ///< values of k whose part of b fits the first-level cache
    rounded_step = 16     ///< k is padded to a multiple of this
};

#if defined(__x86_64__)
/// Rows [m0, m1) of columns [n0, n0 + rounded_columns); m0 is a multiple of `rounded_rows`.
/// `sums` has room for (m1 - m0 + rounded_rows) × rounded_columns floats.
void rounded_piece_avx512(const rounded_job *job, size_t m0, size_t m1, size_t n0, float *sums);
/// Rows [begin, end) of a, given as floats a[i·a_row + t·a_step], to bfloat16.
void round_rows_avx512(
    uint16_t *out, size_t lda, const float *a, size_t a_row, size_t a_step, size_t m, size_t k,
    size_t begin, size_t end);
#endif

#endif
