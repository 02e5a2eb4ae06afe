"""How fast the review screen feels: keys pressed in a real Chromium, timed until what they ask for is painted."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from review.bench.desk_work import USER, put_receipts
from review.bench.stored import Timed
from settings import Settings

if TYPE_CHECKING:
    from playwright.sync_api import Page

ROOT = Path(__file__).parents[2]
LIMITS = {"focus": 0.15, "edit": 0.3, "next": 0.5}
"""Seconds that most key presses may take (p95) until the screen shows what they ask for."""
_SCRIPT = Path(__file__).with_name("desk.js")
_FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"]
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_START_SECONDS = 90
_PAUSE = 0.25
"""Seconds between two keys: a person looks before they press."""


class NoBrowserError(Exception):
    """There is no Chromium here, or nothing that drives it."""


def measure_desk(rounds: int, seed: int = 7) -> Iterator[Timed]:
    """Yield how long each kind of key press takes on a dashboard of its own."""
    browser = find_browser()
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data=Path(folder) / "data")
        put_receipts(settings, rounds + 2, Random(seed))  # noqa: S311 - the same receipts each time
        with _dashboard(Path(folder)) as address, _page(browser, address) as page:
            _open(page, "/review")
            yield _timed("focus", _focus(page, rounds))
            yield _timed("edit", _edit(page, rounds))
            _open(page, "/review")
            yield _timed("next", _next(page, rounds))


def find_browser() -> str:
    """Return the program; NoBrowserError where it or Playwright is missing."""
    found = next(filter(None, map(shutil.which, _BROWSERS)), None)
    try:
        import playwright.sync_api  # noqa: F401 - a tool of development: not every installation has it
    except ImportError as error:
        raise NoBrowserError from error
    if found is None:
        raise NoBrowserError
    return found


def _timed(action: str, milliseconds: list[float]) -> Timed:
    return Timed(action, tuple(each / 1000 for each in milliseconds), ())


@contextmanager
def _dashboard(folder: Path) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CLAIMSHEET_", "STREAMLIT_"))}
    environment = {**kept, "CLAIMSHEET_DATA": str(folder / "data"), "CLAIMSHEET_USER": USER}
    command = [sys.executable, "-m", "streamlit", "run", "server.py", "--server.port", str(port)]
    with (folder / "server.log").open("w") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT)
        try:
            yield _wait(f"http://127.0.0.1:{port}", process)
        finally:
            process.terminate()
            process.wait(timeout=30)


def _wait(address: str, process: "subprocess.Popen[bytes]") -> str:
    give_up = time.monotonic() + _START_SECONDS
    while time.monotonic() < give_up and process.poll() is None:
        try:
            urllib.request.urlopen(f"{address}/api/health", timeout=2).close()  # noqa: S310 - our own address
        except OSError:
            time.sleep(0.25)
        else:
            return address
    raise RuntimeError("the dashboard does not start")


@contextmanager
def _page(browser: str, address: str) -> "Iterator[Page]":
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser, args=_FLAGS)
        page = chromium.new_page(base_url=address, viewport={"width": 1440, "height": 900}, locale="en-US")
        page.set_default_timeout(60_000)
        page.add_init_script(path=_SCRIPT)
        try:
            yield page
        finally:
            chromium.close()


def _open(page: "Page", path: str) -> None:
    page.goto(path)
    page.wait_for_function("() => claimsheetBench.ready()")
    time.sleep(1)


def _press(page: "Page", kind: str, key: str, **wanted: Any) -> float:  # noqa: ANN401 - JSON
    page.evaluate("([kind, wanted]) => claimsheetBench.arm(kind, wanted)", [kind, wanted])
    page.keyboard.press(key)
    page.wait_for_function("() => claimsheetBench.result !== null")
    seconds: float = page.evaluate("() => claimsheetBench.result")
    time.sleep(_PAUSE)
    return seconds


def _focus(page: "Page", rounds: int) -> list[float]:
    cells: list[str] = page.evaluate("() => claimsheetBench.cells()")
    with_box = [path for path in cells if "copayment" not in path]
    page.evaluate("path => claimsheetBench.focus(path)", with_box[0])
    taken: list[float] = []
    for path in cells[1:]:
        if len(taken) == rounds + 1:
            break
        if path in with_box:
            taken.append(_press(page, "focus", "Tab", path=path))
        else:
            page.keyboard.press("Tab")
            time.sleep(_PAUSE)
    return taken[1:]


def _edit(page: "Page", rounds: int) -> list[float]:
    taken = []
    for number in range(rounds + 1):
        path = f"items.{number % 40}.self_pay_amount"
        page.evaluate("path => claimsheetBench.focus(path)", path)
        page.keyboard.type(f"{1000 + number}")
        time.sleep(_PAUSE)
        taken.append(_press(page, "edit", "Tab", path=path))
    return taken[1:]


def _next(page: "Page", rounds: int) -> list[float]:
    taken = []
    for _ in range(rounds + 1):
        record = page.evaluate("() => claimsheetBench.record()")
        taken.append(_press(page, "next", "Enter", record=record))
        time.sleep(1)  # a person looks at the document
    return taken[1:]


def to_json(taken: Sequence[Timed], load: float) -> dict[str, object]:
    """Return the figures as JSON takes them."""
    figures = {
        each.action: {
            "p50": round(each.median * 1000),
            "p95": round(each.p95 * 1000),
            "limit": LIMITS[each.action] * 1000,
        }
        for each in taken
    }
    return {"rounds": len(taken[0].seconds), "load": round(load, 1), "cores": os.cpu_count(), "milliseconds": figures}
