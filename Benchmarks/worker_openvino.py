"""Measures OpenVINO GenAI inside its own environment; started by peer_openvino.py.

Reads one JSON object as its argument and prints one. Prompts of timed runs were never seen before
by the pipeline, unless the work is about exactly that.
"""
import json
import sys
import time

import numpy
import openvino
import openvino_genai
from PIL import Image

import task

job = json.loads(sys.argv[1])
properties = {"INFERENCE_NUM_THREADS": job["threads"]}
scheduler = openvino_genai.SchedulerConfig()
scheduler.enable_prefix_caching = True
scheduler.cache_size = 2
pipeline = openvino_genai.VLMPipeline(job["folder"], "CPU", scheduler_config=scheduler, **properties)
tokenizer = pipeline.get_tokenizer()
samples, notes = {}, []


def tensor(path):
    return openvino.Tensor(numpy.array(Image.open(path).convert("RGB"))[None])


def generate(prompt, tokens, images=(), rows=1, template=False):
    config = openvino_genai.GenerationConfig()
    config.max_new_tokens = config.min_new_tokens = tokens
    config.ignore_eos = True
    config.apply_chat_template = template
    if rows > 1:
        config.do_sample, config.num_return_sequences = True, rows
    start = time.perf_counter()
    result = pipeline.generate(prompt, images=list(images), generation_config=config)
    return result.perf_metrics, time.perf_counter() - start


def prompt(number):
    """Text of exactly 512 tokens, different from its first token on for each number."""
    ids = [token + 1000 * (number + 1) for token in task.filler(task.PROMPT_TOKENS)]
    text = tokenizer.decode(openvino.Tensor(numpy.array([ids], dtype=numpy.int64)))[0]
    words = text.split(" ")
    count = lambda value: tokenizer.encode(value).input_ids.shape[1]
    while count(" ".join(words)) > task.PROMPT_TOKENS:
        words.pop()
    text = " ".join(words)
    return text + " a" * (task.PROMPT_TOKENS - count(text))


def first_token(query, question):
    pictures = [tensor(path) for path in [*job["references"], query]]
    parts = [f"<ov_genai_image_{n}>{text}" for n, text in enumerate(task.reference_texts())]
    text = "".join(parts) + f"<ov_genai_image_{len(parts)}>" + question
    return generate(text, 1, pictures, template=True)[1]


works = job["works"]
generate("Warm up.", 2)
if {"prefill", "decode"} & set(works):
    metrics, took = generate(prompt(0), task.GENERATED_TOKENS + 1)
    read = metrics.get_num_input_tokens()
    if abs(read - task.PROMPT_TOKENS) > 8:
        notes.append(f"the prompt had {read} tokens")
    if "prefill" in works:
        samples["prefill"] = read / (metrics.get_ttft().mean / 1000)
    if "decode" in works:
        samples["decode"] = 1000 / metrics.get_tpot().mean
if "batch" in works:
    metrics, took = generate(prompt(1), task.GENERATED_TOKENS + 1, rows=task.BATCH)
    rest = took - metrics.get_ttft().mean / 1000
    samples["batch"] = task.BATCH * task.GENERATED_TOKENS / rest
if "vision" in works:
    generate("Warm up.", 1, [tensor(job["references"][0])])
    metrics, _ = generate("Look.", 1, [tensor(job["queries"][0])])
    samples["vision"] = metrics.get_prepare_embeddings_duration().mean / 1000
if "cold" in works:
    generate("Warm up.", 1, [tensor(job["warm"])], template=True)
    samples["cold"] = first_token(job["queries"][0], task.QUESTION)
    samples["known"] = first_token(job["queries"][1], task.QUESTION)
    samples["again"] = first_token(job["queries"][1], task.SECOND_QUESTION)
print(json.dumps({"samples": samples, "notes": notes}))
