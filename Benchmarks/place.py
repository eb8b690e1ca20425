"""Where the benchmark keeps what it makes."""
import os
import pathlib

REPOSITORY = pathlib.Path(__file__).resolve().parent.parent


class Place:
    """The folder of the benchmark: programs, checkpoints, pictures and results."""

    def __init__(self, folder=None):
        cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
        self.root = pathlib.Path(folder or os.path.join(cache, "studio-bench")).absolute()
        self.checkpoint = self.root / "qwen25vl-3b"
        self.venv = self.root / "venv"
        self.openvino_venv = self.root / "venv-openvino"
        self.llama = self.root / "llama.cpp"
        self.gguf = self.root / "gguf"
        self.openvino = self.root / "openvino"
        self.pictures = self.root / "pictures"
        self.results = self.root / "results"
        self.home = self.root / "home"

    def python(self, venv=None):
        return (venv or self.venv) / "bin" / "python"

    def llama_program(self, name):
        return self.llama / "build" / "bin" / name

    def gguf_file(self, kind):
        return self.gguf / f"qwen25vl-3b-{kind}.gguf"

    @property
    def vision_file(self):
        return self.gguf / "mmproj-bf16.gguf"


def environment(threads):
    """The same number of threads for every library that reads one of these names."""
    return dict(
        os.environ,
        OMP_NUM_THREADS=str(threads),
        MKL_NUM_THREADS=str(threads),
        OPENBLAS_NUM_THREADS=str(threads),
        TOKENIZERS_PARALLELISM="false",
        HF_HUB_OFFLINE="1",
        TRANSFORMERS_OFFLINE="1",
    )
