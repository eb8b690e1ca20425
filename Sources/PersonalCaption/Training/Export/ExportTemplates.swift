/// Configurations and scripts beside the data, and a text that says what everything is.
enum ExportTemplates {
    static func files(_ plan: TrainingExportPlan) -> [ExportedText] {
        let own =
            switch plan.program {
            case .vlmR1: vlmR1(plan)
            case .trl: trl(plan)
            case .llamaFactory: llamaFactory(plan)
            }
        return own + [ExportedText(name: "README.md", text: readme(plan))]
    }

    /// The model to start from, unless `$MODEL` names another.
    private static func script(_ plan: TrainingExportPlan, _ lines: String) -> ExportedText {
        let quoted = "'" + plan.baseModel.replacing("'", with: "'\\''") + "'"
        return ExportedText(
            name: "launch.sh",
            text: """
                #!/bin/sh
                # MODEL names another model to start from, OUTPUT another folder for the adapter.
                set -eu
                cd "$(dirname "$0")"
                usual=\(quoted)
                MODEL=${MODEL:-$usual}
                OUTPUT=${OUTPUT:-adapter}
                \(lines)

                """, isProgram: true)
    }

    // MARK: VLM-R1 and RePIC

    private static func vlmR1(_ plan: TrainingExportPlan) -> [ExportedText] {
        [
            ExportedText(name: "data.yaml", text: "datasets:\n    - json_path: train.json\n"),
            script(
                plan,
                """
                # A clone of RePIC: its folder training/src/open-r1-multimodal.
                : "${REPIC:?must name the folder training/src/open-r1-multimodal of a clone of RePIC}"
                exec torchrun --nproc_per_node="${GPUS:-1}" \\
                    "$REPIC/src/open_r1/grpo_multitask_multi_img_no_format.py" \\
                    --deepspeed "${DEEPSPEED:-$REPIC/local_scripts/zero2.json}" \\
                    --output_dir "$OUTPUT" --model_name_or_path "$MODEL" \\
                    --dataset_name data.yaml --image_root "$PWD" \\
                    --max_prompt_length 4096 --max_completion_length \(plan.maximumTokens) \\
                    --num_generations \(plan.answers) --per_device_train_batch_size 1 \\
                    --gradient_accumulation_steps 2 --num_train_epochs 2 \\
                    --learning_rate \(plan.learningRate) --beta 0.04 --data_seed \(plan.seed) \\
                    --bf16 --torch_dtype bfloat16 --gradient_checkpointing true \\
                    --attn_implementation flash_attention_2 --freeze_vision_modules true \\
                    --use_peft true --lora_r \(plan.rank) --lora_alpha \(plan.alpha) \\
                    --lora_dropout 0.05 --lora_task_type CAUSAL_LM \\
                    --logging_steps 1 --save_steps 100 --save_only_model true --report_to none "$@"
                """),
        ]
    }

    // MARK: TRL

    private static func trl(_ plan: TrainingExportPlan) -> [ExportedText] {
        [
            ExportedText(name: "rewards.py", text: TRLRewards.source + "\n"),
            ExportedText(name: "train_grpo.py", text: trlProgram(plan)),
            ExportedText(
                name: "accelerate.yaml",
                text: """
                    compute_environment: LOCAL_MACHINE
                    distributed_type: 'NO'
                    mixed_precision: 'no'
                    num_machines: 1
                    num_processes: 1

                    """),
            script(
                plan,
                """
                # Several GPUs: accelerate launch --multi_gpu --num_processes N train_grpo.py …
                exec accelerate launch --config_file accelerate.yaml train_grpo.py \\
                    --model "$MODEL" --output "$OUTPUT" "$@"
                """),
        ]
    }

    private static func trlProgram(_ plan: TrainingExportPlan) -> String {
        """
        \"\"\"GRPO on the scenes of this folder with TRL; see README.md.\"\"\"

        import argparse
        from pathlib import Path

        import torch
        from datasets import Features, Image, Value, load_dataset
        from peft import LoraConfig
        from trl import GRPOConfig, GRPOTrainer

        from rewards import strict_reward

        HERE = Path(__file__).resolve().parent
        TEXT = Value("string")
        FEATURES = Features(
            {
                "prompt": [{"role": TEXT, "content": [{"type": TEXT, "text": TEXT}]}],
                "images": [TEXT], "task": TEXT, "present": [TEXT], "supplied": [TEXT],
                "others": [TEXT], "infos": [TEXT], "box": [Value("int64")], "answer": TEXT,
            }
        )
        # The linears of the language model; the vision tower has some of the same names.
        TARGETS = r"^(?!.*visual).*\\.(q_proj|k_proj|v_proj|o_proj|gate_proj|up_proj|down_proj)$"


        def read(name):
            \"\"\"The examples of a file; pictures are opened when it is their turn.\"\"\"
            rows = load_dataset("json", data_files=str(HERE / name), features=FEATURES, split="train")
            rows = rows.map(lambda row: {"images": [str(HERE / path) for path in row["images"]]})
            return rows.cast_column("images", [Image()])


        def trainer(arguments):
            on_gpu = torch.cuda.is_available()
            config = GRPOConfig(
                output_dir=arguments.output,
                max_steps=arguments.max_steps,
                num_train_epochs=1,
                num_generations=arguments.answers,
                per_device_train_batch_size=arguments.answers,
                gradient_accumulation_steps=arguments.prompts,
                max_completion_length=arguments.max_tokens,
                learning_rate=arguments.learning_rate,
                beta=0.04,
                temperature=0.8,
                loss_type="grpo",
                bf16=on_gpu,
                use_cpu=not on_gpu,
                gradient_checkpointing=on_gpu,
                logging_steps=1,
                save_steps=50,
                seed=\(plan.seed),
                report_to="none",
                model_init_kwargs={"dtype": "bfloat16" if on_gpu else "float32"},
            )
            lora = LoraConfig(
                r=\(plan.rank), lora_alpha=\(plan.alpha), lora_dropout=0.0, target_modules=TARGETS,
                task_type="CAUSAL_LM",
            )
            return GRPOTrainer(
                model=arguments.model, args=config, reward_funcs=[strict_reward],
                train_dataset=read("train.jsonl"), peft_config=lora,
            )


        def options():
            parser = argparse.ArgumentParser()
            parser.add_argument("--model", required=True)
            parser.add_argument("--output", default="adapter")
            parser.add_argument("--answers", type=int, default=\(plan.answers))
            parser.add_argument("--prompts", type=int, default=4, help="prompts in each update")
            parser.add_argument("--max-tokens", type=int, default=\(plan.maximumTokens))
            parser.add_argument("--max-steps", type=int, default=-1)
            parser.add_argument("--learning-rate", type=float, default=\(plan.learningRate))
            return parser


        if __name__ == "__main__":
            arguments = options().parse_args()
            training = trainer(arguments)
            training.train()
            training.save_model(arguments.output)

        """
    }

    // MARK: LLaMA-Factory

    private static func llamaFactory(_ plan: TrainingExportPlan) -> [ExportedText] {
        [
            ExportedText(name: "dataset_info.json", text: datasetInfo),
            ExportedText(
                name: "sft_lora.yaml",
                text: """
                    model_name_or_path: \(quoted(plan.baseModel))
                    stage: sft
                    do_train: true
                    finetuning_type: lora
                    lora_rank: \(plan.rank)
                    lora_alpha: \(plan.alpha)
                    lora_dropout: 0.0
                    lora_target: q_proj,k_proj,v_proj,o_proj,gate_proj,up_proj,down_proj
                    freeze_vision_tower: true
                    freeze_multi_modal_projector: true
                    dataset_dir: .
                    dataset: studio_train
                    eval_dataset: studio_test
                    template: qwen2_vl
                    # Pictures have the size the model is to see; these bounds change none of them.
                    image_min_pixels: 784
                    image_max_pixels: 1003520
                    cutoff_len: 4096
                    per_device_train_batch_size: 1
                    gradient_accumulation_steps: 8
                    per_device_eval_batch_size: 1
                    learning_rate: \(plan.learningRate)
                    num_train_epochs: 3.0
                    lr_scheduler_type: cosine
                    warmup_ratio: 0.1
                    seed: \(plan.seed)
                    bf16: true
                    logging_steps: 5
                    save_steps: 100
                    output_dir: adapter
                    report_to: none

                    """),
            script(
                plan,
                """
                exec llamafactory-cli train sft_lora.yaml \\
                    model_name_or_path="$MODEL" output_dir="$OUTPUT" "$@"
                """),
        ]
    }

    private static let datasetInfo: String = {
        func entry(_ name: String, _ file: String) -> String {
            """
              "\(name)": {
                "file_name": "\(file)",
                "formatting": "sharegpt",
                "columns": {
                  "messages": "conversations", "images": "images", "system": "system"
                },
                "tags": {
                  "role_tag": "from", "content_tag": "value", "user_tag": "human",
                  "assistant_tag": "gpt"
                }
              }
            """
        }
        let entries = [entry("studio_train", "train.json"), entry("studio_test", "test.json")]
        return "{\n\(entries.joined(separator: ",\n"))\n}\n"
    }()

    /// A text as JSON, which is YAML too.
    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            default:
                let isControl = scalar.properties.generalCategory == .control
                quoted.unicodeScalars.append(isControl ? " " : scalar)
            }
        }
        return quoted + "\""
    }

    // MARK: README

    private static func readme(_ plan: TrainingExportPlan) -> String {
        let about =
            switch plan.program {
            case .vlmR1:
                """
                `train.json` and `test.json` have the form of RePIC's training data (`image`, `problem`,
                `solution`, `accu_reward_method`), `data.yaml` names the first. RePIC's trainer, which
                is made of VLM-R1, reads them; `launch.sh` starts it with RePIC's own settings:

                    REPIC=path/to/RePIC/training/src/open-r1-multimodal GPUS=8 ./launch.sh

                Its loader leaves place for one picture when it asks for a box, so box examples show the
                query alone and say what to look for. Scenes in which nobody is to be named have no form
                there and are left out. `train-vlm-r1.jsonl` holds the yes-or-no and box examples as a
                VLM-R1 that takes lists of pictures reads them (`grpo_jsonl.py`, rewards `yes_no` and
                `map`); VLM-R1 has no reward for names.
                """
            case .trl:
                """
                `train.jsonl` and `test.jsonl` hold chats, paths of pictures, and what the rewards need to
                know. `rewards.py` are the strict rewards of the studio's own training, `train_grpo.py`
                trains with TRL's GRPOTrainer and PEFT:

                    pip install trl peft datasets accelerate torchvision
                    ./launch.sh
                """
            case .llamaFactory:
                """
                `train.json` and `test.json` hold conversations in ShareGPT's form, described in
                `dataset_info.json`; `sft_lora.yaml` trains an adapter with LLaMA-Factory:

                    pip install llamafactory
                    ./launch.sh
                """
            }
        return """
            # Training data from the studio, for \(plan.program.rawValue)

            Written by `studio train export --for \(plan.program.rawValue)`: \(plan.count) scenes to train
            with and \(plan.heldOut) to judge by, composed from the pictures of a library (seed \
            \(plan.seed)). Nobody has
            labelled anything: who is in a scene, and where, is known because it was composed. Pictures
            of the judged scenes are not among those trained with, as far as concepts have several.
            Pictures already have the size the model is to see, and boxes are in their pixels.

            \(about)

            `MODEL=…` before the command names another model to start from, `OUTPUT=…` another folder.

            The adapter comes back with

                studio adapter import adapter --name NAME
                studio caption PICTURE --concept … --adapter NAME

            (the model in use must be the one that was trained). An adapter on `lm_head` or on the vision
            tower is not needed: the settings here train the seven linears of each decoder layer, as the
            studio does.

            """
    }
}
