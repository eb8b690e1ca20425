// Layout of packed weights and of activations in eight bits, shared by all instruction sets.
#ifndef QUANTIZED_H
#define QUANTIZED_H

#include "CKernels.h"

/// Weights are packed in tiles of 16 rows. Inside a tile, each run of four values of k holds the
/// 16 rows one after the other: one 64-byte register feeds 16 sums. A group is 128 values of k: 2 ×
/// 16 scales in half precision (one per block of 64 values, 16 rows side by side), then the values
/// of both blocks:
///
///   8 bits: 64 × 16 bytes, unsigned with 128 added, as the instruction wants
///   6 bits: 32 × 16 bytes with the low four bits of each value, 16 × 16 with the high two; 32 added
///   4 bits: 32 × 16 bytes of indices into `q4_values`
///
/// The low half of byte i of a block's 512 half bytes belongs to its first 32 values of k, the high
/// half to the rest. Quarters of the high bits' 256 bytes belong to values of k 0 ..< 16, 16 ..< 32,
/// and so on, lowest bits first.
enum {
    q_tile_rows = 16,
    q_block = 64,
    q_group = 128,
    q_scales_bytes = 64,
    q8_block_bytes = q_tile_rows * q_block,
    q4_block_bytes = q8_block_bytes / 2,
    q6_block_bytes = q4_block_bytes + q8_block_bytes / 4,
    q8_group_bytes = q_scales_bytes + 2 * q8_block_bytes,
    q6_group_bytes = q_scales_bytes + 2 * q6_block_bytes,
    q4_group_bytes = q_scales_bytes + 2 * q4_block_bytes,
    /// The largest magnitude of a value in 6 bits, and what is added to make it unsigned.
    q6_largest = 31,
    q6_offset = 32
};

/// What four bits stand for, in units of the block's scale: denser near zero, where weights are.
extern const int8_t q4_values[16];

static inline size_t q_groups(size_t k) { return (k + q_group - 1) / q_group; }

static inline size_t q_blocks(size_t k) { return (k + q_block - 1) / q_block; }

static inline size_t q_block_bytes(ck_quantized_format format) {
    switch (format) {
    case CK_Q8: return q8_block_bytes;
    case CK_Q6: return q6_block_bytes;
    default: return q4_block_bytes;
    }
}

static inline size_t q_group_bytes(ck_quantized_format format) {
    return q_scales_bytes + 2 * q_block_bytes(format);
}

static inline size_t q_tile_bytes(ck_quantized_format format, size_t k) {
    return q_groups(k) * q_group_bytes(format);
}

/// One block of a tile's values and its 16 scales.
typedef struct {
    const uint8_t *values;
    const _Float16 *scales;
} q_panel;

static inline q_panel q_block_at(const uint8_t *tile, ck_quantized_format format, size_t block) {
    const uint8_t *group = tile + block / 2 * q_group_bytes(format);
    return (q_panel){
        group + q_scales_bytes + block % 2 * q_block_bytes(format),
        (const _Float16 *)group + block % 2 * q_tile_rows};
}

/// Activations of m rows, padded to whole groups; each block has a scale.
typedef struct {
    int8_t *values; ///< [m, blocks, 64], within ±127
    float *scales;  ///< [m, blocks]
    /// [m, blocks]: -128 × the sum of the block: what the 128 added to every weight must be paid
    /// back with.
    int32_t *corrections;
    size_t m, blocks;
} quantized_rows;

static inline size_t x_blocks(size_t k) { return q_groups(k) * 2; }

/// One product on activations that are ready.
typedef struct {
    const quantized_rows *x;
    ck_quantized_product product;
    size_t k;
} quantized_job;

/// Single-threaded pieces of one instruction set.
typedef struct {
    /// Rounds one row of k values to 8 bits.
    void (*quantize_row)(
        int8_t *values, float *scales, int32_t *corrections, const float *x, size_t k);
    /// Output columns 16·t0 ..< 16·t1, all rows.
    void (*multiply)(const quantized_job *job, size_t t0, size_t t1);
} quantized_table;

extern const quantized_table quantized_reference, quantized_portable;
#if defined(__x86_64__)
extern const quantized_table quantized_avx2, quantized_avx512_vnni;
#endif

#endif
