// Chooses the instruction set once, from what the CPU and the operating system report.
#include "kernel_table.h"

// Each thread has its own, and a parallel call lends the caller's to those who help it: products
// elsewhere in the process go on as they were.
static _Thread_local int chosen = -1;

ck_level ck_supported_level(void) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")
                && __builtin_cpu_supports("f16c");
    if (!avx2) return CK_LEVEL_PORTABLE;
    bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
                  && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
    if (!avx512) return CK_LEVEL_AVX2;
    if (!__builtin_cpu_supports("avx512vnni")) return CK_LEVEL_AVX512;
    return __builtin_cpu_supports("avx512bf16") ? CK_LEVEL_AVX512_BF16 : CK_LEVEL_AVX512_VNNI;
#else
    return CK_LEVEL_PORTABLE;
#endif
}

ck_level ck_current_level(void) {
    return chosen >= 0 ? (ck_level)chosen : ck_use_level(CK_LEVEL_AVX512_BF16);
}

ck_level ck_use_level(ck_level level) {
    ck_level best = ck_supported_level();
    if (level > best) level = best;
    chosen = (int)level;
    return level;
}

const char *ck_level_name(ck_level level) {
    static const char *const names[] = {"reference", "portable", "avx2",
                                        "avx512",    "avx512-vnni", "avx512-bf16"};
    return level <= CK_LEVEL_AVX512_BF16 ? names[level] : "unknown";
}

const kernel_table *current_kernels(void) {
    switch (ck_current_level()) {
    case CK_LEVEL_REFERENCE: return &kernels_reference;
#if defined(__x86_64__)
    case CK_LEVEL_AVX2: return &kernels_avx2;
    case CK_LEVEL_AVX512:
    case CK_LEVEL_AVX512_VNNI:
    case CK_LEVEL_AVX512_BF16: return &kernels_avx512;
#endif
    default: return &kernels_portable;
    }
}
