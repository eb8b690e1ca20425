"""Measures one pass forward and backward of Transformers + PEFT: LoRA on the seven projections.

Run it inside an environment with torch, transformers and peft; it prints one JSON object:

    python worker_peft.py --model FOLDER [--rank 64] [--tokens 384] [--scored N] [--repeats 3]

Weights and activations are bfloat16, the pairs float32 as PEFT makes them. B is random, as in
`studio model bench --train`, so that every gradient is there. The prompt is text: the vision tower is
frozen and its rows would be a constant.
"""
import argparse
import json
import resource
import statistics
import time

import torch
from peft import LoraConfig, get_peft_model
from transformers import Qwen2_5_VLForConditionalGeneration

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--model", required=True)
parser.add_argument("--rank", type=int, default=64)
parser.add_argument("--tokens", type=int, default=384)
parser.add_argument("--scored", type=int, help="last tokens that are scored; default: all")
parser.add_argument("--repeats", type=int, default=3)
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--checkpointing", action="store_true", help="compute activations a second time")
wish = parser.parse_args()

torch.set_num_threads(wish.threads)
base = Qwen2_5_VLForConditionalGeneration.from_pretrained(wish.model, dtype=torch.bfloat16)
names = "q_proj k_proj v_proj o_proj gate_proj up_proj down_proj".split()
model = get_peft_model(base, LoraConfig(
    r=wish.rank, lora_alpha=2 * wish.rank, lora_dropout=0.0, task_type="CAUSAL_LM",
    target_modules=r".*language_model.*\.(" + "|".join(names) + ")"))
for name, value in model.named_parameters():
    if "lora_B" in name:
        torch.nn.init.uniform_(value, -1e-3, 1e-3)
if wish.checkpointing:
    model.gradient_checkpointing_enable()
    model.enable_input_require_grads()
model.train()
trained = [value for value in model.parameters() if value.requires_grad]

scored = wish.scored or wish.tokens
ids = torch.tensor([[(37 * i) % 1000 for i in range(wish.tokens)]])
labels = ids.clone()
labels[0, : wish.tokens - scored] = -100

seconds = []
for turn in range(wish.repeats + 1):
    start = time.perf_counter()
    model(input_ids=ids, labels=labels, use_cache=False).loss.backward()
    if turn:
        seconds.append(time.perf_counter() - start)
middle = statistics.median(seconds)
print(json.dumps({
    "rank": wish.rank, "parameters": sum(value.numel() for value in trained), "scoredTokens": scored,
    "forwardBackward": {"seconds": middle, "tokens": wish.tokens, "tokensPerSecond": wish.tokens / middle},
    "all": seconds, "peakMemoryBytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
}))
