#!/usr/bin/env python3
"""Makes a full-size Qwen2.5-VL checkpoint folder with random weights, for memory and speed.

    make_random_checkpoint.py 3b|7b [FOLDER] [--tokenizer DIR]

Shapes, config.json and the vocabulary are exactly those of the published models, so loading, memory
and time per token are those of the real thing; the words that come out are not. FOLDER is
$XDG_CACHE_HOME/studio-bench/qwen25vl-SIZE unless given. DIR holds vocab.json and merges.txt; without
it Tools/tokenizer/rebuild_real_vocabulary.py fetches them. Needs 7.5 GB (3b) or 16.6 GB (7b).
Standard library only. The folder appears under its name only when it is complete.
"""
import argparse, array, json, os, pathlib, random, shutil, struct, subprocess, sys, tempfile

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
            yield p + norm + ".weight", (d,), "norm"
        for name, rows, columns in (("attn.qkv", 3 * d, d), ("attn.proj", d, d), ("mlp.gate_proj", f, d),
                                    ("mlp.up_proj", f, d), ("mlp.down_proj", d, f)):
            yield f"{p}{name}.weight", (rows, columns), "random"
            yield f"{p}{name}.bias", (rows,), "random"
    yield "visual.merger.ln_q.weight", (d,), "norm"
    for name, rows in (("0", 4 * d), ("2", size["hidden"])):
        yield f"visual.merger.mlp.{name}.weight", (rows, 4 * d), "random"
        yield f"visual.merger.mlp.{name}.bias", (rows,), "random"
    h, inner, kv = size["hidden"], size["inner"], size["kv"] * 128
    yield "model.embed_tokens.weight", (size["vocab"], h), "random"
    for n in range(size["layers"]):
        p = f"model.layers.{n}."
        for norm in ("input_layernorm", "post_attention_layernorm"):
            yield f"{p}{norm}.weight", (h,), "norm"
        for name, rows in (("q_proj", h), ("k_proj", kv), ("v_proj", kv)):
            yield f"{p}self_attn.{name}.weight", (rows, h), "random"
            yield f"{p}self_attn.{name}.bias", (rows,), "random"
        yield p + "self_attn.o_proj.weight", (h, h), "random"
        yield p + "mlp.gate_proj.weight", (inner, h), "random"
        yield p + "mlp.up_proj.weight", (inner, h), "random"
        yield p + "mlp.down_proj.weight", (h, inner), "random"
    yield "model.norm.weight", (h,), "norm"
    if not size["tied"]:
        yield "lm_head.weight", (size["vocab"], h), "random"


def count(shape):
    total = 1
    for n in shape:
        total *= n
    return total


def bfloat16(value):
    (word,) = struct.unpack("<I", struct.pack("<f", value))
    return word >> 16


def random_block(mean, deviation, values=(1 << 21) + 331):
    """bfloat16 values of a normal distribution, as bytes. Their number is no multiple of a row's
    length, so rows that the block fills again and again still differ from each other."""
    source = random.Random(24)
    return array.array("H", (bfloat16(source.gauss(mean, deviation)) for _ in range(values))).tobytes()


def write_shard(path, entries, blocks, begin):
    header, offset = {"__metadata__": {"format": "pt"}}, 0
    for name, shape, _ in entries:
        size = 2 * count(shape)
        header[name] = {"dtype": "BF16", "shape": list(shape), "data_offsets": [offset, offset + size]}
        offset += size
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for _, shape, kind in entries:
            block, left = blocks[kind], 2 * count(shape)
            # Tensors do not repeat each other: OpenVINO, for one, keeps equal layers only once.
            begin += 7919 * 2
            start = begin % len(block)
            while left:
                part = block[start : start + left]
                file.write(part)
                left -= len(part)
                start = 0


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


SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|object_ref_start|>", "<|object_ref_end|>",
           "<|box_start|>", "<|box_end|>", "<|quad_start|>", "<|quad_end|>", "<|vision_start|>", "<|vision_end|>",
           "<|vision_pad|>", "<|image_pad|>", "<|video_pad|>"]
ADDED = SPECIAL + ["<tool_call>", "</tool_call>", "<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>", "<|fim_pad|>",
                   "<|repo_name|>", "<|file_sep|>"]
PATTERN = ("(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*"
           "|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+")
TEMPLATE = (
    "{% for message in messages %}{% if loop.first and message['role'] != 'system' %}<|im_start|>system\n"
    "You are a helpful assistant.<|im_end|>\n{% endif %}<|im_start|>{{ message['role'] }}\n"
    "{% if message['content'] is string %}{{ message['content'] }}<|im_end|>\n{% else %}"
    "{% for content in message['content'] %}"
    "{% if content['type'] == 'image' or 'image' in content or 'image_url' in content %}"
    "<|vision_start|><|image_pad|><|vision_end|>{% elif 'text' in content %}{{ content['text'] }}{% endif %}"
    "{% endfor %}<|im_end|>\n{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}")


def tokenizer_files(vocabulary, merges):
    """The same tokenizer in the two forms that other programs want, by file name."""
    level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": False, "use_regex": False}
    split = {"type": "Split", "pattern": {"Regex": PATTERN}, "behavior": "Isolated", "invert": False}
    flags = {"lstrip": False, "normalized": False, "rstrip": False, "single_word": False}
    added = [dict(flags, id=151643 + n, content=text, special=text in SPECIAL) for n, text in enumerate(ADDED)]
    return {
        "tokenizer.json": {
            "version": "1.0", "truncation": None, "padding": None, "added_tokens": added,
            "normalizer": {"type": "NFC"}, "pre_tokenizer": {"type": "Sequence", "pretokenizers": [split, level]},
            "post_processor": level, "decoder": level,
            "model": {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": "",
                      "end_of_word_suffix": "", "fuse_unk": False, "byte_fallback": False,
                      "vocab": vocabulary, "merges": merges}},
        "tokenizer_config.json": {
            "add_bos_token": False, "add_prefix_space": False, "additional_special_tokens": SPECIAL[1:],
            "added_tokens_decoder": {str(token["id"]): {key: token[key] for key in token if key != "id"} for token in added},
            "bos_token": None, "chat_template": TEMPLATE, "clean_up_tokenization_spaces": False,
            "eos_token": "<|im_end|>", "errors": "replace", "model_max_length": 131072,
            "pad_token": "<|endoftext|>", "split_special_tokens": False, "tokenizer_class": "Qwen2Tokenizer",
            "unk_token": None},
        "chat_template.json": {"chat_template": TEMPLATE},
    }


def copy_tokenizer(source, out):
    """Copies the vocabulary from a folder, or fetches it, and writes the other forms of it."""
    with tempfile.TemporaryDirectory() as fetched:
        if source is None:
            tool = pathlib.Path(__file__).resolve().parent / "tokenizer/rebuild_real_vocabulary.py"
            subprocess.run([sys.executable, tool, fetched], check=True)
        for name in ("vocab.json", "merges.txt"):
            shutil.copy(os.path.join(source or fetched, name), out)
    vocabulary = json.load(open(os.path.join(out, "vocab.json"), encoding="utf-8"))
    merges = open(os.path.join(out, "merges.txt"), encoding="utf-8").read().split("\n")[1:]
    return tokenizer_files(vocabulary, [line for line in merges if line])


def default_folder(size):
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return os.path.join(cache, "studio-bench", f"qwen25vl-{size}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("size", choices=SIZES)
    parser.add_argument("out", nargs="?", help="folder to make")
    parser.add_argument("--tokenizer", help="folder with vocab.json and merges.txt")
    options = parser.parse_args()
    size = SIZES[options.size]
    out = options.out or default_folder(options.size)
    if os.path.exists(os.path.join(out, "model.safetensors.index.json")):
        return print(f"{out} is there already")
    part = out.rstrip("/") + ".part"
    shutil.rmtree(part, ignore_errors=True)
    os.makedirs(part)
    files = copy_tokenizer(options.tokenizer, part)
    files["config.json"] = config(size)
    files["generation_config.json"] = {"do_sample": True, "temperature": 1e-06, "repetition_penalty": 1.05,
                                       "eos_token_id": [151645, 151643], "pad_token_id": 151643}
    files["preprocessor_config.json"] = {
        "min_pixels": 3136, "max_pixels": 12845056, "patch_size": 14, "temporal_patch_size": 2, "merge_size": 2,
        "image_mean": [0.48145466, 0.4578275, 0.40821073], "image_std": [0.26862954, 0.26130258, 0.27577711],
        "image_processor_type": "Qwen2VLImageProcessor", "processor_class": "Qwen2_5_VLProcessor"}
    entries = list(tensors(size))
    total = sum(2 * count(shape) for _, shape, _ in entries)
    index, shards, filled = {}, [[]], 0
    for entry in entries:
        if filled > total / size["shards"]:
            shards.append([])
            filled = 0
        shards[-1].append(entry)
        filled += 2 * count(entry[1])
    blocks = {"random": random_block(0, 0.02), "norm": random_block(1, 0.1, 40_961)}
    for number, shard in enumerate(shards, 1):
        name = f"model-{number:05}-of-{len(shards):05}.safetensors"
        write_shard(os.path.join(part, name), shard, blocks, number * 2_000_006)
        index.update({tensor: name for tensor, _, _ in shard})
    files["model.safetensors.index.json"] = {"metadata": {"total_size": total}, "weight_map": index}
    for name, value in files.items():
        with open(os.path.join(part, name), "w", encoding="utf-8") as file:
            json.dump(value, file, ensure_ascii=False, indent=1)
    os.rename(part, out)
    print(f"{out}: {len(index)} tensors, {total} bytes in {len(shards)} files")


if __name__ == "__main__":
    main()
