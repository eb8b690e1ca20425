/// Kernels of the runtime: one prototype per operation, with its equation and the shape of every
/// argument. All matrices are row-major. Outputs never alias inputs unless a line says so.
/// Weight pointers need no alignment: tensors in safetensors files may start anywhere.
///
/// Every operation has a scalar version `…_reference` which is the specification that the others
/// are tested against. The other version picks instructions at run time (see `ck_level`).
#ifndef CKERNELS_H
#define CKERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// ---- Levels ------------------------------------------------------------------------------------

/// Instruction sets, each including the ones before it.
typedef enum {
    CK_LEVEL_REFERENCE = 0,  ///< plain C loops
    CK_LEVEL_PORTABLE = 1,   ///< four-lane vectors the compiler maps to SSE2 or NEON
    CK_LEVEL_AVX2 = 2,       ///< AVX2, FMA, F16C
    CK_LEVEL_AVX512 = 3,      ///< AVX-512 F, BW, DQ, VL
    CK_LEVEL_AVX512_VNNI = 4, ///< and the dot product of bytes
    CK_LEVEL_AVX512_BF16 = 5  ///< and the bfloat16 dot product
} ck_level;

/// The best level this CPU and operating system support.
ck_level ck_supported_level(void);
/// The level in use on this thread: the supported one unless `ck_use_level` lowered it.
ck_level ck_current_level(void);
/// Uses `level`, or the best supported one below it, for what this thread asks for; returns what
/// is used. For tests and benchmarks.
ck_level ck_use_level(ck_level level);
/// A short name such as "avx512-bf16".
const char *ck_level_name(ck_level level);

// ---- Threads -----------------------------------------------------------------------------------

/// Sets the number of threads kernels may use, the calling one included; at least 1.
void ck_set_thread_count(size_t count);
size_t ck_thread_count(void);
/// Calls `body(context, begin, end)` on disjoint ranges that cover [0, count), at least `grain`
/// long, on several threads; returns when all are done. Nested or concurrent calls run inline.
void ck_parallel_for(
    size_t count, size_t grain, void (*body)(void *context, size_t begin, size_t end),
    void *context);
/// Keeps freed work buffers in the process instead of returning them to the system each time:
/// a forward pass frees and takes the same few megabytes hundreds of times a second.
void ck_keep_freed_memory(void);

// ---- Matrix products ---------------------------------------------------------------------------

/// How weights are stored: one by one, or in the blocks of GGUF files, as these lie there.
typedef enum {
    CK_F32 = 0,
    CK_F16 = 1,
    CK_BF16 = 2,
    CK_GGUF_Q4_0, ///< 32 values: half-precision scale, 4 bits each
    CK_GGUF_Q4_1, ///< 32 values: scale and minimum, 4 bits each
    CK_GGUF_Q5_0, ///< 32 values: scale, 5 bits each
    CK_GGUF_Q5_1, ///< 32 values: scale and minimum, 5 bits each
    CK_GGUF_Q8_0, ///< 32 values: scale, 8 bits each
    CK_GGUF_Q4_K, ///< 256 values: 8 scales and minimums of 6 bits, 4 bits each
    CK_GGUF_Q5_K, ///< 256 values: 8 scales and minimums of 6 bits, 5 bits each
    CK_GGUF_Q6_K  ///< 256 values: 16 scales of 8 bits, 6 bits each
} ck_dtype;

/// Values that share a block: 1, 32 or 256. Counts and row lengths are multiples of it.
size_t ck_dtype_block(ck_dtype dtype);
/// Bytes of `count` values.
size_t ck_dtype_bytes(ck_dtype dtype, size_t count);

/// out[i] = w[i] as float, for i in 0..<count; bit for bit what ggml makes of its blocks.
void ck_expand(float *out, const void *w, ck_dtype dtype, size_t count);
void ck_expand_reference(float *out, const void *w, ck_dtype dtype, size_t count);
/// out[i] = x[i] as bfloat16, rounded to nearest even; NaN stays NaN.
void ck_round_bf16(uint16_t *out, const float *x, size_t count);

/// y[m,n] = x[m,k] · w[n,k]ᵀ + bias[n], in float32 throughout; `bias` may be NULL. `bias` is float.
/// Streams the weights once per 4 rows of x: meant for few rows (decoding).
void ck_linear(
    float *y, const float *x, const void *w, ck_dtype dtype, const float *bias, size_t m, size_t n,
    size_t k);
void ck_linear_reference(
    float *y, const float *x, const void *w, ck_dtype dtype, const float *bias, size_t m, size_t n,
    size_t k);

/// The same with x rounded to bfloat16 (nearest even) and w bfloat16; sums in float32.
/// Fast only where `ck_current_level() == CK_LEVEL_AVX512_BF16`; correct everywhere.
void ck_linear_bf16(
    float *y, const float *x, const void *w, const float *bias, size_t m, size_t n, size_t k);
void ck_linear_bf16_reference(
    float *y, const float *x, const void *w, const float *bias, size_t m, size_t n, size_t k);

// ---- Quantised weights -------------------------------------------------------------------------

/// Weights in blocks with a half-precision scale each, in the kernels' own layout.
typedef enum {
    CK_Q8 = 0, ///< 8 bits, blocks of 64: 8.25 bits a weight
    CK_Q4 = 1, ///< 4 bits indexing 16 uneven steps, blocks of 64: 4.25 bits a weight
    CK_Q6 = 2  ///< 6 bits, blocks of 64: 6.25 bits a weight
} ck_quantized_format;

/// Bytes of a packed matrix w[n,k].
size_t ck_packed_size(ck_quantized_format format, size_t n, size_t k);
/// Packs w[n,k]; `packed` is 64-byte aligned and `ck_packed_size` long. NaN becomes 0, infinities
/// the largest finite value.
void ck_pack(
    void *packed, ck_quantized_format format, const void *w, ck_dtype dtype, size_t n, size_t k);
/// out[0 ..< k] = row `row` of the packed matrix, as floats.
void ck_unpack_row(
    float *out, const void *packed, ck_quantized_format format, size_t k, size_t row);
/// out[count, k] = rows [first, first + count) of the packed matrix; `first` is a multiple of 16.
void ck_unpack(
    float *out, const void *packed, ck_quantized_format format, size_t k, size_t first,
    size_t count);

/// y[m,n] = x · wᵀ + bias of one packed matrix; `packed` is 64-byte aligned, `bias` may be NULL.
typedef struct {
    float *y;
    const void *packed;
    ck_quantized_format format;
    const float *bias;
    size_t n;
} ck_quantized_product;

/// Several products of the same x[m,k]. x is rounded to 8 bits in blocks of 64 along k, products
/// of bytes are summed exactly within a block and in float32 across blocks, in order: a row's
/// result depends neither on the other rows nor on their number.
void ck_linear_quantized(
    const float *x, size_t m, size_t k, const ck_quantized_product *products, size_t count);
void ck_linear_quantized_reference(
    const float *x, size_t m, size_t k, const ck_quantized_product *products, size_t count);

// ---- Weights of GGUF files, in the order that products want ------------------------------------

/// Whether products with tiles are faster here than those with the blocks as they lie in the file.
bool ck_tiles_are_fast(void);
/// Bytes of w[n,k] in tiles. `dtype` is one of the GGUF formats here and below.
size_t ck_tiles_size(ck_dtype dtype, size_t n, size_t k);
/// Puts the blocks of w[n,k] in order: same values, same scales. `tiles` is 64-byte aligned and
/// `ck_tiles_size` long.
void ck_make_tiles(void *tiles, const void *w, ck_dtype dtype, size_t n, size_t k);

/// y[m,n] = x · wᵀ + bias of one matrix in tiles; `bias` may be NULL.
typedef struct {
    float *y;
    const void *tiles;
    ck_dtype dtype;
    const float *bias;
    size_t n;
} ck_tiles_product;

/// Several products of the same x[m,k]. x is rounded to 8 bits in blocks of 32 along k, as ggml
/// does; products of integers are summed exactly within a block and in float32 across blocks, in
/// order: a row's result depends neither on the other rows nor on their number, and is the
/// reference's to the last bit.
void ck_linear_tiles(
    const float *x, size_t m, size_t k, const ck_tiles_product *products, size_t count);
void ck_linear_tiles_reference(
    const float *x, size_t m, size_t k, const ck_tiles_product *products, size_t count);

// ---- Norms and activations ---------------------------------------------------------------------

/// y[r,:] = w * x[r,:] / sqrt(mean(x[r,:]²) + eps).
void ck_rms_norm(
    float *y, const float *x, const float *w, float eps, size_t rows, size_t columns);
void ck_rms_norm_reference(
    float *y, const float *x, const float *w, float eps, size_t rows, size_t columns);

/// y[r,:] = w * (x[r,:] - mean) / sqrt(variance + eps) + b (Qwen2-VL's vision tower).
void ck_layer_norm(
    float *y, const float *x, const float *w, const float *b, float eps, size_t rows,
    size_t columns);

/// gate[i] = silu(gate[i]) * up[i], silu(x) = x / (1 + e^-x). In place.
void ck_silu_multiply(float *gate, const float *up, size_t count);
void ck_silu_multiply_reference(float *gate, const float *up, size_t count);

/// x[i] = x[i] * Φ(x[i]), the exact (erf) GELU. In place.
void ck_gelu_erf(float *x, size_t count);
/// x[i] = x[i]/2 * (1 + tanh(√(2/π) (x[i] + 0.044715 x[i]³))) (Qwen3-VL's vision MLP). In place.
void ck_gelu_tanh(float *x, size_t count);
/// x[i] = x[i] * σ(1.702 x[i]) (Qwen2-VL's vision MLP). In place.
void ck_quick_gelu(float *x, size_t count);
/// y[r,:] += row.
void ck_add_row(float *y, const float *row, size_t rows, size_t columns);
/// y[i] += x[i].
void ck_add(float *y, const float *x, size_t count);

// ---- Attention ---------------------------------------------------------------------------------

/// Rotates the two halves of every head by the row's angles, in place:
/// (a, b) -> (a·cos - b·sin, b·cos + a·sin).
/// x: [rows, heads, d] with `stride` floats between rows; cos, sin: [rows, d/2].
void ck_rope(
    float *x, const float *cosine, const float *sine, size_t rows, size_t heads, size_t d,
    size_t stride);

/// How keys and values are stored.
typedef enum {
    CK_KV_F32 = 0,
    CK_KV_F16 = 1,
    CK_KV_BF16 = 2,
    CK_KV_I8 = 3 ///< signed bytes with one float scale per token and head
} ck_kv_type;

/// Bytes of one stored value.
size_t ck_kv_type_size(ck_kv_type type);

/// Writes rows of keys or values, [rows, heads, d], in the stored type: nearest even, 16-bit floats
/// saturate. `scales`, [rows, heads], is written for CK_KV_I8 only and may be NULL otherwise.
/// The result is the same at every level.
void ck_kv_store(
    void *out, float *scales, const float *x, ck_kv_type type, size_t rows, size_t heads, size_t d);

/// Keys and values of consecutive tokens: [keys, kv_heads, d], `stride` values between tokens.
typedef struct {
    const void *k, *v;
    const float *k_scales, *v_scales; ///< [keys, kv_heads], for CK_KV_I8 only
    size_t keys, stride;
    ck_kv_type type;
} ck_kv_segment;

/// Some rows of queries that look at the same keys.
typedef struct {
    const ck_kv_segment *segments; ///< all keys in order
    size_t segment_count;
    size_t queries;
} ck_attention_sequence;

/// Sequences handled in one pass; strides are in floats.
typedef struct {
    const float *q; ///< [queries of all sequences, heads, d], `q_stride` between queries
    float *out;     ///< same layout, `out_stride` between queries
    const ck_attention_sequence *sequences;
    size_t sequence_count;
    /// Leading keys that are the same memory in every sequence; they are read once for all.
    size_t shared_keys;
    size_t heads, kv_heads, d, q_stride, out_stride;
    /// Query i of a sequence sees its keys 0 ..< keys - queries + i + 1 when true, all when false.
    bool causal;
} ck_attention_problem;

/// out = softmax(q kᵀ / sqrt(d)) v for every head; head h reads kv head h / (heads / kv_heads).
///
/// A row of the result depends on its query and the keys it sees alone: not on the other rows of
/// the call, on how keys are cut into segments, on `shared_keys`, or on the number of threads.
/// Every sequence has at least one query and every query sees at least one key.
void ck_attention(const ck_attention_problem *problem);
void ck_attention_reference(const ck_attention_problem *problem);

// ---- Training (training.c) ---------------------------------------------------------------------

/// c[m,n] = a·b, or c += a·b when `accumulate`: a portable product for small matrices and for
/// machines without OpenBLAS. a(i,t) = a[i·a_row + t·a_step], so that a matrix can be given as it
/// is or transposed; rows of b and c are `ldb` and `ldc` floats apart.
void ck_multiply(
    float *c, size_t ldc, const float *a, size_t a_row, size_t a_step, const float *b, size_t ldb,
    size_t m, size_t n, size_t k, bool accumulate);
void ck_multiply_reference(
    float *c, size_t ldc, const float *a, size_t a_row, size_t a_step, const float *b, size_t ldb,
    size_t m, size_t n, size_t k, bool accumulate);

/// dx[m,k] = dy[m,n] · w[n,k]: the way back through y = x · wᵀ on the same weights. dy is rounded to
/// bfloat16 (nearest even); sums in float32, in an order that depends on n alone.
/// Fast only where `ck_current_level() == CK_LEVEL_AVX512_BF16`; correct everywhere.
void ck_linear_backward_bf16(
    float *dx, const float *dy, const void *w, size_t m, size_t n, size_t k);
void ck_linear_backward_bf16_reference(
    float *dx, const float *dy, const void *w, size_t m, size_t n, size_t k);
/// The same with packed weights, whose values are rounded to bfloat16 block by block; `packed` is
/// 64-byte aligned.
void ck_linear_backward_quantized(
    float *dx, const float *dy, const void *packed, ck_quantized_format format, size_t m, size_t n,
    size_t k);
void ck_linear_backward_quantized_reference(
    float *dx, const float *dy, const void *packed, ck_quantized_format format, size_t m, size_t n,
    size_t k);

/// c[m,n] = a[m,k] · b[k,n], or c += a · b when `accumulate`. A matrix that is `turned` is stored
/// transposed: a as [k,m], b as [n,k], c as [n,m]; `ld…` are floats from one stored row to the next.
typedef struct {
    float *c;
    const float *a, *b;
    size_t ldc, lda, ldb;
    bool c_is_turned, a_is_turned, b_is_turned, accumulate;
    size_t m, n, k;
} ck_float_product;

/// The product with a and b rounded to bfloat16 (nearest even), sums in float32.
/// Fast only where `ck_current_level() == CK_LEVEL_AVX512_BF16`; correct everywhere.
void ck_multiply_bf16(const ck_float_product *product);
void ck_multiply_bf16_reference(const ck_float_product *product);

/// Gradient of `ck_rms_norm` for its input, added to dx[rows, columns]: with
/// r = 1 / sqrt(mean(x²) + eps) and g = w·dy, dx += r·g - x·r³·mean(g·x).
void ck_rms_norm_backward(
    float *dx, const float *dy, const float *x, const float *w, float eps, size_t rows,
    size_t columns);
void ck_rms_norm_backward_reference(
    float *dx, const float *dy, const float *x, const float *w, float eps, size_t rows,
    size_t columns);

/// Gradients of h = silu(gate)·up, in place: gate becomes dh·up·σ(gate)·(1 + gate·(1 - σ(gate))),
/// up becomes dh·silu(gate).
void ck_silu_multiply_backward(float *gate, float *up, const float *dh, size_t count);
void ck_silu_multiply_backward_reference(float *gate, float *up, const float *dh, size_t count);

/// Causal attention of one run of tokens behind a prefix that other runs may share. Query i sees
/// all `prefix` keys and its own run's keys 0...i; head h reads kv head h / (heads / kv_heads).
/// Strides are in floats and the same for a tensor and its gradient.
typedef struct {
    const float *q;        ///< [tokens, heads, d], `q_stride` between tokens
    const float *k, *v;    ///< [tokens, kv_heads, d], `kv_stride` between tokens
    const float *prefix_k; ///< [prefix, kv_heads, d], `kv_stride`; unused when prefix is 0
    const float *prefix_v;
    float *out;            ///< [tokens, heads, d], `q_stride`; written by the forward pass
    const float *dout;     ///< gradient of out
    float *dq;             ///< written by the backward pass
    float *dk, *dv, *prefix_dk, *prefix_dv; ///< the backward pass adds to these
    size_t tokens, prefix, heads, kv_heads, d;
    size_t q_stride, kv_stride;
} ck_branch_attention;

/// out = softmax(q kᵀ / sqrt(d)) v for every run.
void ck_branch_attention_forward(const ck_branch_attention *runs, size_t count);
void ck_branch_attention_forward_reference(const ck_branch_attention *runs, size_t count);
/// dq, and additions to the other gradients, from dout. The probabilities are computed again, block
/// of queries by block; the order of additions does not depend on the number of threads.
void ck_branch_attention_backward(const ck_branch_attention *runs, size_t count);
void ck_branch_attention_backward_reference(const ck_branch_attention *runs, size_t count);

/// result[r] = log softmax(logits[r,:] / temperature)[targets[r]].
void ck_log_likelihood(
    float *result, const float *logits, const int32_t *targets, float temperature, size_t rows,
    size_t vocabulary);
void ck_log_likelihood_reference(
    float *result, const float *logits, const int32_t *targets, float temperature, size_t rows,
    size_t vocabulary);
/// The index whose slice of the cumulative distribution softmax(scores) holds `unit` (0 ..< 1), in
/// order of indices; scores may be -infinity, not all of them. `count` is positive.
size_t ck_draw(const float *scores, size_t count, double unit);
size_t ck_draw_reference(const float *scores, size_t count, double unit);
/// Gradient of Σ slopes[r]·result[r] for the logits, in place:
/// logits[r,v] becomes slopes[r]·(1[v = targets[r]] - p[r,v]) / temperature.
void ck_log_likelihood_backward(
    float *logits, const int32_t *targets, const float *slopes, float temperature, size_t rows,
    size_t vocabulary);
void ck_log_likelihood_backward_reference(
    float *logits, const int32_t *targets, const float *slopes, float temperature, size_t rows,
    size_t vocabulary);

/// Numbers of one AdamW step.
typedef struct {
    float learning_rate, beta1, beta2, epsilon, weight_decay;
    float correction1, correction2; ///< 1 - beta1ᵗ and 1 - beta2ᵗ at step t = 1, 2, …
    float gradient_scale;           ///< multiplies every gradient (clipping)
} ck_adamw_step;

/// One step of AdamW in PyTorch's order of operations, in place on p, m and v:
/// p -= lr·wd·p; m = β1·m + (1-β1)·g; v = β2·v + (1-β2)·g²;
/// p -= lr/c1 · m / (sqrt(v)/sqrt(c2) + ε).
void ck_adamw(
    float *p, float *m, float *v, const float *g, size_t count, const ck_adamw_step *step);
void ck_adamw_reference(
    float *p, float *m, float *v, const float *g, size_t count, const ck_adamw_step *step);

/// Σ x[i]², in an order of additions that does not depend on the number of threads.
double ck_sum_of_squares(const float *x, size_t count);

#endif
