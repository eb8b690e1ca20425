#!/usr/bin/env python3
"""Makes the tiny Qwen2-VL golden: a random checkpoint and the reference's tensors for one prompt.

    make_qwen2vl.py GOLDEN OUT

GOLDEN is the Qwen2.5-VL golden folder, whose pictures, ids and tokenizer are used again (same patch
order, same template). Needs torch, transformers 5.23 and safetensors. Seed 25. $DEPTH: vision blocks (2).
"""
import json, os, shutil, sys
import torch
from safetensors.torch import load_file, save_file
from transformers import Qwen2VLConfig, Qwen2VLForConditionalGeneration

golden, out = sys.argv[1:3]
torch.manual_seed(25)
config = Qwen2VLConfig(
    text_config=dict(
        hidden_size=64, intermediate_size=112, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
        vocab_size=544, rms_norm_eps=1e-6, max_position_embeddings=2048, tie_word_embeddings=False,
        rope_parameters=dict(rope_type="default", rope_theta=1e6, mrope_section=[2, 3, 3])),
    vision_config=dict(depth=int(os.environ.get("DEPTH", 2)), embed_dim=32, hidden_size=64, num_heads=2, mlp_ratio=3, patch_size=14,
                       spatial_merge_size=2, temporal_patch_size=2, in_channels=3),
    image_token_id=489, video_token_id=490, vision_start_token_id=486, vision_end_token_id=487, tie_word_embeddings=False)
model = Qwen2VLForConditionalGeneration(config).eval()
with torch.no_grad():
    for name, p in model.named_parameters():
        if p.dim() > 1:
            p.normal_(0, 0.15)
        elif "norm" in name or "ln_q" in name:
            p.copy_(torch.randn_like(p) * 0.2 + (0 if name.endswith("bias") else 1))
        else:
            p.normal_(0, 0.1)
folder = os.path.join(out, "ckpt-qwen2vl")
model.save_pretrained(folder)
for name in ("tokenizer.json", "tokenizer_config.json", "preprocessor_config.json"):
    shutil.copy(os.path.join(golden, "ckpt-new", name), folder)
json.dump({"eos_token_id": [479, 477]}, open(os.path.join(folder, "generation_config.json"), "w"))
g = load_file(os.path.join(golden, "golden.safetensors"))
inputs = dict(input_ids=g["input_ids"], attention_mask=g["attention_mask"], pixel_values=g["pixel_values"],
              image_grid_thw=g["image_grid_thw"], mm_token_type_ids=g["mm_token_type_ids"])
with torch.no_grad():
    rows = model.model.visual(g["pixel_values"], grid_thw=g["image_grid_thw"])
    rows = rows if torch.is_tensor(rows) else rows.pooler_output
    logits = model(**inputs).logits
    ids = model.generate(**inputs, max_new_tokens=12, do_sample=False)[:, g["input_ids"].shape[1]:]
top = logits[0, -1].topk(2).values
print("rows", tuple(rows.shape), "first margin", float(top[0] - top[1]), ids.tolist())
save_file({"vis.embeds": rows.contiguous(), "lm.logits": logits.contiguous(), "gen.greedy_ids": ids.contiguous()},
          os.path.join(out, "golden_qwen2vl.safetensors"))
