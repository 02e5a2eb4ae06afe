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

    def __init__(self, model: str, *, context: int = CONTEXT, sees: bool = True) -> None:
        self.model = model
        self._context, self._sees = context, sees
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            self._port = taken.getsockname()[1]
        self.base_url = f"http://127.0.0.1:{self._port}/v1"

    def __enter__(self) -> "Llama":
        command = [
            PLACE / "llama-server", "-m", PLACE / "model" / "model.gguf", "--alias", self.model,
            "--host", "127.0.0.1", "--port", self._port, "-c", self._context * _SLOTS, "-np", _SLOTS,
            "-t", 2, "--metrics", "--jinja",
        ]  # fmt: skip
        if self._sees:
            command += ["--mmproj", PLACE / "model" / "mmproj.gguf"]
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

    def is_idle(self, within: float) -> bool:
        """Whether nothing is generated any more within so many seconds."""
        until = time.monotonic() + within
        while time.monotonic() < until:
            with urllib.request.urlopen(f"http://127.0.0.1:{self._port}/metrics", timeout=5) as answer:
                if "llamacpp:requests_processing 0" in answer.read().decode():
                    return True
            time.sleep(0.05)
        return False

    def _is_healthy(self) -> bool:
        try:
            address = f"http://127.0.0.1:{self._port}/health"
            with urllib.request.urlopen(address, timeout=5) as answer:
                return answer.status == 200
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False
