"""The routes beside the pages: signed images, uploads that break a limit, headers."""

import re
import stat
from urllib.parse import urlencode

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from stored_work import picture, receipt

import server
from review.components import assets, resources
from review.pictures import SMALL, WHOLE
from review.signing import Signer, signer_of
from review.uploads import Staging, safe_name
from schemas.layout import BoundingBox, TextLine
from settings import Limits

UPLOAD = "0123456789abcdef" * 2
LINE = TextLine(text="1,200", box=BoundingBox(0.1, 0.1, 0.9, 0.9))
PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 100


@pytest.fixture
def client(work):
    with TestClient(Starlette(routes=server.ROUTES, middleware=server.MIDDLEWARE)) as client:
        yield client


def put(client, content, *, number="0", name="a.png", upload=UPLOAD):
    address = resources.signer().sign(f"/api/uploads/{upload}")
    return client.put(address, content=content, headers={"x-file-number": number, "x-file-name": name})


def staged(work):
    return [(name, path.read_bytes()) for name, path in Staging(work.settings.data, Limits()).files(UPLOAD)]


def test_page_image_needs_a_signature_of_its_own_path(work, client):
    first, second = work.add(receipt(), receipt())
    address = resources.signer().sign(f"/api/pages/{first}/0.jpg")
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer.content[:3] == b"\xff\xd8\xff"
    assert answer.headers["cache-control"].startswith("private")
    assert client.get(address.replace(first, second)).status_code == 403
    assert client.get(address.split("?")[0]).status_code == 403
    assert client.get(resources.signer().sign(f"/api/pages/{first}/7.jpg")).status_code == 404


def test_picture_of_an_attempt_comes_in_two_sizes_and_is_kept_by_the_browser(work, client, monkeypatch):
    record = work.workspace.record(work.add(receipt())[0])
    monkeypatch.setattr(resources, "is_served", lambda: True)
    small, whole = (resources.picture_address(record, 0, side) for side in (SMALL, WHOLE))
    answer = client.get(small)
    assert answer.status_code == 200
    assert "immutable" in answer.headers["cache-control"]
    assert client.get(whole).content == work.workspace.page_image(record.id, 0)
    assert client.get(small.replace("/1-0-", "/2-0-")).status_code == 403
    assert client.get(resources.signer().sign(f"/api/pictures/{record.id}/1-7-0.jpg")).status_code == 404


def test_picture_of_what_was_not_read_yet_has_an_address_of_its_own(work, client, monkeypatch):
    monkeypatch.setattr(resources, "is_served", lambda: True)
    work.workspace.submit([("a.png", picture())], user="ann")
    record = work.workspace.record(work.workspace.records()[0].id)
    address = resources.picture_address(record, 0, SMALL)
    assert f"/{record.id}/0-0-" in address
    assert client.get(address).headers["content-type"] == "image/jpeg"


def test_browser_code_comes_from_an_address_that_changes_with_it(client, monkeypatch):
    monkeypatch.setattr(assets, "is_served", lambda: True)
    monkeypatch.setattr(assets, "CODE", {})
    loader = assets._loaded("export default 1;\n")
    address = re.search(r"/api/code/\w+\.js", loader)[0]
    answer = client.get(address)
    assert (answer.text, answer.headers["content-type"]) == ("export default 1;\n", "text/javascript; charset=utf-8")
    assert client.get("/api/code/0.js").status_code == 404


def test_part_of_a_page_is_read_with_a_signature_only(work, client, monkeypatch):
    record = work.workspace.record(work.add(receipt())[0])
    monkeypatch.setattr(resources, "is_served", lambda: True)
    monkeypatch.setattr("extraction.ocr.OcrEngine.read", lambda *_, **__: [LINE])
    address = resources.region_address(record)
    asked = {"page": "0", "box": "2000-4000-5000-4400", "type": "medical_receipt", "path": "self_pay_total"}
    query = urlencode(asked)
    assert client.get(f"{address}&{query}").json()["text"] == "1,200"
    assert client.get(f"{address.split('?')[0]}?{query}").status_code == 403
    for wrong in ({"page": "7"}, {"box": "whole"}, {"box": "1-2"}, {"path": "x"}, {"type": "x"}):
        assert client.get(f"{address}&{urlencode(asked | wrong)}").status_code == 404


def test_signature_expires_and_stays_the_same_for_minutes(monkeypatch):
    signer = Signer(b"k" * 32)
    monkeypatch.setattr("time.time", lambda: 1_000_000.0)
    address = signer.sign("/a")
    monkeypatch.setattr("time.time", lambda: 1_000_100.0)
    assert signer.sign("/a") == address
    expiry, signature = (part.split("=")[1] for part in address.split("?")[1].split("&"))
    assert signer.check("/a", expiry, signature)
    assert not signer.check("/a", str(int(expiry) + 1), signature)
    assert not Signer(b"l" * 32).check("/a", expiry, signature)
    monkeypatch.setattr("time.time", lambda: 2_000_000.0)
    assert not signer.check("/a", expiry, signature)
    assert not signer.check("/a", "x", None)


def test_key_is_made_once_and_only_its_owner_reads_it(tmp_path):
    address = signer_of(tmp_path).sign("/a")
    assert signer_of(tmp_path).sign("/a") == address
    assert stat.S_IMODE((tmp_path / "signing.key").stat().st_mode) == 0o600


def test_upload_streams_to_disk_under_a_name_of_ours(work, client):
    assert put(client, PNG, name="..%2F..%2Fetc%2F%E6%94%B6%E6%93%9A.png").status_code == 201
    assert staged(work) == [("收據.png", PNG)]
    inside = {path.name for path in (work.settings.data / "uploads" / UPLOAD).iterdir()}
    assert inside == {"000000", "000000.json"}


@pytest.mark.parametrize(
    ("content", "number", "status", "code"),
    [
        (b"<html>" * 20, "0", 415, "unsupported_format"),
        (b"", "0", 415, "empty_file"),
        (b"\x89P", "0", 415, "unsupported_format"),
        (PNG, "500", 413, "too_many_files"),
        (PNG, "../1", 403, "not_signed"),
        (PNG, "١", 403, "not_signed"),
    ],
)
def test_upload_that_breaks_a_rule_is_refused_and_leaves_nothing(work, client, content, number, status, code):
    answer = client.put(
        resources.signer().sign(f"/api/uploads/{UPLOAD}"),
        content=content,
        headers=[(b"x-file-number", number.encode()), (b"x-file-name", b"a.png")],
    )
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert staged(work) == []
    assert not list((work.settings.data / "uploads").rglob("*.part"))


def test_upload_is_cut_off_at_the_limit_while_it_streams(work, client, monkeypatch):
    monkeypatch.setattr(resources.settings().limits, "bytes", 1000)
    pieces = (PNG for _ in range(20))  # no length is announced
    assert put(client, pieces).status_code == 413
    assert put(client, PNG * 20).status_code == 413
    assert staged(work) == []


def test_upload_without_a_signature_is_refused(work, client):
    assert client.put(f"/api/uploads/{UPLOAD}", content=PNG).status_code == 403
    assert client.put(resources.signer().sign("/api/uploads/..%2Fx"), content=PNG).status_code in (403, 404)


def test_every_answer_carries_the_security_headers(work, client):
    headers = client.get("/api/health").headers
    assert client.get("/api/health").json() == {"status": "ok"}
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "unsafe-eval" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"


def test_picture_of_a_document_that_was_never_read_is_its_original(work, client):
    work.workspace.submit([("a.png", picture())], user="ann")
    record = work.workspace.records()[0].id
    answer = client.get(resources.signer().sign(f"/api/pages/{record}/0.jpg"))
    assert answer.headers["content-type"] == "image/png"
    assert answer.content == picture()


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../x.jpg", "x.jpg"),
        ("C:\\scans\\y.pdf", "y.pdf"),
        ("..", "file"),
        ("", "file"),
        ("a\x00\n\x1b[2Jb.png", "a[2Jb.png"),
        ("台" * 300 + ".jpg", "台" * 116 + ".jpg"),
    ],
)
def test_names_hold_nothing_that_a_path_or_terminal_acts_on(name, safe):
    assert safe_name(name) == safe


def test_uploads_left_behind_are_swept_after_a_day(work, client, monkeypatch):
    put(client, PNG)
    staging = Staging(work.settings.data, Limits())
    staging.sweep()
    assert staged(work)
    import time

    later = time.time() + 2 * 24 * 3600
    monkeypatch.setattr("review.uploads.time.time", lambda: later)
    staging.sweep()
    assert staged(work) == []
