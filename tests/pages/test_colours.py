"""Every colour of the screens is declared once, light and dark, and can be read in both."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "review" / "components"
THEMES = ("light", "dark")
TEXT, SHAPE = 4.5, 3.0  # WCAG 2.2 AA: 1.4.3 for text, 1.4.11 for what shows a control or its focus
SURFACES = ("page", "card", "shade", "head", "still")
ON_ALL_SURFACES = ("text", "dim", "soft")
TEXT_PAIRS = [
    *((front, back) for front in ON_ALL_SURFACES for back in SURFACES),
    *(("text", f"{level}-{depth}") for level in ("error", "warning") for depth in ("back", "soft")),
    *(("text", f"{column}-{part}") for column in ("nhi", "copayment", "self-pay") for part in ("head", "back")),
    *(("dim", back) for back in ("accent-soft", "neutral-back", "error-soft", "warning-soft")),
    *(("soft", back) for back in ("accent-soft", "error-soft", "warning-soft")),
    *(("accent", back) for back in ("page", "card", "accent-soft", "accent-back", "error-soft", "warning-soft")),
    *((f"{level}-text", back) for level in ("error", "warning", "info") for back in (f"{level}-back", "card")),
    ("error-text", "error-soft"), ("warning-text", "warning-soft"), ("good", "good-back"), ("good", "page"),
    ("warning-text", "page"), ("text", "accent-soft"), ("text", "accent-back"), ("on-box", "box-plain"),
    ("on-box", "box-error"), ("on-box", "box-warning-text"), ("on-box", "box-info"), ("on-box", "box-here"),
]  # fmt: skip
SHAPE_PAIRS = [
    *((front, "card") for front in ("edge", "mark", "accent", "error", "warning", "info")),
    *(("accent", back) for back in (*SURFACES, "error-back", "warning-back")),
    *(("box-" + name, "paper") for name in ("plain", "error", "warning", "info", "here")),
]


def declared(theme: str) -> dict[str, str]:
    text = (FOLDER / "theme.css").read_text(encoding="utf-8")
    found = dict(re.findall(r"--([\w-]+): (#[0-9A-F]{6});", text))
    for name, light, dark in re.findall(r"--([\w-]+): light-dark\((#[0-9A-F]{6}), (#[0-9A-F]{6})\);", text):
        found[name] = light if theme == "light" else dark
    return found


def luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def used_pairs() -> set[tuple[str, str]]:
    """Return each pair of text and background that one rule of a stylesheet sets."""
    pairs = set()
    for path in FOLDER.glob("*.css"):
        for rule in re.findall(r"\{([^{}]*)\}", path.read_text(encoding="utf-8")):
            front = re.search(r"(?<![\w-])color: var\(--([\w-]+)\)", rule)
            back = re.search(r"(?<![\w-])background(?:-color)?: var\(--([\w-]+)\)", rule)
            if front and back:
                pairs.add((front[1], back[1]))
    return pairs


@pytest.mark.parametrize("theme", THEMES)
def test_text_can_be_read_on_every_background_it_stands_on(theme):
    colours = declared(theme)
    pairs = [*TEXT_PAIRS, *(pair for pair in used_pairs() if "c" not in pair)]
    weak = {pair: round(contrast(*(colours[name] for name in pair)), 2) for pair in pairs
            if contrast(*(colours[name] for name in pair)) < TEXT}  # fmt: skip
    assert not weak


@pytest.mark.parametrize("theme", THEMES)
def test_edges_marks_and_focus_can_be_seen(theme):
    colours = declared(theme)
    weak = {pair: round(contrast(*(colours[name] for name in pair)), 2) for pair in SHAPE_PAIRS
            if contrast(*(colours[name] for name in pair)) < SHAPE}  # fmt: skip
    assert not weak


def test_no_other_stylesheet_names_a_colour():
    for path in FOLDER.glob("*.css"):
        if path.name != "theme.css":
            text = path.read_text(encoding="utf-8")
            assert not re.findall(r"#[0-9A-Fa-f]{3,8}\b|rgba?\(|hsla?\(", text), path.name
            used = set(re.findall(r"var\(--([\w-]+)", text))
            own = set(re.findall(r"--([\w-]+):", text)) | {"backdrop", "shadow", "zoom"}
            unknown = {name for name in used if not name.startswith("st-")} - set(declared("light")) - own
            assert not unknown, f"{path.name}: {unknown}"


@pytest.mark.parametrize("theme", THEMES)
def test_streamlit_itself_has_the_same_colours(theme):
    ours, theirs = declared(theme), tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    same = {"primaryColor": "accent", "backgroundColor": "page", "secondaryBackgroundColor": "card",
            "textColor": "text", "borderColor": "line", "linkColor": "accent"}  # fmt: skip
    assert {option: theirs["theme"][theme][option] for option in same} == {
        option: ours[name] for option, name in same.items()
    }
    assert "base" not in theirs["theme"]  # the browser's wish decides
