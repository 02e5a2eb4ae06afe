"""Builds `llama-server` from the source package of llama-cpp-python, which carries llama.cpp: build_server.py <folder>.

A binary that is there already is taken where LLAMA_SERVER names it. Needs cmake, ninja and a C++ compiler.
"""

import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

VERSION = "0.3.36"
OPTIONS = (
    "CMAKE_BUILD_TYPE=Release", "BUILD_SHARED_LIBS=OFF", "LLAMA_CURL=OFF", "LLAMA_OPENSSL=OFF", "LLAMA_BUILD_TESTS=OFF",
    "LLAMA_BUILD_EXAMPLES=OFF", "GGML_OPENMP=OFF",
)  # fmt: skip


def main():
    folder = Path(sys.argv[1]).resolve()
    folder.mkdir(exist_ok=True)
    source = folder / "llama.cpp"
    if not source.exists():
        unpack(folder, source)
    program = folder / "llama-server"
    if given := os.environ.get("LLAMA_SERVER"):
        shutil.copy2(given, program)
        return
    build = folder / "build"
    run("cmake", "-S", source, "-B", build, "-G", "Ninja", *(f"-D{option}" for option in OPTIONS))
    run("cmake", "--build", build, "--target", "llama-server", "-j", os.environ.get("JOBS", "2"))
    shutil.copy2(build / "bin" / "llama-server", program)


def unpack(folder, source):
    """Take llama.cpp out of the source package, which pip finds as it finds all others."""
    run(sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", "llama-cpp-python",
        "--dest", folder, f"llama-cpp-python=={VERSION}")  # fmt: skip
    with tarfile.open(folder / f"llama_cpp_python-{VERSION}.tar.gz") as archive:
        archive.extractall(folder, filter="data")
    (folder / f"llama_cpp_python-{VERSION}" / "vendor" / "llama.cpp").rename(source)


def run(*command):
    subprocess.run([str(part) for part in command], check=True)


if __name__ == "__main__":
    main()
