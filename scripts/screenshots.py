"""Take the screenshots of docs/images from a dashboard filled with the samples: `python scripts/screenshots.py`."""

import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from review.workflow import Change, open_workspace  # noqa: E402 - found by the line above
from settings import Settings  # noqa: E402

IMAGES = ROOT / "docs" / "images"
PORT = 8765
SHOWN = "ruled_table.jpg"
TYPED = [Change("department", "家醫科"), Change("items.1.self_pay_amount", "1,250")]
"""What a person is taken to have typed, so that there is something to compare."""
COMMENT = "收據章蓋住了最後一列，已對照正本。"
PAGES = ("review", "compare", "fields", "records")
KEYS = "keys"
"""Of the review screen with the list of keys open."""
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"]


def main() -> None:
    """Read the samples, start a dashboard on them, and look at its pages in both languages, light and dark."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "CLAIMSHEET_DATA": folder, "CLAIMSHEET_USER": "analyst"}
        claimsheet = [sys.executable, "-c", "import cli; cli.main()"]
        for command in (["submit", "samples"], ["worker", "--until-idle"]):
            subprocess.run([*claimsheet, *command], cwd=ROOT, env=environment, check=True)
        record = correct(Path(folder))
        server = subprocess.Popen([*claimsheet, "serve", "--port", str(PORT)], cwd=ROOT, env=environment)
        try:
            wait()
            with sync_playwright() as playwright:
                look(playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS), record)
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


def correct(folder: Path) -> str:
    """Type into one of the samples and return its record."""
    workspace = open_workspace(Settings(data=folder))
    record = next(each for each in workspace.records() if each.name == SHOWN)
    workspace.correct(record.id, record.version, TYPED, "analyst")
    workspace.release(record.id, "analyst")
    workspace.comment(record.id, COMMENT, "lin")
    workspace.close()
    return record.id


def look(browser: Browser, record: str) -> None:
    """Save one picture a page, language and theme: `review_zh_dark.png`."""
    for language, suffix in (("en-US", ""), ("zh-TW", "_zh")):
        for ending in ("", "_dark"):
            context = browser.new_context(
                viewport={"width": 1440, "height": 900}, locale=language, timezone_id="Asia/Taipei",
                color_scheme="dark" if ending else "light",
            )  # fmt: skip
            page = context.new_page()
            for name in PAGES:
                query = f"?record={record}" if name in ("review", "compare") else ""
                save(page, name + query, IMAGES / f"{name}{suffix}{ending}.png")
            page.goto(f"http://127.0.0.1:{PORT}/review?record={record}")
            page.wait_for_selector(".desk .name:not(:empty)")
            page.keyboard.press("F1")
            page.wait_for_selector("dialog.help[open]")
            page.wait_for_timeout(1000)
            page.screenshot(path=IMAGES / f"{KEYS}{suffix}{ending}.png")
            context.close()
    browser.close()


def save(page: Page, address: str, path: Path) -> None:
    """Save one page when it stands still."""
    page.set_default_timeout(180_000)  # the machine may be busy
    page.goto(f"http://127.0.0.1:{PORT}/{address}")
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
    page.wait_for_timeout(4000)
    page.screenshot(path=path)


if __name__ == "__main__":
    main()
