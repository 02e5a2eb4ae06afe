"""The truth of one made-up receipt: a person, a visit, fee lines for two payers, totals that add up."""

import datetime as dt
import random
from dataclasses import dataclass, field

from structures import wordings

_DIGITS, _UNITS = "零壹貳參肆伍陸柒捌玖", ("", "拾", "佰", "仟")


@dataclass
class Line:
    """A fee line; 0 where a payer pays nothing."""

    name: str
    english: str = ""
    nhi: int = 0
    own: int = 0
    copay: int = 0
    quantity: int = 1
    days: int = 1
    discount: int = 0


@dataclass
class Facts:
    """What the paper says."""

    header: dict[str, str | dt.date]
    lines: list[Line]
    copayments: list[tuple[str, int]] = field(default_factory=list)
    copay_total: int = 0
    discount: int = 0
    paid: int = 0
    is_stay: bool = False
    title: str = "醫療費用收據"

    @property
    def nhi_total(self) -> int:
        return sum(line.nhi for line in self.lines)

    @property
    def own_total(self) -> int:
        return sum(line.own for line in self.lines)

    @property
    def due(self) -> int:
        return self.own_total + self.copay_total - self.discount


def draw_facts(
    rng: random.Random, count: int, *, split: bool = False, payer: str = "both", long_names: bool = False
) -> Facts:
    """Return a receipt with so many lines; `split`: no line has both payers."""
    is_stay = count > 11 or rng.random() < 0.3
    scale = rng.choice((0.4, 1, 1, 3) if not is_stay else (1, 4, 15, 40))
    lines = [_priced(rng, line, who, scale, split, payer) for line, who in _names(rng, count, payer, long_names)]
    _never_one_sided(rng, lines, payer)
    copayments: list[tuple[str, int]] = []
    if payer != "own" and rng.random() < 0.75:
        kinds = rng.sample(wordings.COPAYMENTS, rng.choice((1, 1, 2, 2, 3)))
        copayments = [(kind, rng.choice((20, 40, 50, 60, 80, 100, 120, 170, 200, 240, 300, 420))) for kind in kinds]
    facts = Facts(_header(rng, is_stay), lines, copayments, sum(amount for _, amount in copayments), is_stay=is_stay)
    if rng.random() < 0.3 and facts.due > 200:
        facts.discount = max(10, facts.due // rng.choice((5, 10, 20)))
    facts.paid = facts.due if rng.random() < 0.85 else facts.due - facts.due // 3
    facts.title = rng.choice(
        [title for title in wordings.TITLES if ("住院" in title) is is_stay or title.startswith("醫療")]
    )
    return facts


def _names(rng: random.Random, count: int, payer: str, long_names: bool) -> list[tuple[Line, str]]:
    own = [(Line(name, english), "self") for name, english in wordings.OWN_FEES]
    rest = [(Line(name, english), who) for name, english, who in wordings.FEES]
    few = min(len(own), max(1, round(count * rng.uniform(0.15, 0.4)))) if payer != "nhi" else 0
    chosen = rng.sample(rest, min(count - few, len(rest)))
    if long_names:
        extra = rng.sample(wordings.LONG_FEES, min(rng.choice((1, 2, 2, 3)), len(chosen)))
        chosen[: len(extra)] = [(Line(name), who) for name, who in extra]
    rng.shuffle(chosen)
    return chosen + rng.sample(own, few)


def _priced(rng: random.Random, line: Line, who: str, scale: float, split: bool, payer: str) -> Line:
    sides = {"nhi": "nhi", "self": "own"}.get(who) or rng.choice(("nhi", "nhi", "own", "both", "both"))
    if payer != "both":
        sides = payer
    if split and sides == "both":
        sides = rng.choice(("nhi", "own"))
    if sides in ("nhi", "both"):
        line.nhi = _money(rng, scale)
    if sides in ("own", "both"):
        line.own = (
            _money(rng, scale * 0.6)
            if who != "self"
            else rng.choice((20, 50, 100, 150, 200, 300, 500, 1200, 2400, 6000))
        )
        while line.own == line.nhi:
            line.own += 5
    if rng.random() < 0.5:
        line.copay = round(line.nhi * 0.1)
    line.quantity, line.days = rng.choice((1, 1, 1, 2, 3, 5)), rng.choice((1, 1, 3, 7, 14))
    line.nhi, line.own = (value and max(1, value // line.quantity) * line.quantity for value in (line.nhi, line.own))
    return line


def _money(rng: random.Random, scale: float) -> int:
    return max(1, round(rng.lognormvariate(6.2, 1.2) * scale))


def _never_one_sided(rng: random.Random, lines: list[Line], payer: str) -> None:
    if payer == "both" and not any(line.nhi for line in lines):
        lines[0].nhi, lines[0].own = rng.randint(100, 999), 0
    if payer == "both" and not any(line.own for line in lines):
        lines[-1].own, lines[-1].nhi = rng.randint(100, 999), 0


def _header(rng: random.Random, is_stay: bool) -> dict[str, str | dt.date]:
    visit = dt.date(2019, 1, 1) + dt.timedelta(days=rng.randrange(2300))
    letter = rng.choice("ABCDEFHKNPT")
    number = f"{rng.choice('12')}{rng.randrange(10**5):05d}***"
    header: dict[str, str | dt.date] = {
        "hospital_name": rng.choice(wordings.HOSPITALS),
        "patient_name": rng.choice(wordings.SURNAMES) + "".join(rng.sample(wordings.GIVEN, 2)),
        "chart_number": f"{rng.randrange(10**7, 10**8)}",
        "department": rng.choice(wordings.DEPARTMENTS),
        "receipt_number": rng.choice(("", "R", "A")) + f"{rng.randrange(10**8, 10**9)}",
    }
    dates: dict[str, str | dt.date] = {"visit_date": visit}
    if is_stay:
        dates = {"admission_date": visit, "discharge_date": visit + dt.timedelta(days=rng.randint(1, 25))}
    header |= dates
    extra: dict[str, str | dt.date] = {
        "patient_category": rng.choice(wordings.CATEGORIES),
        "national_id": letter + number,
        "doctor": rng.choice(wordings.SURNAMES) + "".join(rng.sample(wordings.GIVEN, 2)),
        "visit_sequence": f"{rng.randrange(1, 300):04d}",
        "birth_date": dt.date(1940, 1, 1) + dt.timedelta(days=rng.randrange(25000)),
    }
    for name in rng.sample(sorted(extra), rng.randint(1, 4)):
        header[name] = extra[name]
    return header


def in_words(value: int) -> str:
    """Return an amount in capital numerals, as receipts print it."""
    if value <= 0:
        return "零元整"
    text, high = "", value // 10000
    if high:
        text = _group(high) + "萬" + ("零" if 0 < value % 10000 < 1000 else "")
    return text + _group(value % 10000) + "元整"


def _group(part: int) -> str:
    text, gap = "", False
    for place in range(3, -1, -1):
        digit = part // 10**place % 10
        if digit:
            text += ("零" if gap and text else "") + _DIGITS[digit] + _UNITS[place]
            gap = False
        else:
            gap = True
    return text
