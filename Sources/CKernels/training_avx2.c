#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)
#define VW 8
#define TABLE training_avx2
#include "training_impl.inl"
#pragma clang attribute pop
#endif
