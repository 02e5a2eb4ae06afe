"""The rules of the house that a reader of one file cannot see: who imports whom, and how big things may grow."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("schemas", "extraction", "storage", "review", "pages")
MODULES = ("cli", "server", "settings", "streamlit_app")
ALLOWED = {
    "schemas": {"schemas"},
    "extraction": {"schemas", "extraction", "settings"},
    "storage": {"schemas", "storage", "settings"},
    "review": {"schemas", "extraction", "storage", "review", "settings"},
    "pages": {"schemas", "review", "settings"},
    "settings": set(),
    "cli": {"schemas", "extraction", "review", "settings"},
    "server": {"review", "settings"},
    "streamlit_app": {"schemas", "review", "settings"},
}
"""Who may import whom. `review/workflow.py` is where extraction and storage meet, so `review` may know both."""


def sources(package: str) -> list[Path]:
    """Return the Python files of a package or the one of a module."""
    folder = ROOT / package
    return sorted(folder.rglob("*.py")) if folder.is_dir() else [ROOT / f"{package}.py"]


def imported(path: Path) -> set[str]:
    """Return the top-level names that a file imports, wherever in it."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names.add((node.module or "").split(".")[0])
    return names


@pytest.mark.parametrize("package", ALLOWED)
def test_imports_run_one_way(package):
    ours = set(ALLOWED)
    for path in sources(package):
        wrong = (imported(path) & ours) - ALLOWED[package]
        assert not wrong, f"{path.relative_to(ROOT)} may not import {sorted(wrong)}"


def test_streamlit_stays_in_the_screens():
    screens = (ROOT / "pages", ROOT / "review" / "components", ROOT / "streamlit_app.py", ROOT / "server.py")
    for package in ALLOWED:
        for path in sources(package):
            if not any(path == screen or screen in path.parents for screen in screens):
                assert "streamlit" not in imported(path), f"{path.relative_to(ROOT)} imports streamlit"


def test_files_and_functions_stay_small():
    limits = {"pages": 80}
    for package in ALLOWED:
        for path in sources(package):
            lines = path.read_text(encoding="utf-8").splitlines()
            assert len(lines) <= limits.get(package, 400), f"{path.relative_to(ROOT)} has {len(lines)} lines"
            for node in ast.walk(ast.parse("\n".join(lines))):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    length = (node.end_lineno or node.lineno) - node.lineno + 1
                    assert length <= 50, f"{path.relative_to(ROOT)}: {node.name} has {length} lines"


def catches_everything(caught: ast.expr | None) -> bool:
    kinds = caught.elts if isinstance(caught, ast.Tuple) else [caught]
    return any(
        kind is None or (isinstance(kind, ast.Name) and kind.id in ("Exception", "BaseException")) for kind in kinds
    )


def test_only_three_places_catch_everything():
    """A job, a page, and a rule: rules may be an office's own code, and nobody can list what that raises."""
    allowed = {"review/queue.py", "review/components/page_frame.py", "extraction/validation/apart.py"}
    for package in ALLOWED:
        for path in sources(package):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.ExceptHandler):
                    name = path.relative_to(ROOT).as_posix()
                    assert not catches_everything(node.type) or name in allowed, (
                        f"{name}:{node.lineno} catches everything"
                    )
