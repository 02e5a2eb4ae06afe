"""A browser tab without a browser."""

import json
from pathlib import Path

from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).resolve().parents[1]
PAGES = {
    "upload": "pages/1_upload.py", "review": "pages/2_review.py", "records": "pages/3_records.py",
    "compare": "pages/4_compare.py", "models": "pages/5_models.py", "try": "pages/6_try.py",
    "fields": "pages/7_fields.py",
}  # fmt: skip


class Screen:
    """A browser tab without a browser."""

    def __init__(self, language: str) -> None:
        self.app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=30)
        self.app.context = {"locale": "zh-TW" if language == "zh-Hant" else "en-US"}
        self.sequence = 0

    def open(self, page: str, **query: str) -> "Screen":
        self.app.run()
        for name, value in query.items():
            self.app.query_params[name] = value
        if page != "overview":
            self.app.switch_page(PAGES[page])
            self.app.run()
        assert not self.app.exception
        assert not self.app.error, self.app.error
        return self

    def desk(self) -> dict:
        """What the desk in the browser was told."""
        return json.loads(next(each for each in self.components() if '"forms"' in each))

    def components(self) -> list[str]:
        return [element.proto.json for element in self.app.get("bidi_component")]

    def act(self, *actions: dict) -> dict:
        """Do as the browser does: send the log so far."""
        record = self.desk()["record"]["id"]
        log = []
        for action in actions:
            self.sequence += 1
            log.append({"sequence": self.sequence, "record": record, **action})
        return self.send({"nonce": "tab", "actions": log})

    def send(self, log: dict) -> dict:
        self.app.session_state["review.desk"] = {"log": log}
        self.app.run()
        assert not self.app.exception
        return self.desk()


def cell(desk: dict, path: str) -> dict:
    """Return a cell of what the desk was told."""
    fields = [field for form in desk["forms"].values() for field in form]
    cells = fields + [each for table in desk["tables"] for row in table["rows"] for each in row]
    return next(each for each in cells if each["path"] == path)
