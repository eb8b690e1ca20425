// The vector kernels, written once for any width. A file that includes this defines
//   VW     lanes of a float vector (4, 8, 16)
//   TABLE  name of the kernel_table it exports
// and has switched the compiler to the instruction set it wants.

#include "kernel_table.h"
#include "quantized.h"

#include <math.h>
#include <string.h>

#include "vector_basics.inl"

#include "blocks.inl"

// ---- weights as floats

INLINE vf load_weights(const char *w, ck_dtype dtype, size_t i) {
    if (dtype == CK_F32) return *(const vf_anywhere *)(w + 4 * i);
    vh half = *(const vh_anywhere *)(w + 2 * i);
    if (dtype == CK_F16) return __builtin_convertvector((vhf)half, vf);
    return (vf)(__builtin_convertvector(half, vu) << 16);
}

INLINE float load_weight(const char *w, ck_dtype dtype, size_t i) {
    if (dtype == CK_F32) {
        float f;
        memcpy(&f, w + 4 * i, 4);
        return f;
    }
    uint16_t bits;
    memcpy(&bits, w + 2 * i, 2);
    if (dtype == CK_BF16) return float_from_bf16(bits);
    _Float16 h;
    memcpy(&h, &bits, 2);
    return (float)h;
}

INLINE void expand_as(float *out, const char *w, ck_dtype dtype, size_t count) {
    size_t i = 0;
    for (; i + VW <= count; i += VW) store(out + i, load_weights(w, dtype, i));
    for (; i < count; i++) out[i] = load_weight(w, dtype, i);
}

static void expand(float *out, const void *w, ck_dtype dtype, size_t count) {
    switch (dtype) {
    case CK_F32: expand_as(out, w, CK_F32, count); break;
    case CK_F16: expand_as(out, w, CK_F16, count); break;
    case CK_BF16: expand_as(out, w, CK_BF16, count); break;
    default: expand_blocks(out, w, dtype, count);
    }
}

// ---- products of rows with rows: dot[a][b] = x_a · w_b over k values

INLINE void dots(
    float *out, size_t out_stride, const float *x, size_t x_stride, const char *w,
    size_t w_stride_bytes, ck_dtype dtype, size_t k, const int rows, const int columns) {
    vf sums[4][8];
    UNROLL for (int a = 0; a < rows; a++) {
        UNROLL for (int b = 0; b < columns; b++) sums[a][b] = splat(0);
    }
    size_t i = 0;
    for (; i + VW <= k; i += VW) {
        vf left[4];
        UNROLL for (int a = 0; a < rows; a++) left[a] = load(x + a * x_stride + i);
        UNROLL for (int b = 0; b < columns; b++) {
            vf right = load_weights(w + b * w_stride_bytes, dtype, i);
            UNROLL for (int a = 0; a < rows; a++) sums[a][b] = fma_(left[a], right, sums[a][b]);
        }
    }
    UNROLL for (int a = 0; a < rows; a++) {
        UNROLL for (int b = 0; b < columns; b++) {
            float sum = horizontal_sum(sums[a][b]);
            for (size_t j = i; j < k; j++) {
                sum += x[a * x_stride + j] * load_weight(w + b * w_stride_bytes, dtype, j);
            }
            out[a * out_stride + b] = sum;
        }
    }
}

/// Rows 0 ..< m against rows 0 ..< n, in tiles that stay in registers.
INLINE void dots_block(
    float *out, size_t out_stride, const float *x, size_t x_stride, const char *w,
    size_t w_stride, ck_dtype dtype, size_t m, size_t n, size_t k) {
    size_t b = 0;
    for (; b + 4 <= n; b += 4) {
        size_t a = 0;
        for (; a + 4 <= m; a += 4) {
            dots(out + a * out_stride + b, out_stride, x + a * x_stride, x_stride,
                 w + b * w_stride, w_stride, dtype, k, 4, 4);
        }
        for (; a < m; a++) {
            dots(out + a * out_stride + b, out_stride, x + a * x_stride, x_stride,
                 w + b * w_stride, w_stride, dtype, k, 1, 4);
        }
    }
    for (; b < n; b++) {
        for (size_t a = 0; a < m; a++) {
            dots(out + a * out_stride + b, out_stride, x + a * x_stride, x_stride,
                 w + b * w_stride, w_stride, dtype, k, 1, 1);
        }
    }
}

INLINE void linear_as(const linear_problem *p, size_t n0, size_t n1, ck_dtype dtype) {
    size_t row_bytes = ck_dtype_bytes(dtype, p->k);
    const char *w = (const char *)p->w + n0 * row_bytes;
    if (p->m == 1) {
        // One row: nothing to reuse, so more weight rows at once keep more loads in flight.
        size_t n = n0;
        for (; n + 8 <= n1; n += 8, w += 8 * row_bytes) {
            dots(p->y + n, 0, p->x, 0, w, row_bytes, dtype, p->k, 1, 8);
        }
        for (; n < n1; n++, w += row_bytes) {
            dots(p->y + n, 0, p->x, 0, w, row_bytes, dtype, p->k, 1, 1);
        }
    } else {
        dots_block(p->y + n0, p->n, p->x, p->k, w, row_bytes, dtype, p->m, n1 - n0, p->k);
    }
    if (!p->bias) return;
    for (size_t m = 0; m < p->m; m++) {
        for (size_t n = n0; n < n1; n++) p->y[m * p->n + n] += p->bias[n];
    }
}

static void linear(const linear_problem *p, size_t n0, size_t n1) {
    switch (p->dtype) {
    case CK_F32: linear_as(p, n0, n1, CK_F32); break;
    case CK_F16: linear_as(p, n0, n1, CK_F16); break;
    case CK_BF16: linear_as(p, n0, n1, CK_BF16); break;
    default: linear_blocks(p, n0, n1);
    }
}

// ---- norms and activations

static void rms_norm(
    float *y, const float *x, const float *w, float eps, size_t rows, size_t columns) {
    for (size_t r = 0; r < rows; r++, x += columns, y += columns) {
        vf lanes[4] = {splat(0), splat(0), splat(0), splat(0)};
        size_t c = 0;
        for (; c + 4 * VW <= columns; c += 4 * VW) {
            UNROLL for (int u = 0; u < 4; u++) {
                vf v = load(x + c + u * VW);
                lanes[u] = fma_(v, v, lanes[u]);
            }
        }
        float squares = horizontal_sum((lanes[0] + lanes[1]) + (lanes[2] + lanes[3]));
        for (; c < columns; c++) squares += x[c] * x[c];
        float scale = 1 / sqrtf(squares / (float)columns + eps);
        c = 0;
        for (; c + VW <= columns; c += VW) store(y + c, load(x + c) * scale * load(w + c));
        for (; c < columns; c++) y[c] = x[c] * scale * w[c];
    }
}

static void silu_multiply(float *gate, const float *up, size_t count) {
    size_t i = 0;
    for (; i + VW <= count; i += VW) {
        vf g = load(gate + i);
        store(gate + i, g / (exp_(-g) + 1.0f) * load(up + i));
    }
    for (; i < count; i++) gate[i] = gate[i] / (1 + expf(-gate[i])) * up[i];
}

static void add(float *y, const float *x, size_t count) {
    size_t i = 0;
    for (; i + VW <= count; i += VW) store(y + i, load(y + i) + load(x + i));
    for (; i < count; i++) y[i] += x[i];
}

static void rope(
    float *x, const float *cosine, const float *sine, size_t rows, size_t heads, size_t d,
    size_t stride) {
    size_t half = d / 2;
    for (size_t r = 0; r < rows; r++, cosine += half, sine += half) {
        for (size_t h = 0; h < heads; h++) {
            float *a = x + r * stride + h * d, *b = a + half;
            size_t j = 0;
            for (; j + VW <= half; j += VW) {
                vf c = load(cosine + j), s = load(sine + j), a0 = load(a + j), b0 = load(b + j);
                store(a + j, a0 * c - b0 * s);
                store(b + j, b0 * c + a0 * s);
            }
            for (; j < half; j++) {
                float a0 = a[j], b0 = b[j];
                a[j] = a0 * cosine[j] - b0 * sine[j];
                b[j] = b0 * cosine[j] + a0 * sine[j];
            }
        }
    }
}

// ---- four bits

/// The step nearest to each value, in units of the scale, as a float.
INLINE vf nearest_step(vf scaled) {
    vf level = splat((float)q4_values[0]);
    UNROLL for (int b = 0; b < 15; b++) {
        float border = 0.5f * (float)(q4_values[b] + q4_values[b + 1]);
        vi above = scaled > border;
        level += (vf)((vi)splat((float)(q4_values[b + 1] - q4_values[b])) & above);
    }
    return level;
}

/// The scale of least squared error among those near the two that let the largest value meet an
/// end of the steps. For given steps q the best scale is Σ q·x / Σ q².
static float scale4(const float *values) {
    enum { vectors = 64 / VW };
    vf x[vectors], top = splat(0);
    UNROLL for (int i = 0; i < vectors; i++) {
        x[i] = load(values + i * VW);
        top = __builtin_elementwise_max(top, __builtin_elementwise_max(x[i], -x[i]));
    }
    float largest = horizontal_max(top), best = 0, scale = 0;
    if (largest < 1e-30f) return 0;
    for (int sign = -1; sign <= 1; sign += 2) {
        for (int step = -7; step <= 7; step++) {
            float inverse = (float)sign * (127 + 2.5f * (float)step) / largest;
            vf products = splat(0), squares = splat(0);
            UNROLL for (int i = 0; i < vectors; i++) {
                vf level = nearest_step(x[i] * inverse);
                products = fma_(level, x[i], products);
                squares = fma_(level, level, squares);
            }
            float product = horizontal_sum(products), square = horizontal_sum(squares);
            if (product * product > best * square) {
                best = product * product / square;
                scale = product / square;
            }
        }
    }
    return scale;
}

const kernel_table TABLE = {
    expand, linear, rms_norm, silu_multiply, add, rope, scale4,
};
