"""llama.cpp as a reference: conversion, quantisation, and greedy answers with their margins."""
import base64, json, os, subprocess, sys, time, urllib.request


class Llama:
    """source: llama.cpp's source folder; binaries: the folder with llama-quantize and llama-server."""

    def __init__(self, source, binaries):
        self.source, self.binaries = os.path.abspath(source), os.path.abspath(binaries)
        sys.path[:0] = [self.source, os.path.join(self.source, "gguf-py")]

    def convert(self, folder, target, *options):
        """The converter refuses tokenizers it does not know; these are split as Qwen2's."""
        code = (
            f"import sys, runpy; sys.path[:0] = [{self.source!r}, {self.source + '/gguf-py'!r}]\n"
            "import conversion.base as base\n"
            "for cls in vars(base).values():\n"
            "    if isinstance(cls, type) and 'get_vocab_base_pre' in cls.__dict__:\n"
            "        cls.get_vocab_base_pre = lambda self, tokenizer: 'qwen2'\n"
            f"sys.argv = ['convert', {folder!r}, '--outfile', {target!r}, *{list(options)!r}]\n"
            f"runpy.run_path({self.source + '/convert_hf_to_gguf.py'!r}, run_name='__main__')\n")
        subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def quantise(self, source, target, kind):
        subprocess.run([os.path.join(self.binaries, "llama-quantize"), source, target, kind, "1"], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def expanded(self, path, target):
        """The same file with every tensor in F32."""
        import gguf, numpy as np
        from gguf.quants import dequantize
        reader = gguf.GGUFReader(path)
        writer = gguf.GGUFWriter(target, reader.fields["general.architecture"].contents())
        for key, field in reader.fields.items():
            if key.startswith("GGUF.") or key == "general.architecture":
                continue
            is_list = field.types[0] == gguf.GGUFValueType.ARRAY
            writer.add_key_value(key, field.contents(), field.types[0], sub_type=field.types[-1] if is_list else None)
        for tensor in reader.tensors:
            values = dequantize(tensor.data, tensor.tensor_type).astype(np.float32)
            writer.add_tensor(tensor.name, values.reshape(tuple(int(n) for n in reversed(tensor.shape))))
        writer.write_header_to_file(); writer.write_kv_data_to_file(); writer.write_tensors_to_file(); writer.close()

    def answers(self, path, mmproj, prompts, count, ignore_end=False, port=8391):
        """Greedy tokens of each prompt (`text`, `picture`: a path or None), caches in F32."""
        server = subprocess.Popen(
            [os.path.join(self.binaries, "llama-server"), "-m", path, "--mmproj", mmproj, "--host", "127.0.0.1",
             "--port", str(port), "-t", "2", "-c", "2048", "-np", "1", "-fa", "off", "-ctk", "f32", "-ctv", "f32",
             "--no-warmup"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=dict(os.environ, LLAMA_MEDIA_MARKER="<__media__>"))
        try:
            for _ in range(600):
                try:
                    if urllib.request.urlopen(f"http://127.0.0.1:{port}/health").status == 200: break
                except OSError:
                    time.sleep(0.1)
            return [self._answer(prompt, count, ignore_end, port) for prompt in prompts]
        finally:
            server.terminate(); server.wait()

    @staticmethod
    def _answer(prompt, count, ignore_end, port):
        text = prompt["text"]
        if prompt["picture"]:
            data = base64.b64encode(open(prompt["picture"], "rb").read()).decode()
            text = dict(prompt_string=text, multimodal_data=[data])
        body = dict(prompt=text, n_predict=count, temperature=0, samplers=["top_k"], top_k=1, n_probs=2,
                    return_tokens=True, ignore_eos=ignore_end, cache_prompt=False)
        request = urllib.request.Request(f"http://127.0.0.1:{port}/completion", json.dumps(body).encode(),
                                         {"Content-Type": "application/json"})
        answer = json.load(urllib.request.urlopen(request))
        margins = []
        for step in answer["completion_probabilities"]:
            top = step["top_logprobs"]
            margins.append(round(top[0]["logprob"] - top[1]["logprob"], 4) if len(top) > 1 else None)
        return dict(tokens=answer["tokens"], margins=margins)
