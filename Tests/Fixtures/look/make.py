#!/usr/bin/env python3
"""Makes look.safetensors: a tiny metric of looks with random weights, and what torch computes with it.

Independent of the Swift code; needs torch and safetensors. `S.expected` is for the picture `rows` of 3 x 2 cells.
"""
import torch, torch.nn.functional as F
from safetensors.torch import save_file

torch.manual_seed(3)
D, W, K, N, H, V = 6, 4, 2, 5, 3, 2
r = lambda *s: torch.randn(*s)
t = {}
for side, columns in (('query', 2 * D), ('reference', D)):
    t[f'{side}.norm.weight'], t[f'{side}.norm.bias'] = 1 + .1 * r(columns), .1 * r(columns)
    t[f'{side}.hidden.weight'], t[f'{side}.hidden.bias'] = r(N, columns), r(N)
    t[f'{side}.out.weight'], t[f'{side}.skip.weight'] = r(W, N), r(W, columns)
t['attention.weight'], t['attention.bias'], t['parts.weight'] = r(K, D), r(K), r(K, W, W)


def encode(x, side):
    n = F.layer_norm(x, x.shape[-1:], t[f'{side}.norm.weight'], t[f'{side}.norm.bias'])
    hidden = F.gelu(F.linear(n, t[f'{side}.hidden.weight'], t[f'{side}.hidden.bias']))
    return n, F.linear(n, t[f'{side}.skip.weight']) + F.linear(hidden, t[f'{side}.out.weight'])


rows = r(H * V, D)
grid = rows.view(1, H, V, D).permute(0, 3, 1, 2)
around = F.avg_pool2d(grid, 3, 1, 1, count_include_pad=False).permute(0, 2, 3, 1).reshape(H * V, D)
query = F.normalize(encode(torch.cat([rows, around], -1), 'query')[1], dim=-1)
n, v = encode(rows, 'reference')
share = F.linear(n, t['attention.weight'], t['attention.bias']).softmax(0)
reference = F.normalize(torch.einsum('kd,kde->ke', share.T @ v, t['parts.weight']), dim=-1)
save_file({k: x.contiguous() for k, x in t.items()}, 'metric.safetensors', metadata={'format': 'pt', 'model': 'tiny'})
save_file({'rows': rows, 'query': query, 'reference': reference}, 'expected.safetensors', metadata={'format': 'pt'})
