"""A real llama-server on loopback, with a tiny model of random weights in place of Gemma 3."""

import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

PLACE = Path(__file__).resolve().parents[2] / ".llama"
CONTEXT = 8192
"""Tokens of one slot; the server divides what it is given by its slots."""
_SLOTS = 4
_PATIENCE = 60.0


class Llama:
    """One server; a context manager."""

    def __init__(self, model: str) -> None:
        self.model = model
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            self._port = taken.getsockname()[1]
        self.base_url = f"http://127.0.0.1:{self._port}/v1"

    def __enter__(self) -> "Llama":
        command = [
            PLACE / "llama-server", "-m", PLACE / "model" / "model.gguf", "--mmproj", PLACE / "model" / "mmproj.gguf",
            "--alias", self.model, "--host", "127.0.0.1", "--port", self._port, "-c", CONTEXT * _SLOTS, "-np", _SLOTS,
            "-t", 2, "--metrics", "--jinja",
        ]  # fmt: skip
        with (PLACE / "server.log").open("wb") as log:
            self._process = subprocess.Popen([str(part) for part in command], stdout=log, stderr=log)
        until = time.monotonic() + _PATIENCE
        while not self._is_healthy():
            if self._process.poll() is not None or time.monotonic() > until:
                self.__exit__()
                raise RuntimeError(f"llama-server did not start: see {PLACE / 'server.log'}")
            time.sleep(0.1)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(30)

    def _is_healthy(self) -> bool:
        try:
            address = f"http://127.0.0.1:{self._port}/health"
            with urllib.request.urlopen(address, timeout=5) as answer:
                return answer.status == 200
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False
