#!/usr/bin/env python3
"""Makes the GGUF fixtures with llama.cpp: blocks of every format, and a tiny model in each of them.

    make_gguf.py LLAMA_SOURCE LLAMA_BIN GOLDEN OUT

LLAMA_SOURCE is llama.cpp's source (gguf-py, convert_hf_to_gguf.py), LLAMA_BIN the folder with llama-quantize and
llama-server, GOLDEN the golden folder whose tokenizer and pictures are used. Needs torch, transformers 5, safetensors.

OUT/blocks.gguf            a tensor of random blocks of each format, and NAME.expected: what gguf-py makes of it, F32
OUT/tiny-FORMAT.gguf       a random language model as llama.cpp's converter and quantiser write it
OUT/mmproj-tiny.gguf       its vision tower, F16
OUT/picture.png            112×168 pixels: neither program has to resize it (llama.cpp wants at least 8 tokens)
OUT/tokens.json            the prompts, and what llama-server answers greedily, token by token with its margins;
                           "exact": the same for both files expanded to F32 by this script, since llama.cpp rounds
                           activations to the type of the weights (8 bits for blocks)
"""
import base64, json, os, shutil, subprocess, sys, tempfile, time, urllib.request

source, binaries, golden, out = map(os.path.abspath, sys.argv[1:5])
sys.path[:0] = [source, os.path.join(source, "gguf-py")]
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


def convert(folder, target, *options):
    """The converter refuses tokenizers it does not know; this one is split as Qwen2's."""
    code = (
        f"import sys, runpy; sys.path[:0] = [{source!r}, {source + '/gguf-py'!r}]\n"
        "import conversion.base as base\n"
        "for cls in vars(base).values():\n"
        "    if isinstance(cls, type) and 'get_vocab_base_pre' in cls.__dict__:\n"
        "        cls.get_vocab_base_pre = lambda self, tokenizer: 'qwen2'\n"
        f"sys.argv = ['convert', {folder!r}, '--outfile', {target!r}, *{list(options)!r}]\n"
        f"runpy.run_path({source + '/convert_hf_to_gguf.py'!r}, run_name='__main__')\n")
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)


def expanded(path, target, architecture="qwen2vl"):
    """The same model with every tensor in F32."""
    reader = gguf.GGUFReader(path)
    writer = gguf.GGUFWriter(target, architecture)
    for key, field in reader.fields.items():
        if key.startswith("GGUF.") or key == "general.architecture":
            continue
        kind, inner = field.types[0], field.types[-1] if field.types[0] == gguf.GGUFValueType.ARRAY else None
        writer.add_key_value(key, field.contents(), kind, sub_type=inner)
    for tensor in reader.tensors:
        writer.add_tensor(tensor.name, dequantize(tensor.data, tensor.tensor_type).astype(np.float32)
                          .reshape(tuple(int(n) for n in reversed(tensor.shape))))
    writer.write_header_to_file(); writer.write_kv_data_to_file(); writer.write_tensors_to_file(); writer.close()


def answers(path, mmproj, prompts, picture):
    port = 8391
    server = subprocess.Popen(
        [os.path.join(binaries, "llama-server"), "-m", path, "--mmproj", mmproj, "--host", "127.0.0.1", "--port", str(port),
         "-t", "2", "-c", "2048", "-np", "1", "-fa", "off", "-ctk", "f32", "-ctv", "f32", "--no-warmup"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env=dict(os.environ, LLAMA_MEDIA_MARKER="<__media__>"))
    try:
        for _ in range(600):
            try:
                if urllib.request.urlopen(f"http://127.0.0.1:{port}/health").status == 200: break
            except OSError:
                time.sleep(0.1)
        result = []
        for prompt in prompts:
            if prompt["picture"]:
                data = base64.b64encode(open(picture, "rb").read()).decode()
                text = dict(prompt_string=prompt["text"], multimodal_data=[data])
            else:
                text = prompt["text"]
            body = dict(prompt=text, n_predict=24, temperature=0, samplers=["top_k"], top_k=1, n_probs=2, return_tokens=True,
                        ignore_eos=True, cache_prompt=False)
            request = urllib.request.Request(f"http://127.0.0.1:{port}/completion", json.dumps(body).encode(),
                                             {"Content-Type": "application/json"})
            answer = json.load(urllib.request.urlopen(request))
            margins = []
            for step in answer["completion_probabilities"]:
                top = step["top_logprobs"]
                margins.append(round(top[0]["logprob"] - top[1]["logprob"], 4) if len(top) > 1 else None)
            result.append(dict(tokens=answer["tokens"], margins=margins))
        return result
    finally:
        server.terminate(); server.wait()


blocks(os.path.join(out, "blocks.gguf"))
side = (112, 168)
pixels = np.add.outer(np.arange(side[1]) * 2, np.arange(side[0]) * 3)[..., None] * np.array([1, 2, 3]) % 256
Image.fromarray(pixels.astype(np.uint8)).save(os.path.join(out, "picture.png"))
turn = "<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n<|im_start|>user\n{}<|im_end|>\n<|im_start|>assistant\n"
prompts = [dict(picture=False, text=turn.format("Please describe the street."), say="Please describe the street."),
           dict(picture=True, text=turn.format("<__media__>Describe the image."), say="Describe the image.")]
with tempfile.TemporaryDirectory() as work:
    checkpoint(work + "/hf")
    mmproj = os.path.join(out, "mmproj-tiny.gguf")
    convert(work + "/hf", work + "/tiny.gguf", "--outtype", "bf16")
    convert(work + "/hf", mmproj, "--mmproj", "--outtype", "f16")
    expanded(mmproj, work + "/mmproj-exact.gguf", "clip")
    files = {}
    for kind in ["BF16", "Q8_0", "Q6_K", "Q5_K_S", "Q4_K_M", "Q4_0"]:
        path = os.path.join(out, f"tiny-{kind}.gguf")
        subprocess.run([os.path.join(binaries, "llama-quantize"), work + "/tiny.gguf", path, kind, "1"], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        expanded(path, work + "/exact.gguf")
        files[kind] = dict(llama=answers(path, mmproj, prompts, os.path.join(out, "picture.png")),
                           exact=answers(work + "/exact.gguf", work + "/mmproj-exact.gguf", prompts, os.path.join(out, "picture.png")))
        for name in ("llama", "exact"):
            for one in files[kind][name]:
                print(kind, name, one["tokens"], "least margin", min(m for m in one["margins"] if m is not None))
json.dump(dict(prompts=prompts, files=files), open(os.path.join(out, "tokens.json"), "w"), indent=1)
