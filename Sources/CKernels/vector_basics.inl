// Vectors of VW floats (4, 8 or 16 lanes) and what every kernel does with them.

#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("clang loop unroll(full)")

typedef float vf __attribute__((vector_size(VW * 4)));
typedef int32_t vi __attribute__((vector_size(VW * 4)));
typedef uint32_t vu __attribute__((vector_size(VW * 4)));
typedef uint16_t vh __attribute__((vector_size(VW * 2)));
typedef _Float16 vhf __attribute__((vector_size(VW * 2)));
typedef vf vf_anywhere __attribute__((aligned(1)));
typedef vh vh_anywhere __attribute__((aligned(1)));

INLINE vf load(const float *p) { return *(const vf_anywhere *)p; }
INLINE void store(float *p, vf x) { *(vf_anywhere *)p = x; }
/// Minus, not plus: adding zero would turn -0 into 0.
INLINE vf splat(float x) { return x - (vf){0}; }
#if VW == 4 && defined(__x86_64__)
// SSE2 has no fused multiply-add; asking for one would call the library for every lane.
INLINE vf fma_(vf a, vf b, vf c) { return a * b + c; }
#else
INLINE vf fma_(vf a, vf b, vf c) { return __builtin_elementwise_fma(a, b, c); }
#endif

INLINE float horizontal_sum(vf x) {
    // Halve until four lanes are left: a tree, so the order of additions is fixed.
#if VW == 16
    typedef float v8 __attribute__((vector_size(32)));
    v8 e = __builtin_shufflevector(x, x, 0, 1, 2, 3, 4, 5, 6, 7)
           + __builtin_shufflevector(x, x, 8, 9, 10, 11, 12, 13, 14, 15);
#elif VW == 8
    vf e = x;
#endif
    typedef float v4 __attribute__((vector_size(16)));
#if VW >= 8
    v4 q = __builtin_shufflevector(e, e, 0, 1, 2, 3) + __builtin_shufflevector(e, e, 4, 5, 6, 7);
#else
    v4 q = x;
#endif
    return (q[0] + q[2]) + (q[1] + q[3]);
}

INLINE float horizontal_max(vf x) {
#if VW == 16
    typedef float m8 __attribute__((vector_size(32)));
    m8 e = __builtin_elementwise_max(
        __builtin_shufflevector(x, x, 0, 1, 2, 3, 4, 5, 6, 7),
        __builtin_shufflevector(x, x, 8, 9, 10, 11, 12, 13, 14, 15));
#elif VW == 8
    vf e = x;
#endif
    typedef float m4 __attribute__((vector_size(16)));
#if VW >= 8
    m4 q = __builtin_elementwise_max(
        __builtin_shufflevector(e, e, 0, 1, 2, 3), __builtin_shufflevector(e, e, 4, 5, 6, 7));
#else
    m4 q = x;
#endif
    m4 p = __builtin_elementwise_max(q, __builtin_shufflevector(q, q, 2, 3, 0, 1));
    return p[0] > p[1] ? p[0] : p[1];
}

/// e^x within 2 units in the last place; 0 below -87.3.
INLINE vf exp_(vf x) {
    vf clamped = __builtin_elementwise_min(x, splat(88.37f));
    clamped = __builtin_elementwise_max(clamped, splat(-87.33f));
    const float shift = 12582912.0f; // 1.5·2²³: adding it rounds to an integer in the low bits
    vf t = fma_(clamped, splat(1.44269504f), splat(shift));
    vf n = t - shift;
    vf r = fma_(n, splat(-0.693359375f), clamped);
    r = fma_(n, splat(2.12194440e-4f), r);
    vf p = splat(1.9875691500e-4f);
    p = fma_(p, r, splat(1.3981999507e-3f));
    p = fma_(p, r, splat(8.3334519073e-3f));
    p = fma_(p, r, splat(4.1665795894e-2f));
    p = fma_(p, r, splat(1.6666665459e-1f));
    p = fma_(p, r, splat(5.0000001201e-1f));
    p = fma_(p, r * r, r + 1.0f);
    vi exponent = ((vi)t - (vi)splat(shift)) << 23;
    vf result = (vf)((vi)p + exponent);
    vi keep = x > splat(-87.33f);
    return (vf)((vi)result & keep);
}
