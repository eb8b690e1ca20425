"""Measures Transformers in bfloat16 inside its own environment; started by peer_transformers.py.

Reads one JSON object as its argument and prints one. Every work runs once untimed and short before
it is timed. Decoding is a plain loop over the model, which costs less than `generate`.
"""
import json
import sys
import time

import torch
from transformers import AutoProcessor, Qwen2_5_VLForConditionalGeneration

import task

job = json.loads(sys.argv[1])
torch.set_num_threads(job["threads"])
model = Qwen2_5_VLForConditionalGeneration.from_pretrained(job["folder"], dtype=torch.bfloat16).eval()
samples = {}


def seconds(work):
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def ids(count):
    return torch.tensor([task.filler(count)])


def decode(steps, rows=1):
    """Tokens per second after a prompt of 512 tokens, `rows` continuations side by side."""
    cache = model(input_ids=ids(task.PROMPT_TOKENS), use_cache=True, logits_to_keep=1).past_key_values
    if rows > 1:
        cache.batch_repeat_interleave(rows)
    token = torch.full((rows, 1), 7)
    start = time.perf_counter()
    for _ in range(steps):
        out = model(input_ids=token, past_key_values=cache, use_cache=True)
        token = out.logits[:, -1].argmax(-1, keepdim=True)
    return rows * steps / (time.perf_counter() - start)


def vision():
    cells = task.SIDE // 14
    return model.model.visual(torch.randn(cells * cells, 1176).to(torch.bfloat16),
                              grid_thw=torch.tensor([[1, cells, cells]]))


def first_token(processor, query):
    """Seconds from pictures on disk to the first token; nothing is kept between two calls."""
    from PIL import Image

    start = time.perf_counter()
    content = []
    for path, text in zip(job["references"], task.reference_texts()):
        content += [{"type": "image"}, {"type": "text", "text": text}]
    content += [{"type": "image"}, {"type": "text", "text": task.QUESTION}]
    prompt = processor.apply_chat_template([{"role": "user", "content": content}], add_generation_prompt=True)
    pictures = [Image.open(path) for path in [*job["references"], query]]
    model(**processor(text=[prompt], images=pictures, return_tensors="pt"), logits_to_keep=1)
    return time.perf_counter() - start


with torch.no_grad():
    works = job["works"]
    if "vision" in works:
        vision()
        samples["vision"] = seconds(vision)
    if "prefill" in works:
        prompt = ids(task.PROMPT_TOKENS)
        run = lambda: model(input_ids=prompt, logits_to_keep=1)
        run()
        samples["prefill"] = task.PROMPT_TOKENS / seconds(run)
    if "decode" in works:
        decode(2)
        samples["decode"] = decode(task.GENERATED_TOKENS)
    if "batch" in works:
        samples["batch"] = decode(task.GENERATED_TOKENS, task.BATCH)
    if "cold" in works:
        processor = AutoProcessor.from_pretrained(job["folder"])
        samples["cold"] = first_token(processor, job["queries"][0])
print(json.dumps({"samples": samples, "notes": []}))
