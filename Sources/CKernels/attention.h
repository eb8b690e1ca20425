// What each instruction set provides for attention: single-threaded pieces that `attention.c`
// shares out.
#ifndef ATTENTION_H
#define ATTENTION_H

#include "CKernels.h"

enum {
    /// Keys handled together. Blocks start at multiples of this, counted from the first key of a
    /// sequence, whatever the segments: that fixes the order of additions.
    key_block = 64,
    /// Rows (a query of one head) that share a pass over the keys, at most.
    row_block = 128,
    /// Rows whose scores are in the first-level cache together.
    row_group = 12
};

/// Rows [r0, r1) of one kv head, counted over the queries of all sequences and, within a query,
/// over the heads that read this kv head.
typedef struct {
    const ck_attention_problem *problem;
    size_t kv_head, r0, r1;
} attention_piece;

typedef struct {
    /// `scratch` holds attention_scratch_size() floats, aligned to 64 bytes.
    void (*attend)(const attention_piece *piece, float *scratch);
    void (*store)(
        void *out, float *scales, const float *x, ck_kv_type type, size_t rows, size_t heads,
        size_t d);
} attention_table;

extern const attention_table attention_portable;
#if defined(__x86_64__)
extern const attention_table attention_avx2, attention_avx512;
#endif

/// Head size with room for whole vectors of any width.
static inline size_t padded_head(size_t d) { return (d + 15) / 16 * 16; }

static inline size_t attention_scratch_size(size_t d) {
    return padded_head(d) * (2 * key_block + 2 * row_block) + row_group * key_block;
}

static inline size_t sequence_keys(const ck_attention_sequence *s) {
    size_t keys = 0;
    for (size_t i = 0; i < s->segment_count; i++) keys += s->segments[i].keys;
    return keys;
}

#endif
