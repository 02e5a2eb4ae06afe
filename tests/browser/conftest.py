"""A real server on the real reader, and a real Chromium that fails on any request beyond this machine."""

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"]
expect.set_options(timeout=20_000)  # the machine may be busy
READY = "[data-testid=stApp][data-test-script-state=notRunning]"


def pytest_collection_modifyitems(items):
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.timeout(180))


@pytest.fixture(scope="module")  # while Playwright is open an event loop runs, in which DBOS does not start
def chromium():
    if not CHROMIUM.exists():
        if os.environ.get("CLAIMSHEET_REQUIRE_ALL") == "1":
            pytest.fail("/usr/bin/chromium is missing")
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser
        browser.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def records():
    """The records that a module's `fill` put in, by a name of its own."""
    return {}


@pytest.fixture(scope="module")
def fill():
    """What puts work into the data folder before the dashboard starts; a module may have its own."""
    return lambda data: None


@pytest.fixture(scope="module")
def server(tmp_path_factory, chromium, fill):
    """The address of a dashboard of its own."""
    folder, port = tmp_path_factory.mktemp("browser"), free_port()
    fill(folder / "data")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CLAIMSHEET_", "STREAMLIT_"))}
    environment = {**kept, "CLAIMSHEET_DATA": str(folder / "data"), "CLAIMSHEET_USER": "analyst"}
    command = [sys.executable, "-m", "streamlit", "run", "server.py", "--server.port", str(port)]
    with (folder / "server.log").open("w") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT)
        address = f"http://127.0.0.1:{port}"
        try:
            wait_for(address, process, folder / "server.log")
            yield address
        finally:
            process.terminate()
            process.wait(timeout=20)
    assert "page failed" not in (folder / "server.log").read_text()


def wait_for(address, process, log):
    for _ in range(120):
        assert process.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(f"{address}/api/health", timeout=2):  # noqa: S310
                return
        except OSError:
            time.sleep(0.25)
    raise AssertionError("the server did not start: " + log.read_text())


@pytest.fixture
def page(chromium, server):
    """A fresh browser; ends with an error where it asked another machine, or a script of ours failed."""
    context = chromium.new_context(
        base_url=server, viewport={"width": 1440, "height": 900}, locale="en-US", timezone_id="Asia/Taipei"
    )
    page = context.new_page()
    page.set_default_timeout(20_000)
    outside, errors = [], []
    page.on("request", lambda request: outside.append(request.url) if is_outside(request.url) else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if "Content Security" in message.text else None)
    yield page
    context.close()
    assert not outside, outside
    assert not errors, errors


def is_outside(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme not in ("data", "blob") and parts.hostname != "127.0.0.1"


class Screen:
    """What a person does on the pages, in a person's words."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def open(self, path: str) -> None:
        self.page.goto(path)
        self.page.wait_for_selector(READY)

    def open_record(self, record: str) -> None:
        self.open(f"/review?record={record}")
        self.page.wait_for_selector(".desk .name:not(:empty)")

    def record(self) -> str:
        return re.search(r"record=(\w+)", self.page.url)[1]

    def cell(self, path: str):
        return self.page.locator(f".desk .entry[data-path='{path}']")

    def focused(self) -> str:
        return self.page.evaluate(
            "() => { let at = document.activeElement; while (at?.shadowRoot) at = at.shadowRoot.activeElement;"
            " return at?.dataset?.path ?? ''; }"
        )

    def wait_until_saved(self) -> None:
        expect(self.page.locator(".desk .saved:not(.busy)")).to_contain_text("●")


@pytest.fixture
def screen(page):
    return Screen(page)
