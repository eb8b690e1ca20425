#!/usr/bin/env python3
"""Writes what was fitted beside the embedded model: export.py --folder DIR"""
import argparse
import json
from pathlib import Path

import torch
from safetensors.torch import save_file

from look import Look
from rows import SAMPLES


def fingerprint(folder):
    """As `Sources/VLMRuntime/Checkpoint/CheckpointFingerprint.swift` computes it."""
    mask, first, second = (1 << 64) - 1, 0xcbf29ce484222325, 0x9e3779b97f4a7c15
    pieces = [b"studio-fingerprint-1", (folder / "config.json").read_bytes()]
    for file in sorted(folder.glob("*.safetensors")):
        data = file.read_bytes()
        step = max(4096, len(data) // 64)
        pieces += [len(data).to_bytes(8, "little")] + [data[s:s + 4096] for s in range(0, len(data), step)]
    for byte in b"".join(pieces):
        first = (first ^ byte) * 0x100000001b3 & mask
        second = (second ^ byte) * 0x100000001b3 & mask
        second = second + (second >> 29) & mask
    return f"{first:016x}{second:016x}"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    a = parser.parse_args()
    target, model = SAMPLES / "mini/retrieval", fingerprint(SAMPLES / "mini")
    (target / "verifier").mkdir(parents=True, exist_ok=True)
    look = Look()
    look.load_state_dict(torch.load(a.folder / "look.pt"))
    metadata = {"format": "pt", "model": model, "calibration": (a.folder / "calibration.json").read_text()}
    save_file(look.tensors(), target / "look.safetensors", metadata=metadata)
    tensors = {}
    for name, pair in torch.load(a.folder / "verifier.pt").items():
        for side, values in zip("AB", pair):
            key = f"base_model.model.model.language_model.layers.{name}.lora_{side}.weight"
            tensors[key] = values.detach().to(torch.bfloat16).contiguous()
    save_file(tensors, target / "verifier/adapter_model.safetensors", metadata={"format": "pt"})
    linears = "q_proj|k_proj|v_proj|o_proj|gate_proj|up_proj|down_proj"
    configuration = dict(
        alpha_pattern={}, base_model_name_or_path="mini", bias="none", fan_in_fan_out=False, inference_mode=True,
        init_lora_weights=True, lora_alpha=32, lora_dropout=0.0, modules_to_save=None, peft_type="LORA", r=16,
        rank_pattern={}, target_modules=rf"model\.language_model\.layers\..*\.({linears})", task_type="CAUSAL_LM",
        use_dora=False, use_rslora=False)
    (target / "verifier/adapter_config.json").write_text(json.dumps(configuration, indent=2) + "\n")
    note = dict(model="mini", modelFolder="", modelFingerprint=model, run="Benchmarks/retrieval/verifier.py", concepts=[])
    (target / "verifier/studio-adapter.json").write_text(json.dumps(note, indent=1) + "\n")


if __name__ == "__main__":
    main()
