#!/usr/bin/env python3
"""Makes the tiny Qwen3-VL golden: a random checkpoint, an adapter, and what the reference computes.

    make_qwen3vl.py GOLDEN OUT

GOLDEN is the Qwen2.5-VL golden folder, whose pictures and tokenizer are used again. Needs torch,
torchvision, transformers 5.23, peft 0.21 and safetensors. Seed 51. Weights are stored in bfloat16 to
keep the folder small; the reference computes in float32 with the same rounded values.
"""
import copy, json, os, shutil, sys
import torch
from PIL import Image
from safetensors.torch import save_file
from peft import LoraConfig, get_peft_model
from transformers import (AutoTokenizer, Qwen2VLImageProcessor, Qwen3VLConfig,
                          Qwen3VLForConditionalGeneration)

golden, out = sys.argv[1:3]
torch.manual_seed(51)
IMAGE, VIDEO, START, END = 489, 490, 486, 487
# What the published template writes for system, user and assistant turns without tools.
TEMPLATE = """{%- if messages[0].role == 'system' %}
    {{- '<|im_start|>system\\n' }}
    {%- if messages[0].content is string %}{{- messages[0].content }}
    {%- else %}{%- for content in messages[0].content %}{%- if 'text' in content %}{{- content.text }}{%- endif %}{%- endfor %}
    {%- endif %}
    {{- '<|im_end|>\\n' }}
{%- endif %}
{%- for message in messages %}
    {%- if message.role == 'user' or message.role == 'assistant' %}
        {{- '<|im_start|>' + message.role + '\\n' }}
        {%- if message.content is string %}{{- message.content }}
        {%- else %}{%- for content in message.content %}
            {%- if content.type == 'image' %}{{- '<|vision_start|><|image_pad|><|vision_end|>' }}
            {%- elif 'text' in content %}{{- content.text }}{%- endif %}
        {%- endfor %}{%- endif %}
        {{- '<|im_end|>\\n' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}"""

config = Qwen3VLConfig(
    text_config=dict(
        hidden_size=48, intermediate_size=80, num_hidden_layers=3, num_attention_heads=4, num_key_value_heads=2,
        head_dim=16, vocab_size=544, rms_norm_eps=1e-6, max_position_embeddings=2048, tie_word_embeddings=True,
        rope_parameters=dict(rope_type="default", rope_theta=5e6, mrope_section=[4, 2, 2], mrope_interleaved=True)),
    vision_config=dict(depth=4, hidden_size=32, intermediate_size=56, num_heads=2, out_hidden_size=48, patch_size=16,
                       spatial_merge_size=2, temporal_patch_size=2, in_channels=3, num_position_embeddings=49,
                       deepstack_visual_indexes=[0, 2]),
    image_token_id=IMAGE, video_token_id=VIDEO, vision_start_token_id=START, vision_end_token_id=END,
    tie_word_embeddings=True)
model = Qwen3VLForConditionalGeneration(config).eval()
with torch.no_grad():
    for name, p in model.named_parameters():
        if "pos_embed" in name:
            p.normal_(0, 0.5)
        elif p.dim() > 1:
            # Wide enough for answers that do not repeat one token.
            p.normal_(0, 0.3 if "embed_tokens" in name else 0.2 if "layers" in name else 0.1)
        elif "norm" in name:
            p.copy_(torch.randn_like(p) * 0.2 + (0 if name.endswith("bias") else 1))
        else:
            p.normal_(0, 0.1)
        p.copy_(p.bfloat16().float())
folder = os.path.join(out, "ckpt-qwen3vl")
copy.deepcopy(model).to(torch.bfloat16).save_pretrained(folder)   # a cast would round rope's frequencies too
for name in ("tokenizer.json", "tokenizer_config.json"):
    shutil.copy(os.path.join(golden, "ckpt-new", name), folder)
pictures = dict(size={"shortest_edge": 4096, "longest_edge": 262144}, patch_size=16, temporal_patch_size=2,
                merge_size=2, image_mean=[0.5, 0.5, 0.5], image_std=[0.5, 0.5, 0.5],
                image_processor_type="Qwen2VLImageProcessorFast")
json.dump(pictures, open(os.path.join(folder, "preprocessor_config.json"), "w"), indent=2)
json.dump({"eos_token_id": [479, 477]}, open(os.path.join(folder, "generation_config.json"), "w"))
json.dump({"chat_template": TEMPLATE}, open(os.path.join(folder, "chat_template.json"), "w"))

tokenizer = AutoTokenizer.from_pretrained(folder)
processor = Qwen2VLImageProcessor.from_pretrained(folder)
images = [Image.open(os.path.join(golden, f"images/img{i}.png")).convert("RGB") for i in range(2)]
T, M = {}, {}


def keep(name, tensor): T[name] = tensor.detach().clone().contiguous()


def prepare(messages, which):
    text = tokenizer.apply_chat_template(messages, chat_template=TEMPLATE, tokenize=False, add_generation_prompt=True)
    inputs = {}
    if which:
        inputs = dict(processor(images=[images[i] for i in which], return_tensors="pt"))
        for grid in inputs["image_grid_thw"].tolist():
            count = grid[0] * grid[1] * grid[2] // 4
            text = text.replace("<|image_pad|>", "<|picture|>" * count, 1)
        text = text.replace("<|picture|>", "<|image_pad|>")
    ids = torch.tensor([tokenizer(text, add_special_tokens=False)["input_ids"]])
    inputs.update(input_ids=ids, attention_mask=torch.ones_like(ids), mm_token_type_ids=(ids == IMAGE).long())
    return inputs


user = lambda *parts: {"role": "user", "content": [{"type": "image"} if p is None else {"type": "text", "text": p} for p in parts]}
said = lambda role, text: {"role": role, "content": [{"type": "text", "text": text}]}
chats = {
    "text": ([said("system", "Answer in one word."), user("Is it the same café? 图像")], []),
    "one": ([user(None, "Describe this image in detail.")], [0]),
    "two": ([user(None, "and then ", None, "Describe the images: it's the same café?")], [0, 1]),
    "turns": ([said("system", "Be brief."), user(None, "What is it?"), said("assistant", "A dog."),
               user("And now? ", None)], [1, 0]),
    "plain": ([user("Hello there")], []),
}
for name, (messages, which) in chats.items():
    inputs = prepare(messages, which)
    ids = inputs["input_ids"]
    keep(f"{name}.ids", ids[0])
    with torch.no_grad():
        output = model(**inputs)
        written = model.generate(**inputs, max_new_tokens=16, do_sample=False, eos_token_id=[479, 477])[0, ids.shape[1]:]
        alone = model.generate(**inputs, max_new_tokens=16, do_sample=False, eos_token_id=[479, 477],
                               repetition_penalty=1.05)[0, ids.shape[1]:]
        full = torch.cat([ids, written[None]], 1)
        again = dict(inputs, input_ids=full, attention_mask=torch.ones_like(full),
                     mm_token_type_ids=(full == IMAGE).long())
        scores = model(**again).logits[0, ids.shape[1] - 1:-1]
    top = scores.topk(2).values
    M[name] = float((top[:, 0] - top[:, 1]).min())
    positions, delta = model.model.get_rope_index(ids, inputs["mm_token_type_ids"], inputs.get("image_grid_thw"))
    keep(f"{name}.positions", positions[:, 0])
    keep(f"{name}.delta", delta[0])
    keep(f"{name}.logits", output.logits[0, -24:])
    keep(f"{name}.greedy", written)
    keep(f"{name}.greedy_rp105", alone)
    keep(f"{name}.greedy_logits", scores)

# ---- all answers of one batch, padded on the left, are those of the chats alone
pad = tokenizer.convert_tokens_to_ids("<|endoftext|>")
rows = [prepare(*chats[n]) for n in ("text", "one", "two")]
longest = max(r["input_ids"].shape[1] for r in rows)
left = lambda r, key, value: torch.cat([torch.full((1, longest - r[key].shape[1]), value), r[key]], 1)
batch = dict(input_ids=torch.cat([left(r, "input_ids", pad) for r in rows]),
             attention_mask=torch.cat([left(r, "attention_mask", 0) for r in rows]),
             mm_token_type_ids=torch.cat([left(r, "mm_token_type_ids", 0) for r in rows]),
             pixel_values=torch.cat([r["pixel_values"] for r in rows[1:]]),
             image_grid_thw=torch.cat([r["image_grid_thw"] for r in rows[1:]]))
with torch.no_grad():
    together = model.generate(**batch, max_new_tokens=16, do_sample=False, eos_token_id=[479, 477], pad_token_id=pad)[:, longest:]
for name, ids in zip(("text", "one", "two"), together.tolist()):
    alone = T[f"{name}.greedy"].tolist()
    assert ids[:len(alone)] == alone, (name, ids, alone)

# ---- the vision tower on both pictures, step by step
inputs = prepare(*chats["two"])
keep("pixels.grid", inputs["image_grid_thw"])
keep("pixels.every97", inputs["pixel_values"].flatten()[::97])
tower = model.model.visual
seen = {}
hooks = [tower.patch_embed.register_forward_hook(lambda m, i, o: seen.update(patch=o))]
hooks += [tower.blocks[0].register_forward_pre_hook(lambda m, a: seen.update(placed=a[0]))]
hooks += [b.register_forward_hook(lambda m, i, o, k=k: seen.update({f"block{k}": o})) for k, b in enumerate(tower.blocks)]
with torch.no_grad():
    rows = tower(inputs["pixel_values"], grid_thw=inputs["image_grid_thw"])
for h in hooks: h.remove()
keep("vis.positions", seen["placed"] - seen["patch"])
for k in range(4): keep(f"vis.block{k}", seen[f"block{k}"][::5])
keep("vis.rows", rows.pooler_output)
for k, level in enumerate(rows.deepstack_features): keep(f"vis.deepstack{k}", level)

# ---- the decoder's layers on one picture
inputs = prepare(*chats["one"])
lm = model.model.language_model
layers, norms = {}, {}
hooks = [l.register_forward_hook(lambda m, i, o, k=k: layers.update({k: o})) for k, l in enumerate(lm.layers)]
hooks += [lm.layers[0].self_attn.q_norm.register_forward_hook(lambda m, i, o: norms.update(q=o)),
          lm.layers[0].self_attn.k_norm.register_forward_hook(lambda m, i, o: norms.update(k=o)),
          lm.norm.register_forward_pre_hook(lambda m, a: layers.update({"last": a[0]})),
          lm.rotary_emb.register_forward_hook(lambda m, i, o: layers.update(cos=o[0], sin=o[1]))]
with torch.no_grad(): model(**inputs)
for h in hooks: h.remove()
for k in range(3): keep(f"lm.layer{k}", layers[k][0])          # before the deepstack rows are added
keep("lm.last", layers["last"][0])
keep("lm.qnorm", norms["q"][0].flatten(1)[::4])
keep("lm.knorm", norms["k"][0].flatten(1)[::4])
keep("lm.cos", layers["cos"][0, :, :8])
keep("lm.sin", layers["sin"][0, :, :8])

# ---- an adapter of every linear, the loss of an answer to the two pictures, its gradients
lora = LoraConfig(r=2, lora_alpha=4, lora_dropout=0.0, bias="none", task_type="CAUSAL_LM",
                  target_modules=r"model\.language_model\..*\.(q_proj|k_proj|v_proj|o_proj|gate_proj|up_proj|down_proj)")
trained = get_peft_model(model, lora)
generator = torch.Generator().manual_seed(52)
with torch.no_grad():
    for name, p in sorted(trained.named_parameters()):
        if "lora_" in name: p.copy_(0.1 * torch.randn(p.shape, generator=generator))
trained.save_pretrained(os.path.join(out, "adapter"))
inputs = prepare(*chats["two"])
answer = T["two.greedy"][:12]
full = torch.cat([inputs["input_ids"], answer[None]], 1)
labels = full.clone(); labels[:, :inputs["input_ids"].shape[1]] = -100
output = trained(**dict(inputs, input_ids=full, attention_mask=torch.ones_like(full),
                        mm_token_type_ids=(full == IMAGE).long()), labels=labels)
output.loss.backward()
keep("sft.answer", answer)
keep("sft.loss", output.loss.reshape(1))
keep("lora.logits", output.logits[0, -24:])
for name, p in trained.named_parameters():
    if p.requires_grad: keep("sft.grad." + name.replace("base_model.model.", "").replace(".default", ""), p.grad)

save_file(T, os.path.join(out, "golden_qwen3vl.safetensors"))
os.remove(os.path.join(out, "adapter", "README.md"))
print("least margins", M)
