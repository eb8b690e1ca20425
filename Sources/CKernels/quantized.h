// Layout of packed weights and of activations in eight bits, shared by all instruction sets.
#ifndef QUANTIZED_H
#define QUANTIZED_H

#include "CKernels.h"

/// Weights are packed in tiles of 16 rows. Inside a tile, each run of four values of k holds the
/// 16 rows one after the other: one 64-byte register feeds 16 sums. Scales are half precision, 16
/// side by side, before the values they belong to:
///
///   8 bits: groups of 128 values of k: 2 × 16 scales (one per 64 values), 128 × 16 bytes
///   4 bits: groups of  64 values of k: 2 × 16 scales (one per 32 values),  64 × 16 half bytes
///
/// Bytes are unsigned with 128 added, as the instruction wants. Half bytes index `q4_values`; the
/// low half of byte i of a block's 256 belongs to its first 16 values of k, the high to the rest.
enum {
    q_tile_rows = 16,
    q8_block = 64,
    q8_group = 128,
    q4_block = 32,
    q4_group = 64,
    q_scales_bytes = 64,
    q8_group_bytes = q_scales_bytes + q_tile_rows * q8_group,
    q4_group_bytes = q_scales_bytes + q_tile_rows * q4_group / 2,
    /// Activations share a scale over this many values, and rows are padded to `q8_group`.
    x_block = 64
};

/// What four bits stand for, in units of the block's scale: denser near zero, where weights are.
extern const int8_t q4_values[16];

static inline size_t q_groups(ck_quantized_format format, size_t k) {
    size_t length = format == CK_Q8 ? q8_group : q4_group;
    return (k + length - 1) / length;
}

static inline size_t q_group_bytes(ck_quantized_format format) {
    return format == CK_Q8 ? q8_group_bytes : q4_group_bytes;
}

static inline size_t q_tile_bytes(ck_quantized_format format, size_t k) {
    return q_groups(format, k) * q_group_bytes(format);
}

/// Activations of m rows; a block is `x_block` values.
typedef struct {
    int8_t *values; ///< [m, blocks, 64], within ±127
    float *scales;  ///< [m, blocks]
    /// [m, blocks, 4]: -128 × the sum of the block's first half, second half, and all of it: what
    /// the 128 added to every weight must be paid back with.
    int32_t *corrections;
    size_t m, blocks;
} quantized_rows;

static inline size_t x_blocks(size_t k) { return (k + q8_group - 1) / q8_group * 2; }

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
