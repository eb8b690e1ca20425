// Attention: the specification, and the pieces of the fast version shared out over the threads.
#include "attention.h"
#include "kernel_table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void *take_memory(size_t bytes) {
    void *memory = aligned_alloc(64, (bytes + 127) / 64 * 64);
    if (!memory) abort(); // not something a caller can repair
    return memory;
}

size_t ck_kv_type_size(ck_kv_type type) {
    switch (type) {
    case CK_KV_F32: return 4;
    case CK_KV_I8: return 1;
    default: return 2;
    }
}

// ---- the specification

static float stored_value(const ck_kv_segment *s, int values, size_t key, size_t kv_heads,
                          size_t kv_head, size_t d, size_t c) {
    size_t at = key * s->stride + kv_head * d + c;
    const void *base = values ? s->v : s->k;
    switch (s->type) {
    case CK_KV_F32: return ((const float *)base)[at];
    case CK_KV_F16: {
        _Float16 h;
        memcpy(&h, (const char *)base + 2 * at, 2);
        return (float)h;
    }
    case CK_KV_BF16: return float_from_bf16(((const uint16_t *)base)[at]);
    case CK_KV_I8: {
        const float *scales = values ? s->v_scales : s->k_scales;
        return (float)((const int8_t *)base)[at] * scales[key * kv_heads + kv_head];
    }
    }
    return 0;
}

/// All keys (or values) of one head of a sequence, [keys, d].
static float *head_of_sequence(
    const ck_attention_sequence *s, int values, size_t kv_heads, size_t kv_head, size_t d) {
    float *all = take_memory((sequence_keys(s) + 1) * d * sizeof(float)), *next = all;
    for (size_t i = 0; i < s->segment_count; i++) {
        for (size_t key = 0; key < s->segments[i].keys; key++) {
            for (size_t c = 0; c < d; c++) {
                *next++ = stored_value(s->segments + i, values, key, kv_heads, kv_head, d, c);
            }
        }
    }
    return all;
}

static void row_reference(
    float *out, const float *q, const float *k, const float *v, size_t keys, size_t d,
    double *weights) {
    double largest = -INFINITY, total = 0;
    for (size_t j = 0; j < keys; j++) {
        double sum = 0;
        for (size_t c = 0; c < d; c++) sum += (double)q[c] * k[j * d + c];
        weights[j] = sum / sqrt((double)d);
        if (weights[j] > largest) largest = weights[j];
    }
    for (size_t j = 0; j < keys; j++) total += weights[j] = exp(weights[j] - largest);
    for (size_t c = 0; c < d; c++) {
        double sum = 0;
        for (size_t j = 0; j < keys; j++) sum += weights[j] * v[j * d + c];
        out[c] = (float)(sum / total);
    }
}

static void sequence_reference(
    const ck_attention_problem *p, const ck_attention_sequence *s, size_t first_query,
    size_t head) {
    size_t kv_head = head / (p->heads / p->kv_heads), keys = sequence_keys(s);
    float *k = head_of_sequence(s, 0, p->kv_heads, kv_head, p->d);
    float *v = head_of_sequence(s, 1, p->kv_heads, kv_head, p->d);
    double *weights = take_memory((keys + 1) * sizeof(double));
    for (size_t i = 0; i < s->queries; i++) {
        size_t visible = p->causal ? keys - s->queries + i + 1 : keys, query = first_query + i;
        row_reference(
            p->out + query * p->out_stride + head * p->d, p->q + query * p->q_stride + head * p->d,
            k, v, visible, p->d, weights);
    }
    free(weights);
    free(v);
    free(k);
}

void ck_attention_reference(const ck_attention_problem *p) {
    for (size_t head = 0; head < p->heads; head++) {
        size_t query = 0;
        for (size_t i = 0; i < p->sequence_count; i++) {
            sequence_reference(p, p->sequences + i, query, head);
            query += p->sequences[i].queries;
        }
    }
}

// ---- sharing out

static const attention_table *current_table(void) {
#if defined(__x86_64__)
    ck_level level = ck_current_level();
    if (level >= CK_LEVEL_AVX512) return &attention_avx512;
    if (level == CK_LEVEL_AVX2) return &attention_avx2;
#endif
    return &attention_portable;
}

typedef struct {
    const ck_attention_problem *problem;
    size_t rows, rows_per_piece, pieces_per_head;
} attention_job;

static void attention_body(void *context, size_t begin, size_t end) {
    const attention_job *j = context;
    const attention_table *table = current_table();
    float *scratch = take_memory(attention_scratch_size(j->problem->d) * sizeof(float));
    for (size_t i = begin; i < end; i++) {
        // Late rows of a causal problem see the most keys: start with them.
        size_t block = j->pieces_per_head - 1 - i / j->problem->kv_heads;
        size_t r0 = block * j->rows_per_piece, r1 = r0 + j->rows_per_piece;
        attention_piece piece = {
            j->problem, i % j->problem->kv_heads, r0, r1 < j->rows ? r1 : j->rows};
        table->attend(&piece, scratch);
    }
    free(scratch);
}

void ck_attention(const ck_attention_problem *problem) {
    if (ck_current_level() == CK_LEVEL_REFERENCE) {
        ck_attention_reference(problem);
        return;
    }
    size_t queries = 0;
    for (size_t i = 0; i < problem->sequence_count; i++) queries += problem->sequences[i].queries;
    if (queries == 0) return;
    size_t rows = queries * (problem->heads / problem->kv_heads);
    // Every piece reads its keys once, so pieces are large unless threads would stand idle.
    size_t size = row_block, threads = ck_thread_count();
    while (size > 4 && problem->kv_heads * ((rows + size - 1) / size) < threads) size /= 2;
    attention_job j = {problem, rows, size, (rows + size - 1) / size};
    ck_parallel_for(j.pieces_per_head * problem->kv_heads, 1, attention_body, &j);
}

void ck_kv_store(
    void *out, float *scales, const float *x, ck_kv_type type, size_t rows, size_t heads,
    size_t d) {
    current_table()->store(out, scales, x, type, rows, heads, d);
}
