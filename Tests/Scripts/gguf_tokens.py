#!/usr/bin/env python3
"""Compares the greedy tokens of studio and llama.cpp on the same GGUF files, for text and with pictures.

    gguf_tokens.py LLAMA_SOURCE LLAMA_BIN STUDIO CHECKPOINT [PICTURE...]  [--work DIR] [--formats F32,Q8_0,...]

CHECKPOINT is a Qwen2.5-VL folder such as Samples/mini; it is converted by llama.cpp's converter and quantised by
llama-quantize. Pictures are cut to multiples of 28 pixels, so that neither program resizes them. llama.cpp answers
twice: to the file as it is, where it rounds activations to the type of the weights (8 bits for blocks), and to the same
values expanded to F32, where it does not. For the first token that differs the table shows llama.cpp's margin: the
difference of log probabilities between its first and second choice. Needs torch, transformers, pillow.
"""
import argparse, json, os, subprocess, sys, tempfile
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "Fixtures", "gguf"))

FORMATS = "F32,F16,BF16,Q8_0,Q6_K,Q5_K_M,Q5_K_S,Q5_1,Q5_0,Q4_K_M,Q4_K_S,Q4_1,Q4_0"
parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
for name in ("source", "binaries", "studio", "checkpoint"):
    parser.add_argument(name)
parser.add_argument("pictures", nargs="*")
parser.add_argument("--work"), parser.add_argument("--formats", default=FORMATS)
parser.add_argument("--tokens", type=int, default=64)
options = parser.parse_args()

from llama_reference import Llama  # noqa: E402
from PIL import Image              # noqa: E402

work = options.work or tempfile.mkdtemp()
os.makedirs(work, exist_ok=True)
llama = Llama(options.source, options.binaries)
base, mmproj = work + "/base-BF16.gguf", work + "/mmproj-f32.gguf"
for target, flags in ((base, ["--outtype", "bf16"]), (mmproj, ["--mmproj", "--outtype", "f32"])):
    if not os.path.exists(target):
        llama.convert(os.path.abspath(options.checkpoint), target, *flags)

turn = "<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n<|im_start|>user\n{}<|im_end|>\n<|im_start|>assistant\n"
prompts = [dict(say=say, text=turn.format(say), picture=None)
           for say in ("Describe this image in detail.", "What is <rex> doing in the park?")]
for index, path in enumerate(options.pictures):
    image = Image.open(path).convert("RGB")
    image = image.crop((0, 0, image.width // 28 * 28, image.height // 28 * 28))
    path = f"{work}/picture-{index}.png"
    image.save(path)
    say = "Describe this image in detail."
    prompts.append(dict(say=say, text=turn.format("<__media__>" + say), picture=path))


def ours(file, prompt):
    command = [options.studio, "generate", "--json", "--quiet", "--model", file, "--prompt", prompt["say"],
               "--max-tokens", str(options.tokens), "--home", work + "/home"]
    command += ["--image", prompt["picture"]] if prompt["picture"] else []
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)["tokenIDs"]


def compared(mine, theirs):
    """How many tokens agree from the start, of how many, and llama's margin where they part."""
    ids = theirs["tokens"][:len(mine)] if len(theirs["tokens"]) == len(mine) + 1 else theirs["tokens"]
    same = next((i for i, (a, b) in enumerate(zip(mine, ids)) if a != b), min(len(mine), len(ids)))
    if same == max(len(mine), len(ids)):
        return f"{same}/{same}"
    margin = theirs["margins"][same] if same < len(theirs["margins"]) else None
    return f"{same}/{max(len(mine), len(ids))} (margin {margin})"


total = {"exact": [0, 0], "llama": [0, 0]}
print(f"{'format':8} {'prompt':10} {'F32 of the same values':28} {'file as it is':28} least margin")
for kind in options.formats.split(","):
    file = f"{work}/{kind}.gguf"
    if not os.path.exists(file):
        llama.quantise(base, file, kind)
    llama.expanded(file, work + "/exact.gguf")
    answers = {"exact": llama.answers(work + "/exact.gguf", mmproj, prompts, options.tokens),
               "llama": llama.answers(file, mmproj, prompts, options.tokens)}
    for index, prompt in enumerate(prompts):
        mine = ours(file, prompt)
        cells = {name: compared(mine, answers[name][index]) for name in answers}
        for name, cell in cells.items():
            total[name][0] += "margin" not in cell
            total[name][1] += 1
        least = min(m for m in answers["exact"][index]["margins"] if m is not None)
        what = os.path.basename(prompt["picture"] or f"text {index + 1}")[:10]
        print(f"{kind:8} {what:10} {cells['exact']:28} {cells['llama']:28} {least}", flush=True)
for name, (same, count) in total.items():
    print(f"{name}: {same} of {count} answers are the same")
sys.exit(total["exact"][0] != total["exact"][1])
