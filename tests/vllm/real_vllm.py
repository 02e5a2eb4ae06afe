"""A real vLLM on loopback, with a tiny model of random weights: it speaks the protocol and reads nothing."""

import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PLACE = ROOT / ".vllm"
MODELS = {
    "rolmocr": ("tiny-rolmocr", "reducto/RolmOCR"),
    "internvl3": ("tiny-internvl3", "OpenGVLab/InternVL3-8B"),
}
"""By the profile that reads with it: the folder and the name it is served under."""
CONTEXT = 16384
_PATIENCE = 240.0  # the first start compiles Python files, three processes on few cores
_ENVIRONMENT = {
    "HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "VLLM_NO_USAGE_STATS": "1", "DO_NOT_TRACK": "1",
    "VLLM_CPU_KVCACHE_SPACE": "1", "VLLM_CPU_OMP_THREADS_BIND": "nobind", "OMP_NUM_THREADS": "2",
}  # fmt: skip
_FLAGS = (
    "--max-num-seqs", "16", "--enforce-eager", "--dtype", "bfloat16", "--enable-prompt-tokens-details",
    "--limit-mm-per-prompt", '{"image": 2, "video": 0}',
    # as in production: left to `auto`, the first schema decides how the later ones are enforced
    "--structured-outputs-config", '{"backend": "xgrammar", "disable_any_whitespace": true}',
    # on a CPU a request with a seed whose prefill is chunked kills the engine (vLLM 0.32)
    "--no-enable-chunked-prefill",
)  # fmt: skip


class Vllm:
    """One server; a context manager."""

    def __init__(self, profile: str, context: int = CONTEXT) -> None:
        folder, self.model = MODELS[profile]
        self.profile = profile
        self.log = PLACE / f"{profile}-{context}.log"
        self._context = str(context)
        self._folder = PLACE / "models" / folder
        self._process: subprocess.Popen[bytes] | None = None
        # of one that is up already, for whoever works on these tests
        running = os.environ.get("TEST_VLLM_URL") if context == CONTEXT else None
        self.root = running or f"http://127.0.0.1:{_free_port()}"
        self._is_ours = not running

    @property
    def base_url(self) -> str:
        """The address for a profile."""
        return f"{self.root}/v1"

    def __enter__(self) -> "Vllm":
        if self._is_ours:
            self._start()
            self._wait()
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(30)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def gauge(self, name: str) -> float:
        """Return a number of /metrics, over all its labels."""
        lines = self._get("/metrics").splitlines()
        return sum(
            float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith((f"vllm:{name}{{", f"vllm:{name} "))
        )

    def is_idle(self, within: float) -> bool:
        """Whether nothing is generated any more within so many seconds."""
        until = time.monotonic() + within
        while self.gauge("num_requests_running") + self.gauge("num_requests_waiting"):
            if time.monotonic() > until:
                return False
            time.sleep(0.05)
        return True

    def _start(self) -> None:
        host, port = self.root.removeprefix("http://").split(":")
        command = [
            PLACE / "venv" / "bin" / "python", "-m", "vllm.entrypoints.openai.api_server", "--model", self._folder,
            "--served-model-name", self.model, "--host", host, "--port", port, *_FLAGS,
            "--max-num-batched-tokens", self._context, "--max-model-len", self._context,
        ]  # fmt: skip
        # without .pyc files every start costs a minute of CPU
        kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                [str(part) for part in command], env=kept | _ENVIRONMENT, stdout=log, stderr=log, cwd=PLACE
            )

    def _wait(self) -> None:
        assert self._process is not None
        until = time.monotonic() + _PATIENCE
        while not self._is_healthy():
            if self._process.poll() is not None or time.monotonic() > until:
                self.__exit__()
                raise RuntimeError(f"vLLM did not start: see {self.log}")
            time.sleep(0.5)

    def _is_healthy(self) -> bool:
        try:
            self._get("/health")
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False
        return True

    def _get(self, path: str) -> str:
        with urllib.request.urlopen(self.root + path, timeout=10) as answer:  # noqa: S310 - loopback
            return answer.read().decode()


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]
