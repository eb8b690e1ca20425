#include "COpenBLAS.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>

typedef void (*sgemm_function)(
    int order, int transpose_a, int transpose_b, int m, int n, int k, float alpha, const float *a,
    int lda, const float *b, int ldb, float beta, float *c, int ldc);

static sgemm_function sgemm;
static char *(*core_name)(void);
static char *(*configuration)(void);
static void (*set_threads)(int);
static pthread_once_t once = PTHREAD_ONCE_INIT;

/// The newest kernel family that this CPU can run and 0.3.21 knows; NULL leaves the choice to it.
static const char *best_core_type(void) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
        && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")) {
        return "SkylakeX";
    }
#endif
    return NULL;
}

static void open_library(void) {
    // OPENBLAS_CORETYPE is often inherited from a machine image that played safe, so it is no sign
    // of anyone's wish; who does wish something else has a variable of ours.
    const char *wish = getenv("STUDIO_OPENBLAS_CORETYPE");
    const char *core = wish ? wish : best_core_type();
    if (core) setenv("OPENBLAS_CORETYPE", core, 1);
    static const char *const names[] = {
        "libopenblas.so.0", "libopenblas.so", "libopenblas.0.dylib"};
    void *library = NULL;
    for (size_t i = 0; i < sizeof names / sizeof *names && !library; i++) {
        library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
    }
    if (!library) return;
    core_name = (char *(*)(void))dlsym(library, "openblas_get_corename");
    configuration = (char *(*)(void))dlsym(library, "openblas_get_config");
    set_threads = (void (*)(int))dlsym(library, "openblas_set_num_threads");
    sgemm = (sgemm_function)dlsym(library, "cblas_sgemm");
}

bool cob_available(void) {
    pthread_once(&once, open_library);
    return sgemm != NULL;
}

const char *cob_core_type(void) {
    return cob_available() && core_name ? core_name() : "none";
}

const char *cob_configuration(void) {
    return cob_available() && configuration ? configuration() : "none";
}

void cob_set_thread_count(size_t count) {
    if (cob_available() && set_threads) set_threads(count < 1 ? 1 : (int)count);
}

void cob_multiply_transposed(
    float *y, size_t ldy, const float *x, size_t ldx, const float *w, size_t ldw, size_t m,
    size_t n, size_t k) {
    enum { row_major = 101, no_transpose = 111, transpose = 112 };
    sgemm(
        row_major, no_transpose, transpose, (int)m, (int)n, (int)k, 1, x, (int)ldx, w, (int)ldw, 0,
        y, (int)ldy);
}

void cob_multiply(
    float *c, size_t ldc, const float *a, size_t lda, bool transpose_a, const float *b, size_t ldb,
    bool transpose_b, size_t m, size_t n, size_t k, float alpha, float beta) {
    enum { row_major = 101, no_transpose = 111, transpose = 112 };
    sgemm(
        row_major, transpose_a ? transpose : no_transpose, transpose_b ? transpose : no_transpose,
        (int)m, (int)n, (int)k, alpha, a, (int)lda, b, (int)ldb, beta, c, (int)ldc);
}
