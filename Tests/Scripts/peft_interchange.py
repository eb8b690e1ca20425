#!/usr/bin/env python3
"""Adapters between this program and PEFT, both ways, compared by logits.

    python Tests/Scripts/peft_interchange.py .build/release/studio [--fixture Tests/Fixtures/peft]

Needs torch, transformers and peft (measured with 2.15.0, 5.23.0 and 0.21.2); CPU only, two minutes.

1. `studio train` makes an adapter of the embedded model; PEFT loads the folder on top of
   Qwen2_5_VLForConditionalGeneration, and the logits of the first token are compared for chats with
   none, one and two pictures, as are sixteen greedy tokens.
2. PEFT trains an adapter for a few steps on random targets; this program imports it, and the same
   is compared. So for rank-stabilised scaling, the head among the targets, and old tensor names.

With --fixture a tiny adapter and its logits are written for the Swift tests.
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from PIL import Image
from safetensors.torch import load_file, save_file
from transformers import AutoProcessor, Qwen2_5_VLForConditionalGeneration

ROOT = Path(__file__).resolve().parents[2]
MINI = ROOT / "Samples/mini"
CONCEPTS = ["milo", "bruna", "pico"]
CHATS = [
    ("Who is it? Answer with a name only.", []),
    ("Describe this image in detail.", ["queries/query_00.png"]),
    ("Is <Milo> in the second picture?", ["concepts/milo.png", "queries/query_03.png"]),
]
WRITTEN = 16


class Studio:
    def __init__(self, program, home):
        self.program = program
        self.environment = dict(os.environ, STUDIO_HOME=str(home), STUDIO_SAMPLES=str(ROOT / "Samples"))

    def run(self, *arguments):
        done = subprocess.run([self.program, *map(str, arguments)], env=self.environment,
                              capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"studio {' '.join(map(str, arguments))}\n{done.stderr}")
        return done.stdout

    def answer(self, prompt, pictures, adapter):
        arguments = ["generate", "--prompt", prompt, "--temperature", 0, "--repetition-penalty", 1,
                     "--max-tokens", WRITTEN, "--min-tokens", WRITTEN, "--json", "--logits"]
        for picture in pictures:
            arguments += ["--image", picture]
        if adapter:
            arguments += ["--adapter", adapter]
        return json.loads(self.run(*arguments))


def pictures_of(chat, folder):
    """Shrunk to what the embedded model takes, so that neither side has to."""
    found = []
    for name in chat[1]:
        target = folder / Path(name).name
        if not target.exists():
            Image.open(ROOT / "Samples" / name).convert("RGB").resize((112, 112)).save(target)
        found.append(target)
    return found


def base_model():
    model = Qwen2_5_VLForConditionalGeneration.from_pretrained(MINI, dtype=torch.float32)
    return model.eval()


@torch.no_grad()
def reference(model, processor, chat, folder):
    content = [{"type": "image", "image": Image.open(p)} for p in pictures_of(chat, folder)]
    content.append({"type": "text", "text": chat[0]})
    inputs = processor.apply_chat_template(
        [{"role": "user", "content": content}], add_generation_prompt=True, tokenize=True,
        return_dict=True, return_tensors="pt")
    logits = model(**inputs).logits[0, -1]
    written = model.generate(**inputs, max_new_tokens=WRITTEN, min_new_tokens=WRITTEN, do_sample=False,
                             repetition_penalty=1.0)
    return inputs["input_ids"][0].tolist(), logits, written[0, inputs["input_ids"].shape[1]:].tolist()


def compare(what, studio, adapter, model, processor, folder):
    """Prints the largest difference of a logit; returns whether all is well."""
    worst, scale, same = 0.0, 0.0, 0
    for chat in CHATS:
        ids, logits, written = reference(model, processor, chat, folder)
        ours = studio.answer(chat[0], pictures_of(chat, folder), adapter)
        if ours["promptTokenIDs"] != ids:
            sys.exit(f"{what}: the prompts differ for '{chat[0]}'")
        worst = max(worst, (torch.tensor(ours["logits"]) - logits).abs().max().item())
        scale = max(scale, logits.abs().max().item())
        same += ours["tokenIDs"] == written
    print(f"{what}: largest difference of a logit {worst:.2e} (logits up to {scale:.1f}), "
          f"{same} of {len(CHATS)} answers of {WRITTEN} tokens equal", flush=True)
    return worst < 1e-3 * scale and same == len(CHATS)


def train_in_peft(folder, **options):
    """A few steps of AdamW on random targets, so that no entry of the pairs stays zero."""
    torch.manual_seed(7)
    inside = r"model\.language_model\.layers\..*\.(q_proj|k_proj|v_proj|o_proj|gate_proj|up_proj|down_proj)"
    options.setdefault("target_modules", inside)
    model = get_peft_model(base_model(), LoraConfig(r=8, lora_alpha=16, **options))
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=5e-3)
    draw = random.Random(7)
    for _ in range(6):
        ids = torch.tensor([[draw.randrange(2500) for _ in range(48)]])
        loss = model(input_ids=ids, labels=ids).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    model.save_pretrained(folder)
    print(f"PEFT trained {folder.name}, last loss {loss.item():.2f}", flush=True)
    return model.eval()


def rename_to_old(source, target):
    """The names of Transformers before 4.52, which servers still use."""
    shutil.copytree(source, target)
    tensors = load_file(target / "adapter_model.safetensors")
    renamed = {k.replace("model.language_model.layers", "model.layers"): v for k, v in tensors.items()}
    save_file(renamed, target / "adapter_model.safetensors", metadata={"format": "pt"})


def write_fixture(folder):
    """Rank 2 on three kinds of modules of the tiny checkpoint, trained by PEFT; its logits; both spellings."""
    torch.manual_seed(11)
    tiny = ROOT / "Tests/Fixtures/golden/ckpt-tied"
    model = Qwen2_5_VLForConditionalGeneration.from_pretrained(tiny, dtype=torch.float32)
    model = get_peft_model(model, LoraConfig(
        r=2, lora_alpha=6, use_rslora=True, rank_pattern={"v_proj": 3}, alpha_pattern={"v_proj": 5},
        target_modules=r"model\.language_model\.layers\..*\.(q_proj|v_proj|down_proj)"))
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=4e-3)
    size = model.config.get_text_config().vocab_size
    draw = random.Random(11)
    for _ in range(5):
        ids = torch.tensor([[draw.randrange(size - 40) for _ in range(24)]])
        model(input_ids=ids, labels=ids).loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    shutil.rmtree(folder, ignore_errors=True)
    model.save_pretrained(folder / "current")
    (folder / "current/README.md").unlink(missing_ok=True)
    configuration = folder / "current/adapter_config.json"
    written = json.loads(configuration.read_text())
    written["base_model_name_or_path"] = "ckpt-tied"
    configuration.write_text(json.dumps(written, indent=2) + "\n")
    rename_to_old(folder / "current", folder / "old")
    ids = torch.tensor([[draw.randrange(size - 40) for _ in range(12)]])
    with torch.no_grad():
        logits = model.eval()(input_ids=ids).logits[0]
        with model.disable_adapter():
            plain = model(input_ids=ids).logits[0]
    # The last rows have seen all tokens; more would only be larger.
    logits, plain = logits[-4:].contiguous(), plain[-4:].contiguous()
    save_file({"input_ids": ids[0], "logits": logits, "base_logits": plain},
              folder / "expected.safetensors")
    print(f"fixture: adapter moves logits by up to {(logits - plain).abs().max().item():.2f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("studio", nargs="?", help="the program; without it only --fixture is done")
    parser.add_argument("--fixture", type=Path)
    parser.add_argument("--steps", type=int, default=12, help="updates of our training")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    if arguments.fixture:
        write_fixture(arguments.fixture)
    if not arguments.studio:
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        studio = Studio(arguments.studio, folder / "home")
        processor = AutoProcessor.from_pretrained(MINI)
        good = [compare("no adapter", studio, None, base_model(), processor, folder)]
        for concept in CONCEPTS:
            studio.run("concept", "add", concept.capitalize(), ROOT / f"Samples/concepts/{concept}.png")
        studio.run("train", "--concepts", "Milo,Bruna", "--recipe", "sft", "--steps", arguments.steps,
                   "--prompts", 4, "--held-out", 0, "--learning-rate", 1e-3, "--name", "ours", "-q")
        studio.run("adapter", "export", "ours", folder / "ours")
        good.append(compare("trained here, read by PEFT", studio, "ours",
                            PeftModel.from_pretrained(base_model(), folder / "ours").eval(), processor, folder))
        for what, options in [
            ("plain", {}),
            ("rank-stabilised", {"use_rslora": True, "target_modules": ["q_proj", "k_proj", "v_proj", "o_proj"],
                                 "exclude_modules": r".*visual.*"}),
            ("pattern", {"rank_pattern": {"o_proj": 4}, "alpha_pattern": {"o_proj": 12}}),
        ]:
            theirs = train_in_peft(folder / what, **options)
            studio.run("adapter", "import", folder / what, "--name", what)
            good.append(compare(f"trained by PEFT ({what}), read here", studio, what, theirs, processor, folder))
            if what == "plain":
                rename_to_old(folder / what, folder / "old-names")
                studio.run("adapter", "import", folder / "old-names")
                good.append(compare("the same with old tensor names, read here", studio, "old-names", theirs,
                                    processor, folder))
    if not all(good):
        sys.exit("something differs by more than a thousandth")


if __name__ == "__main__":
    main()
