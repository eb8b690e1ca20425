// The training kernels, written once for any width. A file that includes this defines
//   VW     lanes of a float vector (4, 8, 16)
//   TABLE  name of the training_table it exports
// and has switched the compiler to the instruction set it wants.

#include "training_table.h"

#include <math.h>
#include <string.h>

#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("clang loop unroll(full)")

typedef float vf __attribute__((vector_size(VW * 4)));
typedef int32_t vi __attribute__((vector_size(VW * 4)));
typedef vf vf_anywhere __attribute__((aligned(1)));

INLINE vf load(const float *p) { return *(const vf_anywhere *)p; }
INLINE void store(float *p, vf x) { *(vf_anywhere *)p = x; }
INLINE vf splat(float x) { return (vf){0} + x; }
INLINE vf fma_(vf a, vf b, vf c) { return __builtin_elementwise_fma(a, b, c); }

INLINE float horizontal_sum(vf x) {
    float sum[VW];
    store(sum, x);
    UNROLL for (int width = VW / 2; width > 0; width /= 2) {
        for (int i = 0; i < width; i++) sum[i] += sum[i + width];
    }
    return sum[0];
}

INLINE float horizontal_max(vf x) {
    float best = x[0];
    UNROLL for (int i = 1; i < VW; i++) best = x[i] > best ? x[i] : best;
    return best;
}

/// e^x within 2 units in the last place; 0 below -87.3. The same polynomial as in vector_impl.inl.
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

// ---- product: a tile of c stays in registers while k runs

#if VW == 16
enum { tile_rows = 6, tile_vectors = 4 };
#else
enum { tile_rows = 6, tile_vectors = 2 };
#endif

INLINE void tile(
    float *c, size_t ldc, const float *a, size_t a_row, size_t a_step, const float *b, size_t ldb,
    size_t k, bool accumulate, const int rows, const int vectors) {
    vf sums[tile_rows][tile_vectors];
    UNROLL for (int i = 0; i < rows; i++) {
        UNROLL for (int j = 0; j < vectors; j++) {
            sums[i][j] = accumulate ? load(c + i * ldc + j * VW) : splat(0);
        }
    }
    for (size_t t = 0; t < k; t++) {
        vf right[tile_vectors];
        UNROLL for (int j = 0; j < vectors; j++) right[j] = load(b + t * ldb + j * VW);
        UNROLL for (int i = 0; i < rows; i++) {
            vf left = splat(a[i * a_row + t * a_step]);
            UNROLL for (int j = 0; j < vectors; j++) {
                sums[i][j] = fma_(left, right[j], sums[i][j]);
            }
        }
    }
    UNROLL for (int i = 0; i < rows; i++) {
        UNROLL for (int j = 0; j < vectors; j++) store(c + i * ldc + j * VW, sums[i][j]);
    }
}

INLINE void tile_column(
    float *c, size_t ldc, const float *a, size_t a_row, size_t a_step, const float *b, size_t ldb,
    size_t m, size_t k, bool accumulate, const int vectors) {
    size_t i = 0;
    for (; i + tile_rows <= m; i += tile_rows) {
        tile(c + i * ldc, ldc, a + i * a_row, a_row, a_step, b, ldb, k, accumulate, tile_rows,
             vectors);
    }
    for (; i < m; i++) {
        tile(c + i * ldc, ldc, a + i * a_row, a_row, a_step, b, ldb, k, accumulate, 1, vectors);
    }
}

static void multiply(
    float *c, size_t ldc, const float *a, size_t a_row, size_t a_step, const float *b, size_t ldb,
    size_t m, size_t n, size_t k, bool accumulate) {
    size_t j = 0;
    for (; j + tile_vectors * VW <= n; j += tile_vectors * VW) {
        tile_column(c + j, ldc, a, a_row, a_step, b + j, ldb, m, k, accumulate, tile_vectors);
    }
    for (; j + VW <= n; j += VW) {
        tile_column(c + j, ldc, a, a_row, a_step, b + j, ldb, m, k, accumulate, 1);
    }
    for (; j < n; j++) {
        for (size_t i = 0; i < m; i++) {
            float sum = accumulate ? c[i * ldc + j] : 0;
            for (size_t t = 0; t < k; t++) sum += a[i * a_row + t * a_step] * b[t * ldb + j];
            c[i * ldc + j] = sum;
        }
    }
}

// ---- norms and activations

static void rms_norm_backward(
    float *dx, const float *dy, const float *x, const float *w, float eps, size_t rows,
    size_t columns) {
    for (size_t r = 0; r < rows; r++, x += columns, dx += columns, dy += columns) {
        vf square_lanes = splat(0), product_lanes = splat(0);
        size_t c = 0;
        for (; c + VW <= columns; c += VW) {
            vf v = load(x + c);
            square_lanes = fma_(v, v, square_lanes);
            product_lanes = fma_(load(w + c) * load(dy + c), v, product_lanes);
        }
        float squares = horizontal_sum(square_lanes), product = horizontal_sum(product_lanes);
        for (; c < columns; c++) {
            squares += x[c] * x[c];
            product += w[c] * dy[c] * x[c];
        }
        float scale = 1 / sqrtf(squares / (float)columns + eps);
        float pull = scale * scale * scale * product / (float)columns;
        c = 0;
        for (; c + VW <= columns; c += VW) {
            vf g = load(w + c) * load(dy + c) * scale - load(x + c) * pull;
            store(dx + c, load(dx + c) + g);
        }
        for (; c < columns; c++) dx[c] += w[c] * dy[c] * scale - x[c] * pull;
    }
}

static void silu_multiply_backward(float *gate, float *up, const float *dh, size_t count) {
    size_t i = 0;
    for (; i + VW <= count; i += VW) {
        vf g = load(gate + i), u = load(up + i), d = load(dh + i);
        vf sigma = 1.0f / (exp_(-g) + 1.0f);
        store(up + i, d * g * sigma);
        store(gate + i, d * u * sigma * (1.0f + g * (1.0f - sigma)));
    }
    for (; i < count; i++) {
        float g = gate[i], sigma = 1 / (1 + expf(-g));
        gate[i] = dh[i] * up[i] * sigma * (1 + g * (1 - sigma));
        up[i] = dh[i] * g * sigma;
    }
}

// ---- attention

/// The keys (or values) of one head: `plain` is [keys, d], `turned` is [d, stride].
static void gather(
    float *plain, float *turned, size_t stride, const float *prefix, size_t prefix_count,
    const float *own, size_t own_count, size_t kv_stride, size_t d) {
    for (size_t j = 0; j < prefix_count + own_count; j++) {
        const float *row = j < prefix_count ? prefix + j * kv_stride
                                            : own + (j - prefix_count) * kv_stride;
        memcpy(plain + j * d, row, d * sizeof(float));
        for (size_t c = 0; c < d; c++) turned[c * stride + j] = row[c];
    }
}

typedef struct {
    float *k, *v, *k_turned, *v_turned, *weights, *slopes;
    size_t stride;
} head_memory;

static head_memory prepare_head(const ck_branch_attention *p, size_t head, float *scratch) {
    size_t kv = head / (p->heads / p->kv_heads) * p->d, stride = probability_stride(p);
    head_memory h;
    h.stride = stride;
    h.k = scratch;
    h.v = h.k + stride * p->d;
    h.k_turned = h.v + stride * p->d;
    h.v_turned = h.k_turned + stride * p->d;
    h.weights = h.v_turned + stride * p->d;
    h.slopes = h.weights + training_block * stride;
    const float *prefix_k = p->prefix ? p->prefix_k + kv : NULL;
    const float *prefix_v = p->prefix ? p->prefix_v + kv : NULL;
    gather(h.k, h.k_turned, stride, prefix_k, p->prefix, p->k + kv, p->tokens, p->kv_stride, p->d);
    gather(h.v, h.v_turned, stride, prefix_v, p->prefix, p->v + kv, p->tokens, p->kv_stride, p->d);
    return h;
}

/// Row in place: softmax of scale·row over the first `visible` values, zero up to `keys`.
static void softmax_row(float *row, size_t visible, size_t keys, float scale) {
    vf largest = splat(-INFINITY);
    size_t j = 0;
    for (; j + VW <= visible; j += VW) {
        largest = __builtin_elementwise_max(largest, load(row + j));
    }
    float top = horizontal_max(largest);
    for (; j < visible; j++) top = row[j] > top ? row[j] : top;
    vf lanes = splat(0);
    j = 0;
    for (; j + VW <= visible; j += VW) {
        vf e = exp_((load(row + j) - top) * scale);
        store(row + j, e);
        lanes += e;
    }
    float total = horizontal_sum(lanes);
    for (; j < visible; j++) total += row[j] = expf((row[j] - top) * scale);
    float inverse = 1 / total;
    j = 0;
    for (; j + VW <= visible; j += VW) store(row + j, load(row + j) * inverse);
    for (; j < visible; j++) row[j] *= inverse;
    memset(row + visible, 0, (keys - visible) * sizeof(float));
}

/// Probabilities of queries [q0, q0 + rows), `keys` of them per row.
static void probabilities(
    const ck_branch_attention *p, const head_memory *h, size_t head, size_t q0, size_t rows,
    size_t keys) {
    multiply(
        h->weights, h->stride, p->q + q0 * p->q_stride + head * p->d, p->q_stride, 1, h->k_turned,
        h->stride, rows, keys, p->d, false);
    float scale = 1 / sqrtf((float)p->d);
    for (size_t i = 0; i < rows; i++) {
        softmax_row(h->weights + i * h->stride, p->prefix + q0 + i + 1, keys, scale);
    }
}

static void attention_forward(const ck_branch_attention *p, size_t head, float *scratch) {
    head_memory h = prepare_head(p, head, scratch);
    for (size_t q0 = 0; q0 < p->tokens; q0 += training_block) {
        size_t rows = p->tokens - q0 < training_block ? p->tokens - q0 : training_block;
        size_t keys = p->prefix + q0 + rows;
        probabilities(p, &h, head, q0, rows, keys);
        multiply(
            p->out + q0 * p->q_stride + head * p->d, p->q_stride, h.weights, h.stride, 1, h.v,
            p->d, rows, p->d, keys, false);
    }
}

/// slopes = weights · (slopes - Σ weights·slopes) · scale, row by row: the gradient of the softmax.
static void softmax_backward(const head_memory *h, size_t rows, size_t keys, float scale) {
    for (size_t i = 0; i < rows; i++) {
        float *w = h->weights + i * h->stride, *s = h->slopes + i * h->stride;
        vf lanes = splat(0);
        size_t j = 0;
        for (; j + VW <= keys; j += VW) lanes = fma_(load(w + j), load(s + j), lanes);
        float mean = horizontal_sum(lanes);
        for (; j < keys; j++) mean += w[j] * s[j];
        j = 0;
        for (; j + VW <= keys; j += VW) {
            store(s + j, load(w + j) * (load(s + j) - mean) * scale);
        }
        for (; j < keys; j++) s[j] = w[j] * (s[j] - mean) * scale;
    }
}

static void attention_backward(
    const ck_branch_attention *p, size_t head, float *dk, float *dv, float *scratch) {
    head_memory h = prepare_head(p, head, scratch);
    float scale = 1 / sqrtf((float)p->d);
    for (size_t q0 = 0; q0 < p->tokens; q0 += training_block) {
        size_t rows = p->tokens - q0 < training_block ? p->tokens - q0 : training_block;
        size_t keys = p->prefix + q0 + rows, at = q0 * p->q_stride + head * p->d;
        probabilities(p, &h, head, q0, rows, keys);
        // dV += Pᵀ dO; dP = dO Vᵀ; dS = P (dP - Σ P dP) scale; dQ = dS K; dK += dSᵀ Q
        multiply(
            dv, p->d, h.weights, 1, h.stride, p->dout + at, p->q_stride, keys, p->d, rows, true);
        multiply(
            h.slopes, h.stride, p->dout + at, p->q_stride, 1, h.v_turned, h.stride, rows, keys,
            p->d, false);
        softmax_backward(&h, rows, keys, scale);
        multiply(
            p->dq + at, p->q_stride, h.slopes, h.stride, 1, h.k, p->d, rows, p->d, keys, false);
        multiply(
            dk, p->d, h.slopes, 1, h.stride, p->q + at, p->q_stride, keys, p->d, rows, true);
    }
}

// ---- likelihood

static float largest(const float *x, size_t count) {
    vf lanes = splat(-INFINITY);
    size_t j = 0;
    for (; j + VW <= count; j += VW) lanes = __builtin_elementwise_max(lanes, load(x + j));
    float top = horizontal_max(lanes);
    for (; j < count; j++) top = x[j] > top ? x[j] : top;
    return top;
}

static float sum_of_exponentials(const float *x, float top, size_t count) {
    vf lanes = splat(0);
    size_t j = 0;
    for (; j + VW <= count; j += VW) lanes += exp_(load(x + j) - top);
    float total = horizontal_sum(lanes);
    for (; j < count; j++) total += expf(x[j] - top);
    return total;
}

static float log_sum_exp(const float *x, float scale, size_t vocabulary) {
    float top = largest(x, vocabulary);
    vf lanes = splat(0);
    size_t j = 0;
    for (; j + VW <= vocabulary; j += VW) lanes += exp_((load(x + j) - top) * scale);
    float total = horizontal_sum(lanes);
    for (; j < vocabulary; j++) total += expf((x[j] - top) * scale);
    return top * scale + logf(total);
}

static void negative_softmax(float *x, float scale, float total, float slope, size_t vocabulary) {
    size_t j = 0;
    for (; j + VW <= vocabulary; j += VW) store(x + j, exp_(load(x + j) * scale - total) * -slope);
    for (; j < vocabulary; j++) x[j] = expf(x[j] * scale - total) * -slope;
}

// ---- optimiser

static void adamw(
    float *p, float *m, float *v, const float *g, size_t count, const ck_adamw_step *s) {
    float keep = 1 - s->learning_rate * s->weight_decay;
    float size = s->learning_rate / s->correction1, root = sqrtf(s->correction2);
    size_t i = 0;
    for (; i + VW <= count; i += VW) {
        vf slope = load(g + i) * s->gradient_scale;
        vf mean = load(m + i) * s->beta1 + slope * (1 - s->beta1);
        vf square = load(v + i) * s->beta2 + slope * slope * (1 - s->beta2);
        store(m + i, mean);
        store(v + i, square);
        vf spread = __builtin_elementwise_sqrt(square) / root + s->epsilon;
        store(p + i, load(p + i) * keep - mean / spread * size);
    }
    for (; i < count; i++) {
        float slope = g[i] * s->gradient_scale;
        m[i] = m[i] * s->beta1 + slope * (1 - s->beta1);
        v[i] = v[i] * s->beta2 + slope * slope * (1 - s->beta2);
        p[i] = p[i] * keep - m[i] / (sqrtf(v[i]) / root + s->epsilon) * size;
    }
}

static double sum_of_squares(const float *x, size_t count) {
    double total = 0;
    // Short runs in float, their sum in double.
    for (size_t start = 0; start < count; start += 1024) {
        size_t end = count - start < 1024 ? count : start + 1024, i = start;
        vf lanes = splat(0);
        for (; i + VW <= end; i += VW) lanes = fma_(load(x + i), load(x + i), lanes);
        total += horizontal_sum(lanes);
        for (; i < end; i++) total += (double)x[i] * x[i];
    }
    return total;
}

const training_table TABLE = {
    multiply,       rms_norm_backward, silu_multiply_backward, attention_forward,
    attention_backward, log_sum_exp,   negative_softmax,       adamw,
    sum_of_squares,     largest,           sum_of_exponentials};
