"""Put a pinned uv into .tools/ with nothing but Python's standard library.

A bare Debian machine has Python without pip or venv. Where pip is there it is used (it knows the machine's own index
settings); else the wheel is found in the package index and its one program unpacked.
"""

import hashlib
import json
import os
import platform
import subprocess
import sys
import urllib.parse
import urllib.request
import zipfile
from io import BytesIO
from pathlib import Path

VERSION = "0.13.9"
TOOLS = Path(__file__).resolve().parent.parent / ".tools"
PLATFORMS = {
    ("Linux", "x86_64"): "manylinux_2_17_x86_64",
    ("Linux", "aarch64"): "manylinux_2_17_aarch64",
    ("Darwin", "arm64"): "macosx_11_0_arm64",
    ("Darwin", "x86_64"): "macosx_10_12_x86_64",
}


def main() -> None:
    """Install uv, or do nothing where the pinned version is there already."""
    stamp = TOOLS / f"uv-{VERSION}"
    if stamp.exists():
        return
    TOOLS.mkdir(exist_ok=True)
    if not with_pip():
        from_index()
    stamp.touch()


def with_pip() -> bool:
    """Let pip unpack the wheel into .tools/; False where there is no pip."""
    if subprocess.run([sys.executable, "-m", "pip", "--version"], capture_output=True, check=False).returncode:
        return False
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--upgrade", "--target", str(TOOLS)]
    return subprocess.run([*command, f"uv=={VERSION}"], check=False).returncode == 0


def from_index() -> None:
    """Download the wheel for this machine by the simple index (PEP 691), check its digest, unpack the program."""
    index = os.environ.get("UV_INDEX_URL") or os.environ.get("PIP_INDEX_URL") or "https://pypi.org/simple"
    tag = PLATFORMS.get((platform.system(), platform.machine()))
    if tag is None:
        sys.exit(f"No uv wheel is known for {platform.system()} {platform.machine()}: install uv {VERSION} yourself.")
    address = f"{index.rstrip('/')}/uv/"
    request = urllib.request.Request(address, headers={"Accept": "application/vnd.pypi.simple.v1+json"})
    with urllib.request.urlopen(request, timeout=120) as answer:
        files = json.load(answer)["files"]
    wheel = next(f for f in files if f["filename"].startswith(f"uv-{VERSION}-") and tag in f["filename"])
    with urllib.request.urlopen(urllib.parse.urljoin(address, wheel["url"]), timeout=600) as answer:
        data = answer.read()
    if hashlib.sha256(data).hexdigest() != wheel["hashes"]["sha256"]:
        sys.exit("The uv wheel does not match its digest: try again.")
    program = TOOLS / "bin" / "uv"
    program.parent.mkdir(exist_ok=True)
    with zipfile.ZipFile(BytesIO(data)) as archive:
        program.write_bytes(archive.read(f"uv-{VERSION}.data/scripts/uv"))
    program.chmod(0o755)


if __name__ == "__main__":
    main()
