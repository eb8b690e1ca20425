// Weights of GGUF files in the order that products want, value for value the same; and activations
// in eight bits for them. Shared by all instruction sets.
#ifndef TILES_H
#define TILES_H

#include "blocks.h"

/// Tiles are 16 rows. A block is 32 values of k in all rows of a tile. A group is what comes with
/// its own head of scales: two blocks, or eight where the format has blocks of 256.
///
/// Heads, for 16 rows side by side each:
///   Q4_0 Q5_0 Q8_0   2 × scale (half precision, one per block)
///   Q4_1 Q5_1        2 × scale, 2 × minimum
///   Q4_K Q5_K        scale and minimum of all, 8 × scale, 8 × minimum (bytes, one per block)
///   Q6_K             scale of all, as much room again, 16 × scale (signed bytes, one per 16 values)
///
/// A block's values are unsigned. Register i of a block, 64 bytes, holds four values of k, 4·i …
/// 4·i + 3, of 16 rows one after the other:
///   8 bits  8 registers
///   4 bits  4 registers, register i + 4 in the high halves of register i
///   5 bits  the same, then a register whose bit i is the fifth of register i
///   6 bits  the same, then two registers: bits 2·(i / 2) and the next in number i % 2 are the
///           upper ones of register i
enum {
    tile_rows = 16,
    tile_block = 32,
    tile_low_bytes = 256, ///< four registers of half bytes
};

static inline size_t tile_group_blocks(ck_dtype dtype) {
    return dtype == CK_GGUF_Q4_K || dtype == CK_GGUF_Q5_K || dtype == CK_GGUF_Q6_K ? 8 : 2;
}

static inline size_t tile_block_bytes(ck_dtype dtype) {
    switch (dtype) {
    case CK_GGUF_Q8_0: return 2 * tile_low_bytes;
    case CK_GGUF_Q5_0:
    case CK_GGUF_Q5_1:
    case CK_GGUF_Q5_K: return tile_low_bytes + 64;
    case CK_GGUF_Q6_K: return tile_low_bytes + 128;
    default: return tile_low_bytes;
    }
}

static inline size_t tile_head_bytes(ck_dtype dtype) {
    switch (dtype) {
    case CK_GGUF_Q4_1:
    case CK_GGUF_Q5_1: return 128;
    case CK_GGUF_Q4_K:
    case CK_GGUF_Q5_K:
    case CK_GGUF_Q6_K: return 64 + 256;
    default: return 64;
    }
}

/// What is taken from the unsigned values.
static inline int tile_offset(ck_dtype dtype) {
    switch (dtype) {
    case CK_GGUF_Q8_0: return 128;
    case CK_GGUF_Q5_0: return 16;
    case CK_GGUF_Q4_0: return 8;
    case CK_GGUF_Q6_K: return 32;
    default: return 0;
    }
}

/// Whether a block's values stand on a minimum.
static inline bool tile_has_minimum(ck_dtype dtype) {
    return dtype == CK_GGUF_Q4_1 || dtype == CK_GGUF_Q5_1 || dtype == CK_GGUF_Q4_K
           || dtype == CK_GGUF_Q5_K;
}

static inline size_t tile_group_bytes(ck_dtype dtype) {
    return tile_head_bytes(dtype) + tile_group_blocks(dtype) * tile_block_bytes(dtype);
}

static inline size_t tile_bytes(ck_dtype dtype, size_t k) {
    size_t values = tile_group_blocks(dtype) * tile_block;
    return (k + values - 1) / values * tile_group_bytes(dtype);
}

/// Activations of m rows in eight bits.
typedef struct {
    int8_t *values; ///< [m, blocks, 32], within ±127
    float *scales;  ///< [m, blocks]
    int32_t *sums;  ///< [m, blocks, 2]: of 16 values each
    size_t m, blocks;
} tile_inputs;

/// One product on activations that are ready.
typedef struct {
    const tile_inputs *x;
    ck_tiles_product product;
} tile_job;

/// Single-threaded pieces of one instruction set.
typedef struct {
    /// Rounds one row of `blocks` blocks to 8 bits.
    void (*quantize_row)(
        int8_t *values, float *scales, int32_t *sums, const float *x, size_t blocks);
    /// Output columns 16·t0 ..< 16·t1, all rows.
    void (*multiply)(const tile_job *job, size_t t0, size_t t1);
} tiles_table;

extern const tiles_table tiles_reference;
#if defined(__x86_64__)
extern const tiles_table tiles_avx512_vnni;
#endif

#endif
