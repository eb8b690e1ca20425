/// OpenBLAS, loaded late.
///
/// Debian's OpenBLAS 0.3.21 does not recognise CPUs newer than itself and falls back to kernels a
/// quarter as fast. Which kernels it uses is decided while the library is loaded, from the
/// environment variable OPENBLAS_CORETYPE; so the library is not linked but opened after the CPU
/// has been looked at and the variable set.
#ifndef COPENBLAS_H
#define COPENBLAS_H

#include <stdbool.h>
#include <stddef.h>

/// Opens the library once; later calls return the first answer. False when it is not installed.
bool cob_available(void);
/// The kernel family OpenBLAS chose ("SkylakeX", "Haswell", …), or "none".
const char *cob_core_type(void);
/// OpenBLAS's own description of its build, or "none".
const char *cob_configuration(void);
/// Threads for the following products; at least 1.
void cob_set_thread_count(size_t count);
/// y[m,n] = x[m,k] · w[n,k]ᵀ with row strides ldy, ldx, ldw in floats.
/// Only to be called when `cob_available()`.
void cob_multiply_transposed(
    float *y, size_t ldy, const float *x, size_t ldx, const float *w, size_t ldw, size_t m,
    size_t n, size_t k);
/// c[m,n] = alpha·op(a)·op(b) + beta·c with row strides ldc, lda, ldb in floats; op transposes a
/// matrix that is stored as [k,m] or [n,k]. With beta 0, c need not be initialised.
/// Only to be called when `cob_available()`.
void cob_multiply(
    float *c, size_t ldc, const float *a, size_t lda, bool transpose_a, const float *b, size_t ldb,
    bool transpose_b, size_t m, size_t n, size_t k, float alpha, float beta);

#endif
