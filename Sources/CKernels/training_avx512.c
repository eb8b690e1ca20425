#if defined(__x86_64__)
#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,f16c"))), \
    apply_to = function)
#define VW 16
#define TABLE training_avx512
#include "training_impl.inl"
#pragma clang attribute pop
#endif
