// The operations of training: what each computes, in plain loops, and how the fast version cuts the
// work into pieces. In the plain loops sums run in double, so that a faster kernel is measured
// against the better value.
#include "training_table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { grain_values = 16384 };

static size_t row_grain(size_t columns) { return 1 + grain_values / (columns + 1); }

// Memory for one piece of work; running out of it is not something a caller can repair.
static void *scratch(size_t bytes) {
    void *memory = aligned_alloc(64, (bytes + 127) / 64 * 64);
    if (!memory) abort();
    return memory;
}

const training_table *current_training_kernels(void) {
    switch (ck_current_level()) {
    case CK_LEVEL_REFERENCE: return NULL;
#if defined(__x86_64__)
    case CK_LEVEL_AVX2: return &training_avx2;
    case CK_LEVEL_AVX512:
    case CK_LEVEL_AVX512_VNNI:
    case CK_LEVEL_AVX512_BF16: return &training_avx512;
#endif
    default: return &training_portable;
    }
}

static const training_table *kernels(void) { return current_training_kernels(); }

// ---- product

void ck_multiply_reference(
    float *c, size_t ldc, const float *a, size_t a_row, size_t a_step, const float *b, size_t ldb,
    size_t m, size_t n, size_t k, bool accumulate) {
    for (size_t i = 0; i < m; i++) {
        for (size_t j = 0; j < n; j++) {
            double sum = accumulate ? c[i * ldc + j] : 0;
            for (size_t t = 0; t < k; t++) {
                sum += (double)a[i * a_row + t * a_step] * b[t * ldb + j];
            }
            c[i * ldc + j] = (float)sum;
        }
    }
}

typedef struct {
    float *c;
    const float *a, *b;
    size_t ldc, a_row, a_step, ldb, n, k;
    bool accumulate;
} multiply_job;

static void multiply_body(void *context, size_t begin, size_t end) {
    multiply_job *j = context;
    kernels()->multiply(
        j->c + begin * j->ldc, j->ldc, j->a + begin * j->a_row, j->a_row, j->a_step, j->b, j->ldb,
        end - begin, j->n, j->k, j->accumulate);
}

void ck_multiply(
    float *c, size_t ldc, const float *a, size_t a_row, size_t a_step, const float *b, size_t ldb,
    size_t m, size_t n, size_t k, bool accumulate) {
    if (!kernels()) {
        ck_multiply_reference(c, ldc, a, a_row, a_step, b, ldb, m, n, k, accumulate);
        return;
    }
    multiply_job j = {c, a, b, ldc, a_row, a_step, ldb, n, k, accumulate};
    size_t grain = 1 + 4 * grain_values / (n * k + 1);
    ck_parallel_for(m, (grain + 5) / 6 * 6, multiply_body, &j);
}

// ---- norms and activations

void ck_rms_norm_backward_reference(
    float *dx, const float *dy, const float *x, const float *w, float eps, size_t rows,
    size_t columns) {
    for (size_t r = 0; r < rows; r++, x += columns, dx += columns, dy += columns) {
        double squares = 0, product = 0;
        for (size_t c = 0; c < columns; c++) {
            squares += (double)x[c] * x[c];
            product += (double)w[c] * dy[c] * x[c];
        }
        double scale = 1 / sqrt(squares / (double)columns + eps);
        double pull = scale * scale * scale * product / (double)columns;
        for (size_t c = 0; c < columns; c++) {
            dx[c] += (float)((double)w[c] * dy[c] * scale - x[c] * pull);
        }
    }
}

typedef struct {
    float *dx;
    const float *dy, *x, *w;
    float eps;
    size_t columns;
} norm_job;

static void norm_body(void *context, size_t begin, size_t end) {
    norm_job *j = context;
    size_t at = begin * j->columns;
    kernels()->rms_norm_backward(
        j->dx + at, j->dy + at, j->x + at, j->w, j->eps, end - begin, j->columns);
}

void ck_rms_norm_backward(
    float *dx, const float *dy, const float *x, const float *w, float eps, size_t rows,
    size_t columns) {
    if (!kernels()) {
        ck_rms_norm_backward_reference(dx, dy, x, w, eps, rows, columns);
        return;
    }
    norm_job j = {dx, dy, x, w, eps, columns};
    ck_parallel_for(rows, row_grain(columns), norm_body, &j);
}

void ck_silu_multiply_backward_reference(float *gate, float *up, const float *dh, size_t count) {
    for (size_t i = 0; i < count; i++) {
        double g = gate[i], u = up[i], d = dh[i], sigma = 1 / (1 + exp(-g));
        gate[i] = (float)(d * u * sigma * (1 + g * (1 - sigma)));
        up[i] = (float)(d * g * sigma);
    }
}

typedef struct {
    float *gate, *up;
    const float *dh;
} silu_job;

static void silu_body(void *context, size_t begin, size_t end) {
    silu_job *j = context;
    kernels()->silu_multiply_backward(j->gate + begin, j->up + begin, j->dh + begin, end - begin);
}

void ck_silu_multiply_backward(float *gate, float *up, const float *dh, size_t count) {
    if (!kernels()) {
        ck_silu_multiply_backward_reference(gate, up, dh, count);
        return;
    }
    silu_job j = {gate, up, dh};
    ck_parallel_for(count, grain_values / 2, silu_body, &j);
}

// ---- attention

static const float *key_row(const ck_branch_attention *p, size_t key, size_t kv) {
    return key < p->prefix ? p->prefix_k + key * p->kv_stride + kv * p->d
                           : p->k + (key - p->prefix) * p->kv_stride + kv * p->d;
}

static const float *value_row(const ck_branch_attention *p, size_t key, size_t kv) {
    return key < p->prefix ? p->prefix_v + key * p->kv_stride + kv * p->d
                           : p->v + (key - p->prefix) * p->kv_stride + kv * p->d;
}

static double dot(const float *a, const float *b, size_t count) {
    double sum = 0;
    for (size_t i = 0; i < count; i++) sum += (double)a[i] * b[i];
    return sum;
}

/// Probabilities of one query; returns how many keys it sees.
static size_t reference_probabilities(
    const ck_branch_attention *p, size_t query, size_t head, double *weights) {
    size_t kv = head / (p->heads / p->kv_heads), keys = p->prefix + query + 1;
    const float *q = p->q + query * p->q_stride + head * p->d;
    double top = -INFINITY, total = 0;
    for (size_t j = 0; j < keys; j++) {
        weights[j] = dot(q, key_row(p, j, kv), p->d) / sqrt((double)p->d);
        if (weights[j] > top) top = weights[j];
    }
    for (size_t j = 0; j < keys; j++) total += weights[j] = exp(weights[j] - top);
    for (size_t j = 0; j < keys; j++) weights[j] /= total;
    return keys;
}

static void reference_forward(const ck_branch_attention *p, double *weights) {
    for (size_t head = 0; head < p->heads; head++) {
        size_t kv = head / (p->heads / p->kv_heads);
        for (size_t i = 0; i < p->tokens; i++) {
            size_t keys = reference_probabilities(p, i, head, weights);
            for (size_t c = 0; c < p->d; c++) {
                double sum = 0;
                for (size_t j = 0; j < keys; j++) sum += weights[j] * value_row(p, j, kv)[c];
                p->out[i * p->q_stride + head * p->d + c] = (float)sum;
            }
        }
    }
}

static void reference_backward(const ck_branch_attention *p, double *weights, double *slopes) {
    double scale = 1 / sqrt((double)p->d);
    for (size_t head = 0; head < p->heads; head++) {
        size_t kv = head / (p->heads / p->kv_heads);
        for (size_t i = 0; i < p->tokens; i++) {
            size_t keys = reference_probabilities(p, i, head, weights);
            size_t at = i * p->q_stride + head * p->d;
            double mean = 0;
            for (size_t j = 0; j < keys; j++) {
                slopes[j] = dot(p->dout + at, value_row(p, j, kv), p->d);
                mean += weights[j] * slopes[j];
            }
            for (size_t c = 0; c < p->d; c++) p->dq[at + c] = 0;
            for (size_t j = 0; j < keys; j++) {
                bool shared = j < p->prefix;
                size_t row = (shared ? j : j - p->prefix) * p->kv_stride + kv * p->d;
                float *dk = (shared ? p->prefix_dk : p->dk) + row;
                float *dv = (shared ? p->prefix_dv : p->dv) + row;
                double slope = weights[j] * (slopes[j] - mean) * scale;
                for (size_t c = 0; c < p->d; c++) {
                    p->dq[at + c] += (float)(slope * key_row(p, j, kv)[c]);
                    dk[c] += (float)(slope * p->q[at + c]);
                    dv[c] += (float)(weights[j] * p->dout[at + c]);
                }
            }
        }
    }
}

void ck_branch_attention_forward_reference(const ck_branch_attention *runs, size_t count) {
    for (size_t r = 0; r < count; r++) {
        double *weights = scratch((runs[r].prefix + runs[r].tokens) * sizeof(double));
        reference_forward(runs + r, weights);
        free(weights);
    }
}

void ck_branch_attention_backward_reference(const ck_branch_attention *runs, size_t count) {
    for (size_t r = 0; r < count; r++) {
        size_t keys = runs[r].prefix + runs[r].tokens;
        double *weights = scratch(2 * keys * sizeof(double));
        reference_backward(runs + r, weights, weights + keys);
        free(weights);
    }
}

/// One piece of work is one head of one run.
typedef struct {
    const ck_branch_attention *runs;
    size_t *first_piece;  // running sum of heads, one more than runs
    size_t *first_float;  // where a run's gradients of keys and values begin
    size_t count, scratch_floats;
    float *gradients;     // per piece [2, prefix + tokens, d], zero at first; NULL for forward
} attention_job;

static size_t gradient_floats(const ck_branch_attention *p) {
    return 2 * (p->prefix + p->tokens) * p->d;
}

static void attention_body(void *context, size_t begin, size_t end) {
    attention_job *j = context;
    float *memory = scratch(j->scratch_floats * sizeof(float));
    size_t run = 0;
    for (size_t piece = begin; piece < end; piece++) {
        while (j->first_piece[run + 1] <= piece) run++;
        const ck_branch_attention *p = j->runs + run;
        size_t head = piece - j->first_piece[run];
        if (j->gradients) {
            float *dk = j->gradients + j->first_float[run] + head * gradient_floats(p);
            float *dv = dk + gradient_floats(p) / 2;
            memset(dk, 0, gradient_floats(p) * sizeof(float));
            kernels()->attention_backward(p, head, dk, dv, memory);
        } else {
            kernels()->attention_forward(p, head, memory);
        }
    }
    free(memory);
}

static void add_rows(
    float *out, size_t stride, const float *rows, size_t count, size_t d) {
    for (size_t j = 0; j < count; j++) {
        for (size_t c = 0; c < d; c++) out[j * stride + c] += rows[j * d + c];
    }
}

/// Adds each head's gradients of keys and values in order, so that threads cannot change the sum.
static void collect(const attention_job *j) {
    for (size_t run = 0; run < j->count; run++) {
        const ck_branch_attention *p = j->runs + run;
        for (size_t head = 0; head < p->heads; head++) {
            const float *dk = j->gradients + j->first_float[run] + head * gradient_floats(p);
            const float *dv = dk + gradient_floats(p) / 2;
            size_t kv = head / (p->heads / p->kv_heads) * p->d, own = p->prefix * p->d;
            if (p->prefix) {
                add_rows(p->prefix_dk + kv, p->kv_stride, dk, p->prefix, p->d);
                add_rows(p->prefix_dv + kv, p->kv_stride, dv, p->prefix, p->d);
            }
            add_rows(p->dk + kv, p->kv_stride, dk + own, p->tokens, p->d);
            add_rows(p->dv + kv, p->kv_stride, dv + own, p->tokens, p->d);
        }
    }
}

static void share_out(const ck_branch_attention *runs, size_t count, bool backward) {
    if (count == 0) return;
    size_t *places = scratch(2 * (count + 1) * sizeof(size_t));
    attention_job j = {runs, places, places + count + 1, count, 0, NULL};
    j.first_piece[0] = j.first_float[0] = 0;
    for (size_t run = 0; run < count; run++) {
        j.first_piece[run + 1] = j.first_piece[run] + runs[run].heads;
        j.first_float[run + 1] = j.first_float[run] + runs[run].heads * gradient_floats(runs + run);
        size_t floats = attention_scratch(runs + run);
        if (floats > j.scratch_floats) j.scratch_floats = floats;
    }
    if (backward) j.gradients = scratch(j.first_float[count] * sizeof(float));
    ck_parallel_for(j.first_piece[count], 1, attention_body, &j);
    if (backward) collect(&j);
    free(j.gradients);
    free(places);
}

void ck_branch_attention_forward(const ck_branch_attention *runs, size_t count) {
    if (kernels()) share_out(runs, count, false);
    else ck_branch_attention_forward_reference(runs, count);
}

void ck_branch_attention_backward(const ck_branch_attention *runs, size_t count) {
    if (kernels()) share_out(runs, count, true);
    else ck_branch_attention_backward_reference(runs, count);
}

// ---- likelihood

static double reference_log_sum_exp(const float *logits, double scale, size_t vocabulary) {
    double top = -INFINITY, total = 0;
    for (size_t v = 0; v < vocabulary; v++) if (logits[v] > top) top = logits[v];
    for (size_t v = 0; v < vocabulary; v++) total += exp((logits[v] - top) * scale);
    return top * scale + log(total);
}

void ck_log_likelihood_reference(
    float *result, const float *logits, const int32_t *targets, float temperature, size_t rows,
    size_t vocabulary) {
    for (size_t r = 0; r < rows; r++, logits += vocabulary) {
        double total = reference_log_sum_exp(logits, 1 / (double)temperature, vocabulary);
        result[r] = (float)((double)logits[targets[r]] / temperature - total);
    }
}

void ck_log_likelihood_backward_reference(
    float *logits, const int32_t *targets, const float *slopes, float temperature, size_t rows,
    size_t vocabulary) {
    for (size_t r = 0; r < rows; r++, logits += vocabulary) {
        double scale = 1 / (double)temperature;
        double total = reference_log_sum_exp(logits, scale, vocabulary);
        for (size_t v = 0; v < vocabulary; v++) {
            double hit = v == (size_t)targets[r];
            logits[v] = (float)(slopes[r] * scale * (hit - exp(logits[v] * scale - total)));
        }
    }
}

typedef struct {
    float *result, *changed;
    const float *logits, *slopes;
    const int32_t *targets;
    float scale;
    size_t vocabulary;
} likelihood_job;

static void likelihood_body(void *context, size_t begin, size_t end) {
    likelihood_job *j = context;
    for (size_t r = begin; r < end; r++) {
        const float *row = j->logits + r * j->vocabulary;
        float total = kernels()->log_sum_exp(row, j->scale, j->vocabulary);
        j->result[r] = row[j->targets[r]] * j->scale - total;
    }
}

static void likelihood_backward_body(void *context, size_t begin, size_t end) {
    likelihood_job *j = context;
    for (size_t r = begin; r < end; r++) {
        float *row = j->changed + r * j->vocabulary, slope = j->slopes[r] * j->scale;
        float total = kernels()->log_sum_exp(row, j->scale, j->vocabulary);
        kernels()->negative_softmax(row, j->scale, total, slope, j->vocabulary);
        row[j->targets[r]] += slope;
    }
}

void ck_log_likelihood(
    float *result, const float *logits, const int32_t *targets, float temperature, size_t rows,
    size_t vocabulary) {
    if (!kernels()) {
        ck_log_likelihood_reference(result, logits, targets, temperature, rows, vocabulary);
        return;
    }
    likelihood_job j = {result, NULL, logits, NULL, targets, 1 / temperature, vocabulary};
    ck_parallel_for(rows, row_grain(vocabulary), likelihood_body, &j);
}

void ck_log_likelihood_backward(
    float *logits, const int32_t *targets, const float *slopes, float temperature, size_t rows,
    size_t vocabulary) {
    if (!kernels()) {
        ck_log_likelihood_backward_reference(
            logits, targets, slopes, temperature, rows, vocabulary);
        return;
    }
    likelihood_job j = {NULL, logits, NULL, slopes, targets, 1 / temperature, vocabulary};
    ck_parallel_for(rows, row_grain(vocabulary), likelihood_backward_body, &j);
}

// ---- optimiser

void ck_adamw_reference(
    float *p, float *m, float *v, const float *g, size_t count, const ck_adamw_step *s) {
    for (size_t i = 0; i < count; i++) {
        double slope = (double)g[i] * s->gradient_scale;
        double mean = (double)m[i] * s->beta1 + slope * (1 - (double)s->beta1);
        double square = (double)v[i] * s->beta2 + slope * slope * (1 - (double)s->beta2);
        double spread = sqrt(square) / sqrt((double)s->correction2) + s->epsilon;
        double kept = p[i] * (1 - (double)s->learning_rate * s->weight_decay);
        m[i] = (float)mean;
        v[i] = (float)square;
        p[i] = (float)(kept - s->learning_rate / s->correction1 * mean / spread);
    }
}

typedef struct {
    float *p, *m, *v;
    const float *g;
    const ck_adamw_step *step;
} adamw_job;

static void adamw_body(void *context, size_t begin, size_t end) {
    adamw_job *j = context;
    kernels()->adamw(
        j->p + begin, j->m + begin, j->v + begin, j->g + begin, end - begin, j->step);
}

void ck_adamw(
    float *p, float *m, float *v, const float *g, size_t count, const ck_adamw_step *step) {
    if (!kernels()) {
        ck_adamw_reference(p, m, v, g, count, step);
        return;
    }
    adamw_job j = {p, m, v, g, step};
    // Whole vectors per piece: where a piece ends must not decide which loop computes a value.
    ck_parallel_for(count, grain_values, adamw_body, &j);
}

typedef struct {
    const float *x;
    size_t count;
    double *sums;
} squares_job;

enum { squares_block = 65536 };

static void squares_body(void *context, size_t begin, size_t end) {
    squares_job *j = context;
    for (size_t block = begin; block < end; block++) {
        size_t start = block * squares_block;
        size_t count = j->count - start < squares_block ? j->count - start : squares_block;
        if (kernels()) {
            j->sums[block] = kernels()->sum_of_squares(j->x + start, count);
        } else {
            double sum = 0;
            for (size_t i = 0; i < count; i++) sum += (double)j->x[start + i] * j->x[start + i];
            j->sums[block] = sum;
        }
    }
}

double ck_sum_of_squares(const float *x, size_t count) {
    size_t blocks = (count + squares_block - 1) / squares_block;
    double *sums = scratch(blocks * sizeof(double)), total = 0;
    squares_job j = {x, count, sums};
    ck_parallel_for(blocks, 1, squares_body, &j);
    for (size_t block = 0; block < blocks; block++) total += sums[block];
    free(sums);
    return total;
}
