#!/usr/bin/env python3
"""The held-out demonstration set through the stock Hugging Face model:  demo.py CHECKPOINT [--absent N] [--dir FOLDER with truth.json]"""
import argparse, json, re, numpy as np, torch
from PIL import Image
from transformers import AutoTokenizer, Qwen2_5_VLForConditionalGeneration
ap = argparse.ArgumentParser(); ap.add_argument('ckpt'); ap.add_argument('--limit', type=int, default=99); ap.add_argument('--refpixels', type=int, default=12544); ap.add_argument('--dir', default='..'); ap.add_argument('--absent', type=int, default=1); a = ap.parse_args()
torch.set_num_threads(1)
def fit(im, px):      # sides are multiples of 28, area <= px, aspect kept
    w, h = im.size; k = min(1, (px / (w * h)) ** .5); return im.resize((max(28, int(w * k + 1e-6) // 28 * 28), max(28, int(h * k + 1e-6) // 28 * 28)), Image.BICUBIC)
tok = AutoTokenizer.from_pretrained(a.ckpt); m = Qwen2_5_VLForConditionalGeneration.from_pretrained(a.ckpt, dtype=torch.bfloat16).eval()


def patches(im):      # what Qwen2VLImageProcessor does when no resizing is needed (the stock processor wants torchvision)
    x = (torch.from_numpy(np.array(im)).float() / 255 - torch.tensor([0.48145466, 0.4578275, 0.40821073])) / torch.tensor([0.26862954, 0.26130258, 0.27577711]); H, W, _ = x.shape
    return x.permute(2, 0, 1)[:, None].repeat(1, 2, 1, 1).view(3, 2, H // 28, 2, 14, W // 28, 2, 14).permute(2, 5, 3, 6, 0, 1, 4, 7).reshape(-1, 1176), (1, H // 14, W // 14)


T = json.load(open(a.dir + '/truth.json')); tp = fp = fn = 0
for q in T['queries'][:a.limit]:
    vis = [o['concept'] for o in q['objects']]; ids = sorted(vis + q['suggested_absent'][:min(a.absent, 4 - len(vis))])
    c, ims = [], []
    for k, i in enumerate(ids):
        o = T['concepts'][i]; c += [{'type': 'image'}, {'type': 'text', 'text': f"{k + 1}. Name: <{o['name']}>, Info: {o['info']}\n"}]; ims.append(fit(Image.open(f"{a.dir}/{o['file']}").convert('RGB'), a.refpixels))
    c += [{'type': 'image'}, {'type': 'text', 'text': 'This is the query image. Describe this image in detail.'}]; ims.append(fit(Image.open(f"{a.dir}/{q['file']}").convert('RGB'), 50176))
    parts = tok.apply_chat_template([{'role': 'user', 'content': c}], tokenize=False, add_generation_prompt=True).split('<|image_pad|>')
    tk = tok(parts[0] + ''.join('<|image_pad|>' * (i.size[0] * i.size[1] // 784) + t for i, t in zip(ims, parts[1:])), return_tensors='pt', add_special_tokens=False)['input_ids']; pv, g = zip(*map(patches, ims))
    x = dict(input_ids=tk, attention_mask=torch.ones_like(tk), pixel_values=torch.cat(pv).to(torch.bfloat16), image_grid_thw=torch.tensor(g), mm_token_type_ids=(tk == tok.convert_tokens_to_ids('<|image_pad|>')).int())
    with torch.no_grad(): y = m.generate(**x, max_new_tokens=160, do_sample=False)
    t = tok.decode(y[0, x['input_ids'].shape[1]:], skip_special_tokens=True)
    true, got = {T['concepts'][i]['name'] for i in vis}, set(re.findall(r'<([^<>]+)>', t)); tp += len(true & got); fp += len(got - true); fn += len(true - got)
    print(q['file'], 'refs', [T['concepts'][i]['name'] for i in ids], 'visible', sorted(true), 'OK' if true == got else 'WRONG', '\n    ', t)
P, R = tp / max(tp + fp, 1), tp / max(tp + fn, 1); print(f'P {P:.3f} R {R:.3f} F1 {2 * P * R / max(P + R, 1e-9):.3f}')
