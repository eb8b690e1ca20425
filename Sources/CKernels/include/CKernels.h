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
/// The level in use: the supported one unless `ck_use_level` lowered it.
ck_level ck_current_level(void);
/// Uses `level`, or the best supported one below it; returns what is used. For tests and doctor;
/// not to be called while kernels run.
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

/// How weights are stored.
typedef enum { CK_F32 = 0, CK_F16 = 1, CK_BF16 = 2 } ck_dtype;

/// Bytes of one value.
size_t ck_dtype_size(ck_dtype dtype);

/// out[i] = w[i] as float, for i in 0..<count.
void ck_expand(float *out, const void *w, ck_dtype dtype, size_t count);
void ck_expand_reference(float *out, const void *w, ck_dtype dtype, size_t count);

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
    CK_Q4 = 1  ///< 4 bits indexing 16 uneven steps, blocks of 32: 4.5 bits a weight
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

#endif
