// Attention in blocks, written once for any vector width. A file that includes this defines
//   VW     lanes of a float vector (4, 8, 16)
//   TABLE  name of the attention_table it exports
// and has switched the compiler to the instruction set it wants.
//
// For each block of keys a group of rows computes its scores, rescales what it has (the "online"
// softmax of Milakov & Gimelshein 2018, blocked as in FlashAttention, Dao et al. 2022) and adds the
// block's values. Keys are turned on their side first, so that a vector holds one feature of many
// keys and no sum across lanes is needed.

#include "attention.h"
#include "kernel_table.h"

#include <math.h>
#include <string.h>

#include "vector_basics.inl"

enum {
    block_vectors = key_block / VW,
    rows_ahead = 16, // keys or values asked for before they are needed
#if VW == 16
    score_rows = 6, // × 4 vectors of keys: 24 of 32 registers
    score_vectors = 4,
    value_rows = 4, // × 5 or 4 vectors of features
#else
    score_rows = 6, // × 2 vectors: 12 of 16 registers
    score_vectors = 2,
    value_rows = 6,
#endif
};

// ---- packing keys and values as floats

INLINE vf float_from_half(vh bits) {
#if VW == 4 && defined(__x86_64__)
    // SSE2 has no conversion; the exponent is moved by a multiplication. Stored halves are finite.
    vu wide = __builtin_convertvector(bits, vu);
    vf size = (vf)((wide & 0x7fff) << 13) * 0x1p112f;
    return (vf)((vu)size | ((wide & 0x8000) << 16));
#else
    return __builtin_convertvector((vhf)bits, vf);
#endif
}

INLINE void expand_head(float *out, const void *source, ck_kv_type type, float scale, size_t d) {
    typedef int8_t vb __attribute__((vector_size(VW)));
    typedef vb vb_anywhere __attribute__((aligned(1)));
    size_t c = 0;
    switch (type) {
    case CK_KV_F32: memcpy(out, source, d * sizeof(float)); break;
    case CK_KV_F16: {
        const uint16_t *x = source;
        for (; c + VW <= d; c += VW) {
            store(out + c, float_from_half(*(const vh_anywhere *)(x + c)));
        }
        for (; c < d; c++) {
            _Float16 h;
            memcpy(&h, x + c, 2);
            out[c] = (float)h;
        }
        break;
    }
    case CK_KV_BF16: {
        const uint16_t *x = source;
        for (; c + VW <= d; c += VW) {
            vh bits = *(const vh_anywhere *)(x + c);
            store(out + c, (vf)(__builtin_convertvector(bits, vu) << 16));
        }
        for (; c < d; c++) out[c] = float_from_bf16(x[c]);
        break;
    }
    case CK_KV_I8: {
        const int8_t *x = source;
        for (; c + VW <= d; c += VW) {
            vb bytes = *(const vb_anywhere *)(x + c);
            store(out + c, __builtin_convertvector(bytes, vf) * scale);
        }
        for (; c < d; c++) out[c] = (float)x[c] * scale;
        break;
    }
    }
}

/// Rows of keys or values [first, first + count) of a sequence as floats, [key_block, padded];
/// what is beyond `count` and beyond d becomes zero.
static void expand_rows(
    float *out, const ck_attention_sequence *s, size_t first, size_t count, int values,
    size_t kv_head, size_t kv_heads, size_t d) {
    size_t padded = padded_head(d);
    const ck_kv_segment *segment = s->segments;
    size_t key = first;
    for (size_t row = 0; row < count; row++, key++) {
        while (key >= segment->keys) key -= (segment++)->keys;
        const float *scales = values ? segment->v_scales : segment->k_scales;
        const char *base = values ? segment->v : segment->k;
        float scale = segment->type == CK_KV_I8 ? scales[key * kv_heads + kv_head] : 1;
        size_t size = segment->type == CK_KV_F32 ? 4 : segment->type == CK_KV_I8 ? 1 : 2;
        const char *from = base + (key * segment->stride + kv_head * d) * size;
        // Heads of other groups lie between the rows, too far for the hardware to read on by itself.
        const char *soon = from + rows_ahead * segment->stride * size;
        for (size_t i = 0; i < d * size; i += 64) __builtin_prefetch(soon + i);
        expand_head(out + row * padded, from, segment->type, scale, d);
        memset(out + row * padded + d, 0, (padded - d) * sizeof(float));
    }
    memset(out + count * padded, 0, (key_block - count) * padded * sizeof(float));
}

#define FROM_A(l, h) ((l) & (h) ? VW + ((l) ^ (h)) : (l))
#define FROM_B(l, h) ((l) & (h) ? VW + (l) : ((l) ^ (h)))
#if VW == 16
#define LANES(f, h) \
    f(0, h), f(1, h), f(2, h), f(3, h), f(4, h), f(5, h), f(6, h), f(7, h), f(8, h), f(9, h), \
        f(10, h), f(11, h), f(12, h), f(13, h), f(14, h), f(15, h)
#elif VW == 8
#define LANES(f, h) f(0, h), f(1, h), f(2, h), f(3, h), f(4, h), f(5, h), f(6, h), f(7, h)
#else
#define LANES(f, h) f(0, h), f(1, h), f(2, h), f(3, h)
#endif
/// Exchanges the off-diagonal h × h squares of every 2h × 2h square.
#define EXCHANGE(x, h) \
    UNROLL for (int i = 0; i < VW; i++) { \
        if (i & (h)) continue; \
        vf a = x[i], b = x[i + (h)]; \
        x[i] = __builtin_shufflevector(a, b, LANES(FROM_A, h)); \
        x[i + (h)] = __builtin_shufflevector(a, b, LANES(FROM_B, h)); \
    }

/// [key_block, padded] -> [padded, key_block].
static void turn_block(float *out, const float *rows, size_t padded) {
    for (size_t j = 0; j < key_block; j += VW) {
        for (size_t c = 0; c < padded; c += VW) {
            vf x[VW];
            UNROLL for (int i = 0; i < VW; i++) x[i] = load(rows + (j + i) * padded + c);
            EXCHANGE(x, 1)
            EXCHANGE(x, 2)
#if VW >= 8
            EXCHANGE(x, 4)
#endif
#if VW == 16
            EXCHANGE(x, 8)
#endif
            UNROLL for (int i = 0; i < VW; i++) store(out + (c + i) * key_block + j, x[i]);
        }
    }
}

// ---- scores, softmax, values

/// scores[a][...] = q_a · k for `rows` rows and `vectors` vectors of keys.
INLINE void score_tile(
    float *scores, const float *q, const float *k, size_t padded, size_t d, const int rows,
    const int vectors) {
    vf sums[score_rows][score_vectors];
    UNROLL for (int a = 0; a < rows; a++) {
        UNROLL for (int u = 0; u < vectors; u++) sums[a][u] = splat(0);
    }
    for (size_t c = 0; c < d; c++) {
        vf keys[score_vectors];
        UNROLL for (int u = 0; u < vectors; u++) keys[u] = load(k + c * key_block + u * VW);
        UNROLL for (int a = 0; a < rows; a++) {
            vf x = splat(q[a * padded + c]);
            UNROLL for (int u = 0; u < vectors; u++) sums[a][u] = fma_(x, keys[u], sums[a][u]);
        }
    }
    UNROLL for (int a = 0; a < rows; a++) {
        UNROLL for (int u = 0; u < vectors; u++) {
            store(scores + a * key_block + u * VW, sums[a][u]);
        }
    }
}

static void score_group(
    float *scores, const float *q, const float *k, size_t padded, size_t d, size_t rows) {
    for (size_t j = 0; j < key_block; j += score_vectors * VW) {
        size_t a = 0;
        for (; a + 6 <= rows; a += 6) {
            score_tile(scores + a * key_block + j, q + a * padded, k + j, padded, d, 6, score_vectors);
        }
        if (a + 4 <= rows) {
            score_tile(scores + a * key_block + j, q + a * padded, k + j, padded, d, 4, score_vectors);
            a += 4;
        }
        if (a + 2 <= rows) {
            score_tile(scores + a * key_block + j, q + a * padded, k + j, padded, d, 2, score_vectors);
            a += 2;
        }
        if (a < rows) {
            score_tile(scores + a * key_block + j, q + a * padded, k + j, padded, d, 1, score_vectors);
        }
    }
}

/// What a row has seen so far.
typedef struct {
    float top, total;
} row_state;

/// Scores of one row -> weights relative to its largest score so far, of which `visible` count.
INLINE void weigh(
    float *scores, size_t visible, float scale, row_state *state, float *out, size_t padded) {
    for (size_t j = visible; j < key_block; j++) scores[j] = -INFINITY;
    vf x[block_vectors];
    UNROLL for (int u = 0; u < block_vectors; u++) x[u] = load(scores + u * VW);
    vf largest = x[0];
    UNROLL for (int u = 1; u < block_vectors; u++) {
        largest = __builtin_elementwise_max(largest, x[u]);
    }
    float top = horizontal_max(largest);
    if (top > state->top) {
        float factor = exp_(splat((state->top - top) * scale))[0];
        state->top = top;
        state->total *= factor;
        for (size_t c = 0; c < padded; c += VW) store(out + c, load(out + c) * factor);
    }
    vf sum = splat(0);
    UNROLL for (int u = 0; u < block_vectors; u++) {
        vf e = exp_((x[u] - state->top) * scale);
        store(scores + u * VW, e);
        sum += e;
    }
    state->total += horizontal_sum(sum);
}

/// out[a] += Σ_j weights[a][j] · v[j], for `rows` rows and `vectors` vectors of features.
INLINE void value_tile(
    float *out, const float *weights, const float *v, size_t padded, size_t keys, const int rows,
    const int vectors) {
    vf sums[value_rows][5];
    UNROLL for (int a = 0; a < rows; a++) {
        UNROLL for (int u = 0; u < vectors; u++) sums[a][u] = load(out + a * padded + u * VW);
    }
    for (size_t j = 0; j < keys; j++) {
        vf values[5];
        UNROLL for (int u = 0; u < vectors; u++) values[u] = load(v + j * padded + u * VW);
        UNROLL for (int a = 0; a < rows; a++) {
            vf weight = splat(weights[a * key_block + j]);
            UNROLL for (int u = 0; u < vectors; u++) {
                sums[a][u] = fma_(weight, values[u], sums[a][u]);
            }
        }
    }
    UNROLL for (int a = 0; a < rows; a++) {
        UNROLL for (int u = 0; u < vectors; u++) store(out + a * padded + u * VW, sums[a][u]);
    }
}

INLINE void value_rows_of(
    float *out, const float *weights, const float *v, size_t padded, size_t keys, const int rows) {
    size_t c = 0;
#if VW == 16
    if (padded % (5 * VW) == 0) {
        for (; c < padded; c += 5 * VW) {
            value_tile(out + c, weights, v + c, padded, keys, rows, 5);
        }
    }
    for (; c + 4 * VW <= padded; c += 4 * VW) {
        value_tile(out + c, weights, v + c, padded, keys, rows, 4);
    }
#endif
    for (; c + 2 * VW <= padded; c += 2 * VW) {
        value_tile(out + c, weights, v + c, padded, keys, rows, 2);
    }
    for (; c < padded; c += VW) value_tile(out + c, weights, v + c, padded, keys, rows, 1);
}

static void value_group(
    float *out, const float *weights, const float *v, size_t padded, size_t keys, size_t rows) {
    size_t a = 0;
    for (; a + value_rows <= rows; a += value_rows) {
        value_rows_of(out + a * padded, weights + a * key_block, v, padded, keys, value_rows);
    }
    for (; a + 2 <= rows; a += 2) {
        value_rows_of(out + a * padded, weights + a * key_block, v, padded, keys, 2);
    }
    if (a < rows) value_rows_of(out + a * padded, weights + a * key_block, v, padded, keys, 1);
}

// ---- a piece of work

typedef struct {
    const ck_attention_problem *p;
    size_t kv_head, padded;
    float scale;
    float *k, *v, *q, *out, *scores;
    row_state states[row_block];
} attention_work;

/// The packed block of `count` keys, for `rows` rows from `first_row` of the piece on; row i sees
/// visible[i] of the keys.
static void block_of_keys(
    attention_work *w, size_t count, size_t rows, size_t first_row, const size_t *visible) {
    for (size_t a = 0; a < rows; a += row_group) {
        size_t n = rows - a < row_group ? rows - a : row_group;
        size_t most = 0;
        for (size_t i = 0; i < n; i++) most = visible[a + i] > most ? visible[a + i] : most;
        if (most == 0) continue;
        if (most > count) most = count;
        float *out = w->out + (first_row + a) * w->padded;
        score_group(
            w->scores, w->q + (first_row + a) * w->padded, w->k, w->padded, w->p->d, n);
        for (size_t i = 0; i < n; i++) {
            size_t seen = visible[a + i] < count ? visible[a + i] : count;
            weigh(
                w->scores + i * key_block, seen, w->scale, w->states + first_row + a + i,
                out + i * w->padded, w->padded);
        }
        value_group(out, w->scores, w->v, w->padded, most, n);
    }
}

static void pack(attention_work *w, const ck_attention_sequence *s, size_t first, size_t count) {
    expand_rows(w->v, s, first, count, 0, w->kv_head, w->p->kv_heads, w->p->d);
    turn_block(w->k, w->v, w->padded);
    expand_rows(w->v, s, first, count, 1, w->kv_head, w->p->kv_heads, w->p->d);
}

static void attend(const attention_piece *piece, float *scratch) {
    const ck_attention_problem *p = piece->problem;
    size_t padded = padded_head(p->d), group = p->heads / p->kv_heads;
    size_t rows = piece->r1 - piece->r0;
    attention_work w;
    w.p = p;
    w.kv_head = piece->kv_head;
    w.padded = padded;
    w.scale = 1 / sqrtf((float)p->d);
    w.k = scratch;
    w.v = w.k + key_block * padded;
    w.q = w.v + key_block * padded;
    w.out = w.q + row_block * padded;
    w.scores = w.out + row_block * padded;
    memset(w.out, 0, rows * padded * sizeof(float));
    for (size_t a = 0; a < rows; a++) {
        size_t row = piece->r0 + a, head = piece->kv_head * group + row % group;
        memcpy(w.q + a * padded, p->q + row / group * p->q_stride + head * p->d,
               p->d * sizeof(float));
        w.states[a] = (row_state){-INFINITY, 0};
    }
    size_t visible[row_block];
    // Whole blocks that every row sees and every sequence has in common, for all rows at once.
    size_t shared = p->sequence_count > 1 ? p->shared_keys / key_block * key_block : 0;
    size_t query = 0; // first query of the sequence, among all
    for (size_t i = 0; i < p->sequence_count && query * group < piece->r1; i++) {
        const ck_attention_sequence *s = p->sequences + i;
        size_t first_row = query * group, last_row = (query + s->queries) * group;
        query += s->queries;
        if (last_row <= piece->r0) continue;
        size_t a = first_row > piece->r0 ? first_row - piece->r0 : 0;
        size_t b = last_row < piece->r1 ? last_row - piece->r0 : rows;
        size_t keys = sequence_keys(s);
        for (size_t r = a; r < b; r++) {
            size_t i = (piece->r0 + r - first_row) / group;
            visible[r] = p->causal ? keys - s->queries + i + 1 : keys;
        }
        if (shared > visible[a]) shared = visible[a] / key_block * key_block;
    }
    size_t local[row_block];
    for (size_t first = 0; first < shared; first += key_block) {
        pack(&w, p->sequences, first, key_block);
        for (size_t r = 0; r < rows; r++) local[r] = key_block;
        block_of_keys(&w, key_block, rows, 0, local);
    }
    query = 0;
    for (size_t i = 0; i < p->sequence_count && query * group < piece->r1; i++) {
        const ck_attention_sequence *s = p->sequences + i;
        size_t first_row = query * group, last_row = (query + s->queries) * group;
        query += s->queries;
        if (last_row <= piece->r0) continue;
        size_t a = first_row > piece->r0 ? first_row - piece->r0 : 0;
        size_t b = last_row < piece->r1 ? last_row - piece->r0 : rows;
        size_t keys = visible[b - 1]; // the last row sees the most
        for (size_t first = shared; first < keys; first += key_block) {
            size_t count = keys - first < key_block ? keys - first : key_block;
            pack(&w, s, first, count);
            for (size_t r = a; r < b; r++) {
                size_t seen = visible[r] > first ? visible[r] - first : 0;
                local[r] = seen < key_block ? seen : key_block;
            }
            block_of_keys(&w, count, b - a, a, local + a);
        }
    }
    for (size_t a = 0; a < rows; a++) {
        size_t row = piece->r0 + a, head = piece->kv_head * group + row % group;
        float *out = p->out + row / group * p->out_stride + head * p->d;
        for (size_t c = 0; c < p->d; c++) out[c] = w.out[a * padded + c] / w.states[a].total;
    }
}

// ---- storing

static void store_rows(
    void *out, float *scales, const float *x, ck_kv_type type, size_t rows, size_t heads,
    size_t d) {
    size_t count = rows * heads * d;
    switch (type) {
    case CK_KV_F32: memcpy(out, x, count * sizeof(float)); break;
    case CK_KV_F16: {
        _Float16 *y = out;
        for (size_t i = 0; i < count; i++) {
            float clamped = x[i] > 65504 ? 65504 : x[i] < -65504 ? -65504 : x[i];
            y[i] = (_Float16)clamped;
        }
        break;
    }
    case CK_KV_BF16: {
        uint16_t *y = out;
        for (size_t i = 0; i < count; i++) y[i] = bf16_from_float(x[i]);
        break;
    }
    case CK_KV_I8: {
        int8_t *y = out;
        for (size_t head = 0; head < rows * heads; head++, x += d, y += d) {
            float largest = 0;
            for (size_t c = 0; c < d; c++) {
                float size = fabsf(x[c]);
                largest = size > largest ? size : largest;
            }
            float inverse = largest > 0 ? 127 / largest : 0;
            scales[head] = largest / 127;
            for (size_t c = 0; c < d; c++) y[c] = (int8_t)rintf(x[c] * inverse);
        }
        break;
    }
    }
}

const attention_table TABLE = {attend, store_rows};
