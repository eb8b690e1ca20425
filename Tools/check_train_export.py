#!/usr/bin/env python3
"""What 'studio train export' writes, read by the programs it is for.

    Tools/check_train_export.py .build/release/studio --trl PYTHON --llama-factory PYTHON

The two are interpreters that have trl, peft, datasets and torchvision (measured with TRL 1.16.0,
Transformers 5.23.0), and llamafactory (measured with 0.9.5, Transformers 5.6.0); CPU only, some
minutes. Without one its part is left out. For each program sample concepts are exported, then

* rewards.py must judge as Tests/Fixtures/rewards/vectors.json says, which is what training here
  says (RewardVectorTests holds the Swift side to the same file);
* TRL's GRPOTrainer reads train.jsonl, trains one update on the embedded model, and its adapter is
  imported and captions;
* LLaMA-Factory's own loader reads dataset_info.json and train.json (every picture has its tokens),
  trains one update, and its adapter is imported and captions;
* the rows for VLM-R1 and RePIC's trainer have what its loader wants (it needs a GPU to be run).
"""

import argparse
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CONCEPTS = ["milo", "bruna", "pico", "luna", "ruby"]

LOAD_WITH_LLAMA_FACTORY = """
import sys

import yaml
from llamafactory.data import get_dataset, get_template_and_fix_tokenizer
from llamafactory.hparams import get_train_args
from llamafactory.model import load_tokenizer

settings = yaml.safe_load(open("sft_lora.yaml"))
settings.update(bf16=False, use_cpu=True, output_dir=sys.argv[1])
model, data, training, _, _ = get_train_args(settings)
module = load_tokenizer(model)
tokenizer = module["tokenizer"]
template = get_template_and_fix_tokenizer(tokenizer, data)
sets = get_dataset(template, model, data, training, stage="sft", **module)
image = tokenizer.convert_tokens_to_ids("<|image_pad|>")
for name in ("train_dataset", "eval_dataset"):
    rows = sets[name]
    tokens = [sum(token == image for token in row["input_ids"]) for row in rows]
    pictures = [len(row["images"]) for row in rows]
    assert all(t > 0 and t >= p for t, p in zip(tokens, pictures)), "a picture without tokens"
    learned = [token for token in rows[0]["labels"] if token != -100]
    print(f"  {name}: {len(rows)} rows, {sum(pictures)} pictures, {sum(tokens)} picture tokens; "
          f"the first learns {tokenizer.decode(learned)[:60]!r}")
"""


class Studio:
    def __init__(self, program, home):
        self.program = str(Path(program).resolve())
        self.environment = dict(
            os.environ, STUDIO_HOME=str(home), STUDIO_SAMPLES=str(ROOT / "Samples")
        )

    def run(self, *arguments):
        done = subprocess.run(
            [self.program, *map(str, arguments)], env=self.environment, capture_output=True, text=True
        )
        if done.returncode:
            sys.exit(f"studio {' '.join(map(str, arguments))}\n{done.stderr}")
        return done.stdout


def python(interpreter, folder, *arguments, **more):
    environment = dict(os.environ, CUDA_VISIBLE_DEVICES="", HF_HUB_OFFLINE="1", **more)
    # Programs of the interpreter's own environment come first (accelerate, llamafactory-cli).
    environment["PATH"] = f"{Path(interpreter).parent}:{environment['PATH']}"
    done = subprocess.run(
        [*map(str, arguments)], cwd=folder, env=environment, capture_output=True, text=True
    )
    if done.returncode:
        sys.exit(f"{' '.join(map(str, arguments))[:200]}\n{done.stdout[-3000:]}\n{done.stderr[-5000:]}")
    return done.stdout + done.stderr


def versions(interpreter, *names):
    code = (
        "import importlib.metadata as m\n"
        f"print(', '.join(n + ' ' + m.version(n) for n in {names!r}))"
    )
    return subprocess.run(
        [interpreter, "-c", code], capture_output=True, text=True, check=True
    ).stdout.strip()


def check_rewards(folder):
    spec = importlib.util.spec_from_file_location("rewards", folder / "rewards.py")
    rewards = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(rewards)
    vectors = json.loads((ROOT / "Tests/Fixtures/rewards/vectors.json").read_text())
    columns = {
        key: [vector[key] for vector in vectors]
        for key in ["task", "present", "supplied", "others", "infos", "box", "answer"]
    }
    found = rewards.strict_reward(
        prompts=None, completions=[vector["text"] for vector in vectors], **columns
    )
    wrong = [
        (vector, value)
        for vector, value in zip(vectors, found)
        if abs(vector["reward"] - value) > 1e-6
    ]
    for vector, value in wrong:
        print(f"  differs: {value} instead of {vector['reward']}: {vector['text']!r} {vector}")
    print(f"  rewards.py: {len(vectors) - len(wrong)} of {len(vectors)} as training here judges")
    # The right answers of the data earn everything.
    rows = [json.loads(line) for line in (folder / "train.jsonl").open()]
    earned = rewards.strict_reward(
        completions=[[{"role": "assistant", "content": row["answer"]}] for row in rows],
        **{key: [row[key] for row in rows] for key in columns},
    )
    print(f"  answers of train.jsonl that earn 1: {sum(value == 1 for value in earned)} of {len(rows)}")
    return not wrong


def check_import(studio, adapter, name):
    studio.run("adapter", "import", adapter, "--name", name)
    query = ROOT / "Samples/queries/query_00.png"
    caption = json.loads(
        studio.run("caption", query, "-c", "milo", "--adapter", name, "--max-tokens", 24, "--json")
    )
    assert caption["adapter"] == name
    print(f"  its adapter captions here: {caption['caption'][:60]!r}")


def check_trl(studio, folder, interpreter):
    print("TRL:", versions(interpreter, "trl", "transformers", "peft", "datasets", "torch"))
    out = python(
        interpreter, folder, "./launch.sh", "--max-steps", 1, "--answers", 2, "--prompts", 2,
        "--max-tokens", 24, OUTPUT=str(folder / "trained"),
    )
    line = [line for line in out.splitlines() if "rewards/strict_reward/mean" in line]
    print("  one update:", (line or ["no log line"])[-1][:160])
    check_import(studio, folder / "trained", "from-trl")


def check_llama_factory(studio, folder, interpreter):
    print("LLaMA-Factory:", versions(interpreter, "llamafactory", "transformers", "peft", "datasets"))
    out = python(
        interpreter, folder, interpreter, "-c", LOAD_WITH_LLAMA_FACTORY, str(folder / "unused")
    )
    kept = ("  train_dataset", "  eval_dataset")
    print("\n".join(line for line in out.splitlines() if line.startswith(kept)))
    out = python(
        interpreter, folder, "./launch.sh", "max_steps=1", "bf16=false", "use_cpu=true",
        "gradient_accumulation_steps=2", "logging_steps=1", OUTPUT=str(folder / "trained"),
    )
    line = [line for line in out.splitlines() if "train_loss" in line]
    print("  one update:", (line or ["no log line"])[-1].strip()[:160])
    check_import(studio, folder / "trained", "from-llama-factory")


def check_vlm_r1(folder):
    methods = {}
    for name in ["train.json", "test.json"]:
        for row in json.loads((folder / name).read_text()):
            assert set(row) == {"image", "problem", "solution", "accu_reward_method"}
            assert all((folder / path).is_file() for path in row["image"])
            method = row["accu_reward_method"]
            methods[method] = methods.get(method, 0) + 1
            if method == "iou":
                assert len(row["image"]) == 1 and len(row["solution"]) == 4
            else:
                assert len(row["image"]) > 1
            if method == "yes_no":
                assert row["solution"] in ("yes", "no")
            if method == "yes_no_name":
                assert row["solution"].startswith("<") and row["solution"] in row["problem"]
    for line in (folder / "train-vlm-r1.jsonl").open():
        row = json.loads(line)
        assert row["conversations"][0]["value"].count("<image>") == len(row["image"])
    print(f"VLM-R1 and RePIC: {methods}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("studio")
    parser.add_argument("--trl", help="an interpreter that has TRL")
    parser.add_argument("--llama-factory", help="an interpreter that has LLaMA-Factory")
    parser.add_argument("--count", type=int, default=40)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(temporary)
        studio = Studio(arguments.studio, place / "home")
        for name in CONCEPTS:
            studio.run(
                "concept", "add", name, ROOT / f"Samples/concepts/{name}.png", "--category", "thing"
            )
        for program in ["vlm-r1", "trl", "llama-factory"]:
            studio.run(
                "train", "export", place / program, "--for", program, "--count", arguments.count,
                "--held-out", 8,
            )
        check_vlm_r1(place / "vlm-r1")
        print("Rewards")
        right = check_rewards(place / "trl")
        if arguments.trl:
            check_trl(studio, place / "trl", arguments.trl)
        if arguments.llama_factory:
            check_llama_factory(studio, place / "llama-factory", arguments.llama_factory)
    sys.exit(0 if right else 1)


if __name__ == "__main__":
    main()
