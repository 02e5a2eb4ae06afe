"""Structures that the reader is developed with. Each puts tables together in a way, by random choices."""

import random
from collections.abc import Sequence
from dataclasses import replace

from structures import wordings
from structures.document import Document, Maker
from structures.facts import Line, draw_facts
from structures.tables import Cell, Column, Row


def single(rng: random.Random, **options: bool) -> Document:
    """One table, payers in either order, columns between them, subtotals, heads of many forms."""
    make = Maker(rng, "single", **options)
    facts = draw_facts(rng, rng.randint(5, 18), long_names=rng.random() < 0.25)
    y = make.begin(facts)
    columns = _columns(make)
    heads = "turned" if rng.random() < 0.12 and not any(column.group for column in columns) else "top"
    english = "beside" if rng.random() < 0.1 else ""
    rows = [make.line_row(line, columns, english) for line in facts.lines]
    if rng.random() < 0.25 and len(rows) > 6:
        rows = _with_subtotals(make, columns, facts.lines, rows)
    grand = rng.random() < 0.5
    if grand:
        rows.append(make.sum_row(columns, facts.lines, rng.choice(wordings.SUM_ROWS[:3]), is_grand=True))
    y = make.table(columns, rows, y, heads=heads)
    keys = {column.key for column in columns}
    if "copay" in keys:
        facts.copayments, facts.copay_total = [], sum(line.copay for line in facts.lines)
        facts.paid = facts.due
    skip = ("nhi_total", "self_pay_total") if grand and rng.random() < 0.5 else ()
    return make.finish(y, skip=skip)


def _columns(make: Maker) -> list[Column]:
    """Return name, the payers in either order, and what may stand between them."""
    rng = make.rng
    style = rng.choice(("plain", "plain", "plain", "grouped", "between"))
    payers = [make.payer_column("nhi"), make.payer_column("own")]
    if rng.random() < 0.3:
        payers.append(make.payer_column("copay"))
    if style == "grouped":
        payers = [
            replace(
                payers[0], group=rng.choice(("健保", "健保給付")), heads=(rng.choice(("點數", "金額", "申報點數")),)
            ),
            replace(payers[1], group=rng.choice(("自費", "自付")), heads=(rng.choice(("金額", "費用", "應繳金額")),)),
        ]
    if rng.random() < 0.35:
        payers.reverse()
    if style == "between":
        payers[1:1] = _extras(make, rng.choice((0, 1)))
    before = _extras(make, rng.choice((0, 1, 2))) if style != "grouped" and rng.random() < 0.35 else []
    after = [Column("sum", (rng.choice(wordings.SUM_HEADS),), 1.2, make.style.align)] if rng.random() < 0.15 else []
    code = [Column("code", (rng.choice(wordings.CODE_HEADS),), 0.5, "center")] if rng.random() < 0.12 else []
    return [*code, make.name_column(), *before, *payers, *after]


def _extras(make: Maker, count: int) -> list[Column]:
    heads = {"quantity": wordings.QUANTITY_HEADS, "price": wordings.PRICE_HEADS, "days": wordings.DAY_HEADS}
    keys = make.rng.sample(sorted(heads), count)
    return [Column(key, (make.rng.choice(heads[key]),), 0.8, make.style.align) for key in keys]


def _with_subtotals(make: Maker, columns: Sequence[Column], lines: Sequence[Line], rows: Sequence[Row]) -> list[Row]:
    cut = len(rows) // 2
    parts = [(lines[:cut], rows[:cut]), (lines[cut:], rows[cut:])]
    found: list[Row] = []
    label = make.rng.choice(wordings.PART_ROWS[:2])
    for part, its_rows in parts:
        found += [*its_rows, make.sum_row(columns, part, label, is_grand=False)]
    return found


def clinic(rng: random.Random, **options: bool) -> Document:
    """NHI items | points | self-pay items | amount: a row's halves have nothing to do with each other."""
    make = Maker(rng, "clinic", **options)
    facts = draw_facts(rng, rng.randint(6, 12), split=True)
    facts.header["hospital_name"] = rng.choice(wordings.CLINICS)
    y = make.begin(facts)
    ruling = rng.choice(("grid", "grid", "grid", "columns", "rows", "frame"))
    heads = (
        (rng.choice(("健保申報項目", "健保項目", "健保給付項目")), rng.choice(("點數", "健保點數", "申報點數"))),
        (rng.choice(("自付費用項目", "自費項目", "自付項目")), rng.choice(("金額", "自付金額", "金額(元)"))),
    )
    columns = [
        Column("nhi name", (heads[0][0],), 2.2, "left"),
        Column("nhi", (heads[0][1],), 1.2, make.style.align),
        Column("own name", (heads[1][0],), 2.2, "left"),
        Column("own", (heads[1][1],), 1.2, make.style.align),
    ]
    left = [(make.name_cell(line), make.amount_cell(line, "nhi")) for line in facts.lines if line.nhi]
    right = [(make.name_cell(line), make.amount_cell(line, "own")) for line in facts.lines if line.own]
    right[1:1] = _copayment_cells(make)
    if rng.random() < 0.6:
        left.append((Cell(rng.choice(("小計", "合計", "小 計"))), _total(make, "nhi_total", facts.nhi_total)))
    if rng.random() < 0.4:
        right.append((Cell(rng.choice(("自費合計", "自費金額合計"))), _total(make, "self_pay_total", facts.own_total)))
    empty = (Cell(), Cell())
    rows = []
    for index in range(max(len(left), len(right))):
        a = left[index] if index < len(left) else empty
        b = right[index] if index < len(right) else empty
        rows.append(Row({"nhi name": a[0], "nhi": a[1], "own name": b[0], "own": b[1]}))
    y = make.table(columns, rows, y, ruling=ruling)
    return make.finish(y, skip=tuple(make.document.truth.keys() & {"nhi_total", "self_pay_total"}))


def _total(make: Maker, field: str, value: int) -> Cell:
    make.document.truth[field] = str(value)
    return Cell(make.style.amount(value, "點" if field == "nhi_total" else "元"), field)


def _copayment_cells(make: Maker) -> list[tuple[Cell, Cell]]:
    found = []
    for index, (name, amount) in enumerate(make.facts.copayments):
        cell = Cell(make.style.amount(amount, "元"), f"copayments.{index}.amount")
        found.append((Cell(name, f"copayments.{index}.name"), cell))
        make.document.truth.setdefault("copayments", []).append({"name": name, "amount": str(amount)})
    return found


def bilingual(rng: random.Random, **options: bool) -> Document:
    """Two or three panels side by side with heads of their own, English beside or under the names."""
    panels = rng.choice((2, 2, 3))
    make = Maker(rng, "bilingual", width=1540 if panels == 2 else 1900, size=rng.randint(20, 25), **options)
    facts = draw_facts(rng, rng.randint(8, 20))
    y = make.begin(facts, english=True)
    english = rng.choice(("beside", "below", "below"))
    heads = rng.choice(
        (("NHI(NT$)", "Self Pay(NT$)"), ("健保 NHI", "自費 Self Pay"), ("健保點數", "自費金額"), ("NHI", "Self-Pay"))
    )
    columns = [
        Column("name", (rng.choice(("項目 Service", "Service", "費用項目 Item")),), 2.4, "left"),
        Column("nhi", (heads[0],), 1.0, make.style.align),
        Column("own", (heads[1],), 1.0, make.style.align),
    ]
    if rng.random() < 0.3:
        columns[1:] = reversed(columns[1:])
    ruling = rng.choice(("frame", "head", "none", "grid", "columns"))
    each = -(-len(facts.lines) // panels)
    width, gap = (make.canvas.right - make.canvas.left) / panels, rng.choice((0, 16, 30))
    bottoms = []
    for panel in range(panels):
        rows = [make.line_row(line, columns, english) for line in facts.lines[panel * each : (panel + 1) * each]]
        x0 = make.canvas.left + panel * width
        bottoms.append(make.table(columns, rows, y, x0=x0, x1=x0 + width - gap, ruling=ruling))
    return make.finish(max(bottoms))


def groups(rng: random.Random, **options: bool) -> Document:
    """Two groups side by side: names with points at the left, names repeated with money at the right."""
    make = Maker(rng, "groups", **options)
    facts = draw_facts(rng, rng.randint(5, 12))
    y = make.begin(facts)
    middle, gap = make.style.width / 2, rng.choice((0, 0, 24))
    repeat = rng.random() < 0.6
    sides = [("nhi", make.canvas.left, middle - gap), ("own", middle + gap, make.canvas.right)]
    over = rng.random() < 0.5
    bottoms = []
    pairs = rng.choice((1, 1, 2)) if len(facts.lines) >= 6 and over else 1
    for payer, x0, x1 in sides:
        lines = [line for line in facts.lines if repeat or getattr(line, payer)]
        head = rng.choice(wordings.NHI_SECTIONS[:6] if payer == "nhi" else wordings.OWN_SECTIONS[:5]) if over else ""
        columns = [_group_columns(make, payer, head, index) for index in range(pairs)]
        each = -(-len(lines) // pairs)
        rows = []
        for index in range(each):
            cells: dict[str, Cell] = {}
            for column in range(pairs):
                at = index + column * each
                if at < len(lines):
                    cells[f"{column} name"] = make.name_cell(lines[at])
                    cells[f"{column}"] = make.amount_cell(lines[at], payer)
            rows.append(Row(cells))
        bottoms.append(make.table([c for pair in columns for c in pair], rows, y, x0=x0, x1=x1))
    return make.finish(max(bottoms))


def _group_columns(make: Maker, payer: str, over: str, index: int) -> tuple[Column, Column]:
    if over:
        unit = ("點數" if payer == "nhi" else "金額") if make.rng.random() < 0.5 else ""
        heads = (("項目",), (unit,)) if unit else ((), ())
        return (
            Column(f"{index} name", heads[0], 2, "left", over),
            Column(f"{index}", heads[1], 1.2, make.style.align, over),
        )
    column = make.payer_column(payer)
    return Column(f"{index} name", (make.rng.choice(wordings.NAME_HEADS),), 2, "left"), replace(column, key=f"{index}")


def stacked(rng: random.Random, **options: bool) -> Document:
    """A block for each payer under the other, in either order."""
    make = Maker(rng, "stacked", **options)
    facts = draw_facts(rng, rng.randint(5, 14))
    y = make.begin(facts)
    order = [("nhi", wordings.NHI_SECTIONS), ("own", wordings.OWN_SECTIONS)]
    if rng.random() < 0.5:
        order.reverse()
    has_heads, section = rng.random() < 0.5, rng.random() < 0.8
    extra = _extras(make, rng.choice((0, 0, 1, 2))) if has_heads else []
    for payer, sections in order:
        lines = [line for line in facts.lines if getattr(line, payer)]
        money = (
            make.payer_column(payer)
            if not section
            else Column(payer, ("點數" if payer == "nhi" else "金額",), 1.4, make.style.align)
        )
        columns = [make.name_column(), *extra, money]
        if section:
            make.canvas.text(make.canvas.left, y + make.style.size, rng.choice(sections), form=True)
            y += make.style.size * 1.8
        rows = [make.line_row(line, columns) for line in lines]
        if rng.random() < 0.3:
            rows.append(make.sum_row(columns, lines, rng.choice(wordings.SUM_ROWS), is_grand=True))
        y = make.table(columns, rows, y, heads="top" if has_heads or not section else "none") + make.style.size * 0.8
    return make.finish(y)


def tagged(rng: random.Random, **options: bool) -> Document:
    """A letter or a word on the line says who pays it."""
    make = Maker(rng, "tagged", **options)
    facts = draw_facts(rng, rng.randint(5, 14), split=True)
    y = make.begin(facts)
    tags = rng.choice((("健保", "自費"), ("健", "自"), ("NHI", "Self"), ("(健)", "(自)"), ("健保", "自付")))
    tag = Column("tag", (rng.choice(("身分", "別", "給付別", "類別", "健保/自費")),), 0.8, "center")
    money = Column("money", (rng.choice(("金額", "費用", "點數/金額")),), 1.3, make.style.align)
    columns = [make.name_column(), *_extras(make, rng.choice((0, 0, 1, 2)))]
    columns += [tag, money] if rng.random() < 0.5 else [money, tag]
    rows = []
    for line in facts.lines:
        payer = "nhi" if line.nhi else "own"
        rest = [column for column in columns if column.key not in ("tag", "money")]
        row = make.line_row(line, rest)
        row.cells["money"], row.cells["tag"] = make.amount_cell(line, payer), Cell(tags[payer == "own"])
        rows.append(row)
    y = make.table(columns, rows, y, heads="top" if rng.random() < 0.85 else "none")
    return make.finish(y)


def pairs(rng: random.Random, **options: bool) -> Document:
    """Several `name amount` a row, in a section for each payer."""
    make = Maker(rng, "pairs", **options)
    facts = draw_facts(rng, rng.randint(6, 16))
    y, size = make.begin(facts), make.style.size
    many = rng.choice((2, 3, 3, 4) if make.style.width >= 1400 else (2, 3))
    order = [("nhi", wordings.NHI_SECTIONS), ("own", wordings.OWN_SECTIONS)]
    if rng.random() < 0.3:
        order.reverse()
    frame, join = rng.random() < 0.3, rng.choice(("", "", "：", " "))
    step, width = size * make.style.step, (make.canvas.right - make.canvas.left) / many
    for payer, sections in order:
        top = y
        make.canvas.text(make.canvas.left + 8, y + step / 2, rng.choice(sections), form=True)
        y += step
        lines = [line for line in facts.lines if getattr(line, payer)]
        for index, line in enumerate(lines):
            x, at = make.canvas.left + 14 + (index % many) * width, y + (index // many) * step + step / 2
            name, money = make.name_cell(line), make.amount_cell(line, payer)
            end = make.canvas.text(x, at, name.text.replace("\n", "") + join, form=True, path=name.path)[2]
            if join:
                make.canvas.text(end + size * 0.3, at, money.text, path=money.path)
            else:
                make.canvas.text(x + width - size * 1.6, at, money.text, anchor="rm", path=money.path)
        y += -(-len(lines) // many) * step + size * 0.4
        if frame:
            for x0, y0, x1, y1 in ((0, top, 1, top), (0, y, 1, y), (0, top, 0, y), (1, top, 1, y)):
                edge = (make.canvas.left, make.canvas.right)
                make.canvas.rule(edge[x0], y0, edge[x1], y1)
    return make.finish(y)


def one_payer(rng: random.Random, **options: bool) -> Document:
    """Only one payer's amounts: a self-pay visit, or a slip of points."""
    make = Maker(rng, "one_payer", **options)
    payer = rng.choice(("own", "own", "nhi"))
    facts = draw_facts(rng, rng.randint(3, 10), payer=payer)
    y = make.begin(facts)
    columns = [make.name_column(), *_extras(make, rng.choice((0, 0, 1, 2))), make.payer_column(payer)]
    rows = [make.line_row(line, columns) for line in facts.lines]
    if rng.random() < 0.5:
        rows.append(make.sum_row(columns, facts.lines, rng.choice(wordings.SUM_ROWS[:3]), is_grand=True))
    y = make.table(columns, rows, y)
    return make.finish(y, skip=("self_pay_total", "amount_due") if payer == "nhi" else ("nhi_total",))


def slip(rng: random.Random, **options: bool) -> Document:
    """A narrow thermal slip with units or tags behind the amounts."""
    make = Maker(rng, "slip", width=rng.randint(540, 640), size=rng.randint(22, 26), **options)
    make.style = make.canvas.style = replace(
        make.style, units=True, ruling="none", margin=26, spread=False, nothing="", form=make.style.data
    )
    facts = draw_facts(rng, rng.randint(3, 8))
    facts.header["hospital_name"] = rng.choice(wordings.CLINICS)
    y, step = make.begin(facts, columns=1), make.style.size * 1.6
    make.canvas.rule(make.canvas.left, y, make.canvas.right, y, dotted=True)
    for payer in rng.choice((("nhi", "own"), ("own", "nhi"))):
        for line in facts.lines:
            if getattr(line, payer):
                y += step
                name, money = make.name_cell(line), make.amount_cell(line, payer)
                make.canvas.text(make.canvas.left, y, name.text.replace("\n", ""), path=name.path)
                make.canvas.text(make.canvas.right, y, money.text, anchor="rm", path=money.path)
    y += step
    make.canvas.rule(make.canvas.left, y, make.canvas.right, y, dotted=True)
    return make.finish(y)


def no_heads(rng: random.Random, **options: bool) -> Document:
    """Two columns of amounts and nothing that says whose they are: nothing may be guessed."""
    make = Maker(rng, "no_heads", **options)
    make.style = make.canvas.style = replace(make.style, units=False)
    make.document.is_headless = True
    facts = draw_facts(rng, rng.randint(5, 10))
    y = make.begin(facts)
    columns = [make.name_column(), make.payer_column("nhi"), make.payer_column("own")]
    rows = [make.line_row(line, columns) for line in facts.lines]
    y = make.table(columns, rows, y, heads="none")
    for item in make.items:
        item["nhi_amount"] = item["self_pay_amount"] = None
    facts.copay_total = facts.copay_total or 50
    facts.paid = facts.due
    facts.copayments = []
    skip = ("nhi_total", "self_pay_total", "copayment_total", "discount")
    return make.finish(y, skip=skip)


def continued(rng: random.Random, **options: bool) -> Document:
    """A table that goes on on a second page without a head."""
    make = Maker(rng, "continued", **options)
    facts = draw_facts(rng, rng.randint(14, 24))
    y = make.begin(facts)
    columns = [make.name_column(), make.payer_column("nhi"), make.payer_column("own")]
    if rng.random() < 0.3:
        columns[1:] = reversed(columns[1:])
    cut = len(facts.lines) - rng.randint(3, 7)
    rows = [make.line_row(line, columns) for line in facts.lines]
    y = make.table(columns, rows[:cut], y)
    make.canvas.text(
        make.canvas.right, y + make.style.size * 1.5, rng.choice(("(續下頁)", "第1頁/共2頁", "Page 1/2")), anchor="rm"
    )
    make.canvas.cut(y + make.style.size * 4)
    make.next_page()
    y = make.table(columns, rows[cut:], 60.0 + make.style.size * rng.choice((1, 4)), heads="none")
    return make.finish(y)


KINDS = (
    single,
    single,
    single,
    clinic,
    clinic,
    bilingual,
    bilingual,
    groups,
    stacked,
    stacked,
    tagged,
    pairs,
    one_payer,
    slip,
    no_heads,
    continued,
)
"""As often as they are to be drawn."""
