#!/usr/bin/env python3
"""Times Transformers on a checkpoint folder as `studio model bench` times ours: bfloat16, medians of 3.

    time_transformers.py FOLDER [--threads 2] [--generate 16]

Needs torch (CPU) and transformers. Run the two one after the other on an otherwise idle machine and
compare ratios; see EXPERIMENTS.md.
"""
import argparse, json, statistics, time
import torch
from transformers import Qwen2_5_VLForConditionalGeneration

parser = argparse.ArgumentParser()
parser.add_argument("folder")
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--generate", type=int, default=16)
options = parser.parse_args()
torch.set_num_threads(options.threads)
model = Qwen2_5_VLForConditionalGeneration.from_pretrained(options.folder, dtype=torch.bfloat16).eval()
pixels = torch.randn(1024, 1176).to(torch.bfloat16)
grid = torch.tensor([[1, 32, 32]])
ids = (torch.arange(512) * 37 % 1000)[None]


def timed(work, repeats=3):
    work()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


with torch.no_grad():
    vision = timed(lambda: model.model.visual(pixels, grid_thw=grid))
    prefill = timed(lambda: model(input_ids=ids, logits_to_keep=1))
    long = timed(lambda: model.generate(input_ids=ids, max_new_tokens=options.generate + 1, min_new_tokens=options.generate + 1,
                                        do_sample=False), 2)
print(json.dumps({"vision": vision, "prefill": 512 / prefill, "decode": options.generate / max(long - prefill, 1e-9)}))
