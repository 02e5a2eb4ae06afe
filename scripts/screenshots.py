"""Take the screenshots of docs/images from a dashboard filled with the samples: `python scripts/screenshots.py`."""

import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
PORT = 8765
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"]


def main() -> None:
    """Read the samples, start a dashboard on them, and look at its pages in both languages."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "CLAIMSHEET_DATA": folder, "CLAIMSHEET_USER": "analyst"}
        claimsheet = [sys.executable, "-c", "import cli; cli.main()"]
        for command in (["submit", "samples"], ["worker", "--until-idle"]):
            subprocess.run([*claimsheet, *command], cwd=ROOT, env=environment, check=True)
        server = subprocess.Popen([*claimsheet, "serve", "--port", str(PORT)], cwd=ROOT, env=environment)
        try:
            wait()
            look()
        finally:
            server.terminate()
            server.wait()


def wait() -> None:
    """Return when the dashboard answers."""
    for _ in range(120):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{PORT}/api/health", timeout=2).close()
        except OSError:
            time.sleep(0.5)
        else:
            return
    sys.exit("The dashboard does not answer.")


def look() -> None:
    """Save one picture a page and language."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        for language, suffix in (("en-US", ""), ("zh-TW", "_zh")):
            page = browser.new_context(viewport={"width": 1440, "height": 900}, locale=language).new_page()
            for name in ("review", "records"):
                save(page, name, IMAGES / f"{name}{suffix}.png")
        browser.close()


def save(page: Page, name: str, path: Path) -> None:
    """Save one page when it stands still."""
    page.goto(f"http://127.0.0.1:{PORT}/{name}")
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
    page.wait_for_timeout(2000)
    page.screenshot(path=path)


if __name__ == "__main__":
    main()
