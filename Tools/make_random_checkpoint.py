#!/usr/bin/env python3
"""Makes a full-size Qwen2.5-VL checkpoint folder with random weights, for memory and speed.

    make_random_checkpoint.py 3b|7b OUT --tokenizer DIR

Shapes and config.json are exactly those of the published models, so loading, memory and time per
token are those of the real thing; the words that come out are not. DIR holds vocab.json and
merges.txt (see Tools/tokenizer/rebuild_real_vocabulary.py). Needs 7.5 GB (3b) or 16.6 GB (7b).
Standard library only.
"""
import argparse, array, json, os, random, shutil, struct

SIZES = {
    "3b": dict(hidden=2048, inner=11008, layers=36, heads=16, kv=2, vocab=151936, tied=True, shards=2),
    "7b": dict(hidden=3584, inner=18944, layers=28, heads=28, kv=4, vocab=152064, tied=False, shards=5),
}
VISION = dict(hidden=1280, inner=3420, depth=32, heads=16)


def tensors(size):
    """Yields (name, shape, kind) in the order of the published files."""
    d, f = VISION["hidden"], VISION["inner"]
    yield "visual.patch_embed.proj.weight", (d, 3, 2, 14, 14), "random"
    for n in range(VISION["depth"]):
        p = f"visual.blocks.{n}."
        for norm in ("norm1", "norm2"):
            yield p + norm + ".weight", (d,), "one"
        for name, rows, columns in (("attn.qkv", 3 * d, d), ("attn.proj", d, d), ("mlp.gate_proj", f, d),
                                    ("mlp.up_proj", f, d), ("mlp.down_proj", d, f)):
            yield f"{p}{name}.weight", (rows, columns), "random"
            yield f"{p}{name}.bias", (rows,), "random"
    yield "visual.merger.ln_q.weight", (d,), "one"
    for name, rows in (("0", 4 * d), ("2", size["hidden"])):
        yield f"visual.merger.mlp.{name}.weight", (rows, 4 * d), "random"
        yield f"visual.merger.mlp.{name}.bias", (rows,), "random"
    h, inner, kv = size["hidden"], size["inner"], size["kv"] * 128
    yield "model.embed_tokens.weight", (size["vocab"], h), "random"
    for n in range(size["layers"]):
        p = f"model.layers.{n}."
        for norm in ("input_layernorm", "post_attention_layernorm"):
            yield f"{p}{norm}.weight", (h,), "one"
        for name, rows in (("q_proj", h), ("k_proj", kv), ("v_proj", kv)):
            yield f"{p}self_attn.{name}.weight", (rows, h), "random"
            yield f"{p}self_attn.{name}.bias", (rows,), "random"
        yield p + "self_attn.o_proj.weight", (h, h), "random"
        yield p + "mlp.gate_proj.weight", (inner, h), "random"
        yield p + "mlp.up_proj.weight", (inner, h), "random"
        yield p + "mlp.down_proj.weight", (h, inner), "random"
    yield "model.norm.weight", (h,), "one"
    if not size["tied"]:
        yield "lm_head.weight", (size["vocab"], h), "random"


def count(shape):
    total = 1
    for n in shape:
        total *= n
    return total


def random_block(values=1 << 21):
    """bfloat16 values spread like a normal of standard deviation 0.02, as bytes."""
    source = random.Random(24)
    bits = array.array("H")
    for _ in range(values):
        (word,) = struct.unpack("<I", struct.pack("<f", source.gauss(0, 0.02)))
        bits.append(word >> 16)
    return bits.tobytes()


def write_shard(path, entries, block):
    header, offset = {"__metadata__": {"format": "pt"}}, 0
    for name, shape, _ in entries:
        size = 2 * count(shape)
        header[name] = {"dtype": "BF16", "shape": list(shape), "data_offsets": [offset, offset + size]}
        offset += size
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    one = struct.pack("<H", 0x3F80)
    start = 0
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for _, shape, kind in entries:
            left = 2 * count(shape)
            if kind == "one":
                file.write(one * (left // 2))
                continue
            start = (start + 7919 * 2) % (len(block) // 2)  # tensors do not repeat each other
            while left:
                part = block[start : start + left]
                file.write(part)
                left -= len(part)
                start = 0
    return offset


def config(size):
    return {
        "architectures": ["Qwen2_5_VLForConditionalGeneration"], "model_type": "qwen2_5_vl",
        "hidden_size": size["hidden"], "intermediate_size": size["inner"], "num_hidden_layers": size["layers"],
        "num_attention_heads": size["heads"], "num_key_value_heads": size["kv"], "vocab_size": size["vocab"],
        "rms_norm_eps": 1e-06, "rope_theta": 1000000.0, "max_position_embeddings": 128000, "hidden_act": "silu",
        "rope_scaling": {"type": "mrope", "mrope_section": [16, 24, 24]}, "tie_word_embeddings": size["tied"],
        "use_sliding_window": False, "torch_dtype": "bfloat16", "image_token_id": 151655, "video_token_id": 151656,
        "vision_start_token_id": 151652, "vision_end_token_id": 151653,
        "vision_config": {
            "depth": VISION["depth"], "hidden_act": "silu", "hidden_size": VISION["hidden"],
            "intermediate_size": VISION["inner"], "num_heads": VISION["heads"], "in_chans": 3,
            "out_hidden_size": size["hidden"], "patch_size": 14, "spatial_merge_size": 2, "spatial_patch_size": 14,
            "window_size": 112, "fullatt_block_indexes": [7, 15, 23, 31], "tokens_per_second": 2,
            "temporal_patch_size": 2,
        },
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("size", choices=SIZES)
    parser.add_argument("out")
    parser.add_argument("--tokenizer", required=True, help="folder with vocab.json and merges.txt")
    options = parser.parse_args()
    size = SIZES[options.size]
    os.makedirs(options.out, exist_ok=True)
    for name in ("vocab.json", "merges.txt"):
        shutil.copy(os.path.join(options.tokenizer, name), options.out)
    write = lambda name, value: json.dump(value, open(os.path.join(options.out, name), "w"), indent=1)
    write("config.json", config(size))
    write("generation_config.json", {"do_sample": True, "temperature": 1e-06, "repetition_penalty": 1.05,
                                     "eos_token_id": [151645, 151643], "pad_token_id": 151643})
    write("preprocessor_config.json", {
        "min_pixels": 3136, "max_pixels": 12845056, "patch_size": 14, "temporal_patch_size": 2, "merge_size": 2,
        "image_mean": [0.48145466, 0.4578275, 0.40821073], "image_std": [0.26862954, 0.26130258, 0.27577711],
        "image_processor_type": "Qwen2VLImageProcessor"})
    entries, block = list(tensors(size)), random_block()
    total = sum(2 * count(shape) for _, shape, _ in entries)
    index, shards, filled = {}, [[]], 0
    for entry in entries:
        if filled > total / size["shards"]:
            shards.append([])
            filled = 0
        shards[-1].append(entry)
        filled += 2 * count(entry[1])
    for number, shard in enumerate(shards, 1):
        name = f"model-{number:05}-of-{len(shards):05}.safetensors"
        write_shard(os.path.join(options.out, name), shard, block)
        index.update({tensor: name for tensor, _, _ in shard})
    write("model.safetensors.index.json", {"metadata": {"total_size": total}, "weight_map": index})
    print(f"{options.out}: {len(index)} tensors, {total} bytes in {len(shards)} files")


if __name__ == "__main__":
    main()
