#!/usr/bin/env python3
"""Makes the GGUF fixtures with llama.cpp: blocks of every format, and a tiny model in each of them.

    make_gguf.py LLAMA_SOURCE LLAMA_BIN GOLDEN OUT

LLAMA_SOURCE is llama.cpp's source (gguf-py, convert_hf_to_gguf.py), LLAMA_BIN the folder with llama-quantize and
llama-server, GOLDEN the golden folder whose tokenizer and pictures are used. Needs torch, transformers 5, safetensors.

OUT/blocks.gguf            a tensor of random blocks of each format, and NAME.expected: what gguf-py makes of it, F32
OUT/tiny-FORMAT.gguf       a random language model as llama.cpp's converter and quantiser write it
OUT/mmproj-tiny.gguf       its vision tower, F16
OUT/picture.png            112×168 pixels: neither program has to resize it (llama.cpp wants at least 8 tokens)
OUT/qwen2vl/*.gguf         a tiny Qwen2-VL in F32; its answer to the golden conversation is Transformers'
OUT/tokens.json            the prompts, and what llama-server answers greedily, token by token with its margins;
                           "exact": the same for both files expanded to F32 by this script, since llama.cpp rounds
                           activations to the type of the weights (8 bits for blocks)
"""
import json, os, shutil, subprocess, sys, tempfile

source, binaries, golden, out = map(os.path.abspath, sys.argv[1:5])
sys.path[:0] = [os.path.dirname(os.path.abspath(__file__))]
from llama_reference import Llama
llama = Llama(source, binaries)
import numpy as np
import torch
import gguf
from gguf.quants import dequantize
from PIL import Image

Q = gguf.GGMLQuantizationType
os.makedirs(out, exist_ok=True)


def blocks(path):
    writer = gguf.GGUFWriter(path, "blocks")
    rng = np.random.default_rng(26)
    for kind, halves in [(Q.Q4_0, [0]), (Q.Q4_1, [0, 2]), (Q.Q5_0, [0]), (Q.Q5_1, [0, 2]), (Q.Q8_0, [0]),
                         (Q.Q4_K, [0, 2]), (Q.Q5_K, [0, 2]), (Q.Q6_K, [208])]:
        length, size = gguf.GGML_QUANT_SIZES[kind]
        data = rng.integers(0, 256, (3, 512 // length, size), dtype=np.uint8)
        for place in halves:  # scales and minimums of both signs and many sizes, subnormal ones among them
            scales = (rng.standard_normal((3, 512 // length)) * 10.0 ** rng.integers(-6, 2, (3, 512 // length)))
            data[:, :, place:place + 2] = scales.astype(np.float16)[..., None].view(np.uint8)
        data = data.reshape(3, -1)
        writer.add_tensor(kind.name, data, raw_dtype=kind)
        writer.add_tensor(kind.name + ".expected", dequantize(data, kind).astype(np.float32))
    for kind, values in [(Q.F16, rng.standard_normal((3, 512)).astype(np.float16)),
                         (Q.BF16, (rng.standard_normal((3, 512)).astype(np.float32).view(np.uint32) >> 16).astype(np.uint16))]:
        data = values.view(np.uint8)
        writer.add_tensor(kind.name, data, raw_dtype=kind)
        writer.add_tensor(kind.name + ".expected", dequantize(data, kind).astype(np.float32))
    writer.write_header_to_file(); writer.write_kv_data_to_file(); writer.write_tensors_to_file(); writer.close()


def checkpoint(folder):
    from transformers import Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration
    torch.manual_seed(27)
    config = Qwen2_5_VLConfig(
        text_config=dict(
            hidden_size=256, intermediate_size=256, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=1,
            vocab_size=544, rms_norm_eps=1e-6, max_position_embeddings=2048, tie_word_embeddings=True,
            rope_parameters=dict(rope_type="default", rope_theta=1e6, mrope_section=[8, 12, 12])),
        vision_config=dict(depth=4, hidden_size=64, intermediate_size=96, num_heads=4, out_hidden_size=256,
                           patch_size=14, spatial_merge_size=2, temporal_patch_size=2, in_channels=3, window_size=112,
                           fullatt_block_indexes=[1, 3]),
        image_token_id=489, video_token_id=490, vision_start_token_id=486, vision_end_token_id=487, tie_word_embeddings=True)
    model = Qwen2_5_VLForConditionalGeneration(config).eval()
    with torch.no_grad():
        for name, p in model.named_parameters():
            if p.dim() > 1:
                p.normal_(0, 0.08)
            elif "norm" in name or "ln_q" in name:
                p.copy_(torch.randn_like(p) * 0.2 + 1)
            else:
                p.normal_(0, 0.3)
            p.copy_(p.bfloat16().float())
    model.save_pretrained(folder)
    for name in ("tokenizer.json", "tokenizer_config.json", "preprocessor_config.json", "vocab.json", "merges.txt"):
        shutil.copy(os.path.join(golden, "ckpt-new", name), folder)


blocks(os.path.join(out, "blocks.gguf"))
side = (112, 168)
pixels = np.add.outer(np.arange(side[1]) * 2, np.arange(side[0]) * 3)[..., None] * np.array([1, 2, 3]) % 256
Image.fromarray(pixels.astype(np.uint8)).save(os.path.join(out, "picture.png"))
turn = "<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n<|im_start|>user\n{}<|im_end|>\n<|im_start|>assistant\n"
prompts = [dict(picture=None, text=turn.format("Please describe the street."), say="Please describe the street."),
           dict(picture=os.path.join(out, "picture.png"), text=turn.format("<__media__>Describe the image."), say="Describe the image.")]
with tempfile.TemporaryDirectory() as work:
    checkpoint(work + "/hf")
    mmproj = os.path.join(out, "mmproj-tiny.gguf")
    llama.convert(work + "/hf", work + "/tiny.gguf", "--outtype", "bf16")
    llama.convert(work + "/hf", mmproj, "--mmproj", "--outtype", "f16")
    llama.expanded(mmproj, work + "/mmproj-exact.gguf")
    files = {}
    for kind in ["BF16", "Q8_0", "Q6_K", "Q5_K_S", "Q4_K_M", "Q4_0"]:
        path = os.path.join(out, f"tiny-{kind}.gguf")
        llama.quantise(work + "/tiny.gguf", path, kind)
        llama.expanded(path, work + "/exact.gguf")
        files[kind] = dict(llama=llama.answers(path, mmproj, prompts, 24, ignore_end=True),
                           exact=llama.answers(work + "/exact.gguf", work + "/mmproj-exact.gguf", prompts, 24, ignore_end=True))
        for name in ("llama", "exact"):
            for one in files[kind][name]:
                print(kind, name, one["tokens"], "least margin", min(m for m in one["margins"] if m is not None))
    # llama.cpp's converter cannot name the merger's tensors with fewer than three blocks.
    maker = os.path.join(golden, "..", "qwen2vl", "make_qwen2vl.py")
    subprocess.run([sys.executable, maker, golden, work], check=True, env=dict(os.environ, DEPTH="4"))
    os.makedirs(os.path.join(out, "qwen2vl"), exist_ok=True)
    for name, options in (("model.gguf", []), ("mmproj.gguf", ["--mmproj"])):
        llama.convert(work + "/ckpt-qwen2vl", os.path.join(out, "qwen2vl", name), *options, "--outtype", "f32")
    from safetensors.torch import load_file
    qwen2vl = load_file(work + "/golden_qwen2vl.safetensors")["gen.greedy_ids"][0].tolist()
prompts = [dict(prompt, picture=prompt["picture"] is not None) for prompt in prompts]
json.dump(dict(prompts=prompts, files=files, qwen2vl=qwen2vl), open(os.path.join(out, "tokens.json"), "w"), indent=1)
