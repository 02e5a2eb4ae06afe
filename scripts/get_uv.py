"""Put a pinned uv into .tools/ by pip, which knows the machine's own index and certificates.

A bare Debian machine has Python without pip: there pip's wheel is taken from Debian's package, unpacked in .tools/ and
run from where it lies; nothing is installed on the machine.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

VERSION = "0.13.9"
TOOLS = Path(__file__).resolve().parent.parent / ".tools"
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")


def main() -> None:
    """Install uv, or do nothing where the pinned version is there already."""
    stamp = TOOLS / f"uv-{VERSION}"
    if stamp.exists():
        return
    TOOLS.mkdir(exist_ok=True)
    environment = dict(os.environ)
    if not has_pip():
        environment["PYTHONPATH"] = str(pip_of_debian())
        if CERTIFICATES.exists():
            environment.setdefault("PIP_CERT", str(CERTIFICATES))
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--upgrade", "--target", str(TOOLS)]
    if subprocess.run([*pip, f"uv=={VERSION}"], env=environment, check=False).returncode:
        sys.exit(f"uv {VERSION} could not be installed by pip: see its message above.")
    stamp.touch()


def has_pip() -> bool:
    """Whether this Python has pip."""
    return not subprocess.run([sys.executable, "-m", "pip", "--version"], capture_output=True, check=False).returncode


def pip_of_debian() -> Path:
    """Return the wheel of pip out of Debian's package."""
    if shutil.which("apt-get") is None:
        sys.exit("This Python has no pip: install pip for it, then try again.")
    wheels = TOOLS / "pip" / "usr" / "share" / "python-wheels"
    if not any(wheels.glob("pip-*.whl")):
        if os.geteuid() == 0:
            subprocess.run(["apt-get", "-qq", "update"], check=False)
        got = subprocess.run(["apt-get", "-qq", "download", "python3-pip-whl"], cwd=TOOLS, check=False)
        packages = sorted(TOOLS.glob("python3-pip-whl_*.deb"))
        if got.returncode or not packages:
            sys.exit("This Python has no pip: run “apt-get install python3-pip” as root, then try again.")
        subprocess.run(["dpkg-deb", "-x", str(packages[-1]), str(TOOLS / "pip")], check=True)
    return next(iter(sorted(wheels.glob("pip-*.whl"))))


if __name__ == "__main__":
    main()
