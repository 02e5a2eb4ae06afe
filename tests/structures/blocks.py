"""The blocks around a table: title and header, totals, notes, stamps."""

import datetime as dt
import random

from structures import wordings
from structures.canvas import Canvas
from structures.facts import Facts, in_words


def draw_date(rng: random.Random) -> str:
    """Return a form in which a document prints its dates."""
    return rng.choice(
        ("slash", "slash", "words", "minus", "dots", "ad-slash", "ad-minus", "full", "compact", "ad-compact")
    )


def as_date(value: dt.date, form: str) -> str:
    """Return a date as printed, ROC or AD."""
    roc = value.year - 1911
    return {
        "slash": f"{roc}/{value:%m/%d}",
        "words": f"{roc}年{value:%m月%d日}",
        "minus": f"{roc}-{value:%m-%d}",
        "dots": f"{roc}.{value:%m.%d}",
        "ad-slash": f"{value:%Y/%m/%d}",
        "ad-minus": f"{value:%Y-%m-%d}",
        "full": f"民國{roc}年{value.month}月{value.day}日",
        "compact": f"{roc}{value:%m%d}",
        "ad-compact": f"{value:%Y%m%d}",
    }[form]


def header(
    canvas: Canvas, facts: Facts, rng: random.Random, *, columns: int | None = None, english: bool = False
) -> float:
    """Print title and header fields from the top; return the height below."""
    size, y = canvas.style.size, 40.0
    place, anchor = rng.choice(((canvas.style.width / 2, "mm"), (canvas.style.width / 2, "mm"), (canvas.left, "lm")))
    big = min(
        round(size * 1.6),
        int(size * (canvas.right - canvas.left) / canvas.measure(str(facts.header["hospital_name"]), size)),
    )
    y += big / 2
    canvas.text(place, y, str(facts.header["hospital_name"]), anchor=anchor, size=big, form=True, path="hospital_name")
    y += big / 2 + size * 1.2
    canvas.text(place, y, facts.title, anchor=anchor, size=round(size * 1.15), form=True)
    y += size * 1.6
    cells = [(name, *_labelled(name, value, rng, english)) for name, value in _fields(facts, rng).items()]
    colon = rng.choice(("：", ":", "：", " ", ": "))
    columns = columns or rng.choice((2, 3, 3, 4))
    widths = [canvas.measure(label + colon + text) + size for _, label, text in cells]
    while columns > 1 and max(widths) > (canvas.right - canvas.left) / columns:
        columns -= 1
    step, is_boxed = size * rng.uniform(1.5, 1.8), rng.random() < 0.2
    width, left = (canvas.right - canvas.left) / columns, canvas.left + (size * 0.4 if is_boxed else 0)
    lines = -(-len(cells) // columns)
    for index, (name, label, text) in enumerate(cells):
        x, at = left + (index % columns) * width, y + (index // columns) * step
        end = canvas.text(x, at, label + colon, form=True)[2]
        canvas.text(max(end, x + canvas.measure(label + colon, face=canvas.style.form)), at, text, path=name)
    if is_boxed:
        _boxes(canvas, y - step / 2, lines, step, columns)
    return y + lines * step + size * 0.3


def _boxes(canvas: Canvas, top: float, lines: int, step: float, columns: int) -> None:
    """Rule a grid of boxes over the whole width."""
    for line in range(lines + 1):
        canvas.rule(canvas.left, top + line * step, canvas.right, top + line * step)
    for column in range(columns + 1):
        x = canvas.left + column * (canvas.right - canvas.left) / columns
        canvas.rule(x, top, x, top + lines * step)


def _fields(facts: Facts, rng: random.Random) -> dict[str, str | dt.date]:
    names = [name for name in facts.header if name != "hospital_name"]
    first, rest = names[:1], names[1:]
    if rng.random() < 0.5:
        rng.shuffle(rest)
    return {name: facts.header[name] for name in (*first, *rest)}


def _labelled(name: str, value: str | dt.date, rng: random.Random, english: bool) -> tuple[str, str]:
    label = rng.choice(wordings.LABELS[name])
    if english:
        label += " " + wordings.GLOSSES[name]
    form = getattr(rng, "date_form", "slash")
    return label, as_date(value, form) if isinstance(value, dt.date) else value


def totals(
    canvas: Canvas, facts: Facts, rng: random.Random, y: float, truth: dict[str, str], *, skip: tuple[str, ...] = ()
) -> float:
    """Print the totals and put what was printed into the truth; return the height below."""
    values = {
        "nhi_total": facts.nhi_total,
        "copayment_total": facts.copay_total,
        "self_pay_total": facts.own_total,
        "discount": facts.discount,
        "amount_due": facts.due,
        "amount_paid": facts.paid,
    }
    if facts.paid != facts.due:
        values["balance"] = facts.due - facts.paid
    always = {"discount", "balance", "copayment_total"}
    shown = [name for name, value in values.items() if name not in skip and (value if name in always else True)]
    size, style = canvas.style.size, canvas.style
    columns = rng.choice((1, 2, 3, 3)) if style.width > 800 else 1
    step, colon = size * 1.6, rng.choice(("：", ":", "：", " "))
    y += size * 1.5
    if rng.random() < 0.15:
        _boxes(canvas, y - step / 2, -(-len(shown) // columns), step, columns)
    for index, name in enumerate(shown):
        label = rng.choice(wordings.TOTAL_LABELS[name])
        unit = "點" if name == "nhi_total" else "元"
        text = style.amount(values[name], unit) or "0"
        x = canvas.left + size * 0.2 + (index % columns) * (canvas.right - canvas.left) / columns
        at = y + (index // columns) * step
        end = canvas.text(x, at, label + colon, form=True)[2]
        canvas.text(max(end, x + size * rng.choice((0, 0, 0, 6.5))) + size * 0.3, at, text, path=name)
        truth[name] = str(values[name])
    y += -(-len(shown) // columns) * step
    if rng.random() < 0.3:
        canvas.text(canvas.left, y, "新臺幣：", form=True)
        canvas.text(canvas.left + size * 4.3, y, in_words(facts.paid), path="amount_in_words")
        y += step
    return y


def copayment_lines(canvas: Canvas, facts: Facts, y: float) -> tuple[float, list[dict[str, str]]]:
    """Print the copayments by kind, two a row; return the height below and their truth."""
    size, found = canvas.style.size, []
    columns = 2 if canvas.style.width > 800 else 1
    for index, (name, amount) in enumerate(facts.copayments):
        x = canvas.left + (index % columns) * (canvas.right - canvas.left) / columns
        at = y + size * 1.3 + (index // columns) * size * 1.6
        end = canvas.text(x, at, name + "：", form=True, path=f"copayments.{index}.name")[2]
        canvas.text(end + size * 0.3, at, canvas.style.amount(amount, "元"), path=f"copayments.{index}.amount")
        found.append({"name": name, "amount": str(amount)})
    return y + -(-len(facts.copayments) // columns) * size * 1.6, found


def notes(canvas: Canvas, rng: random.Random, y: float) -> float:
    """Print the small print and who took the money; return the height below."""
    small = max(13, round(canvas.style.size * 0.75))
    y += canvas.style.size
    for text in rng.sample(wordings.NOTES, rng.randint(1, 4)):
        canvas.text(canvas.left, y, text, size=small, form=True)
        y += small * 1.6
    clerk = rng.choice(wordings.SURNAMES) + "".join(rng.sample(wordings.GIVEN, 2))
    canvas.text(canvas.left, y, rng.choice(("收費員：", "經手人：", "收款人：")) + clerk, size=small)
    return y + small * 1.6


def marks(canvas: Canvas, rng: random.Random, top: float, bottom: float, *, heavy: bool) -> None:
    """Press stamps over the page and leave marks of a pen."""
    for _ in range(rng.choice((0, 1, 1, 1)) + heavy):
        canvas.stamp(rng, rng.uniform(0.45, 0.85) * canvas.style.width, rng.uniform(top, bottom), rng.randint(130, 210))
    if rng.random() < (0.6 if heavy else 0.12):
        canvas.scribble(rng, rng.uniform(0.1, 0.7) * canvas.style.width, bottom + canvas.style.size)
