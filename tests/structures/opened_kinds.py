"""Structures that were kept out of sight while the reader was made, and opened once their figures were recorded.

The first figures, before anybody looked: 55.9 % of their lines right on clean pages, 54.9 % on photos. New ones stand
in `held_out_kinds`.
"""

import random
from collections.abc import Sequence
from dataclasses import replace

from structures import wordings
from structures.document import Document, Maker
from structures.facts import Line, draw_facts
from structures.tables import Cell, Column, Row


def amounts_first(rng: random.Random, **options: bool) -> Document:
    """The amounts stand before the names."""
    make = Maker(rng, "amounts_first", **options)
    facts = draw_facts(rng, rng.randint(5, 14))
    y = make.begin(facts)
    payers = [make.payer_column("nhi"), make.payer_column("own")]
    if rng.random() < 0.4:
        payers.reverse()
    columns: list[Column] = [*payers, make.name_column()]
    y = make.table(columns, [make.line_row(line, columns) for line in facts.lines], y)
    return make.finish(y)


def reversed_sides(rng: random.Random, **options: bool) -> Document:
    """Self-pay at the left, NHI at the right; whose they are stands above, the heads below it are alike."""
    make = Maker(rng, "reversed_sides", **options)
    facts = draw_facts(rng, rng.randint(5, 12))
    y, middle, gap = make.begin(facts), make.style.width / 2, rng.choice((0, 20))
    bottoms = []
    heads = (rng.choice(("項目", "名稱")), rng.choice(("金額", "小計", "費用")))
    for payer, x0, x1 in (("own", make.canvas.left, middle - gap), ("nhi", middle + gap, make.canvas.right)):
        group = rng.choice(("自費", "自費項目", "病患自付") if payer == "own" else ("健保", "健保項目", "健保給付"))
        columns = [
            Column("name", (heads[0],), 2.4, "left", group),
            Column(payer, (heads[1],), 1.2, make.style.align, group),
        ]
        rows = [make.line_row(line, columns) for line in facts.lines if getattr(line, payer)]
        bottoms.append(make.table(columns, rows, y, x0=x0, x1=x1))
    return make.finish(max(bottoms))


def triptych(rng: random.Random, **options: bool) -> Document:
    """Three panels: points, copayments, money; each with names of its own."""
    make = Maker(rng, "triptych", width=1700, size=rng.randint(21, 25), **options)
    facts = draw_facts(rng, rng.randint(6, 12), split=True)
    if not facts.copayments:
        facts.copayments = [("基本部分負擔", 170)]
        facts.copay_total = 170
        facts.paid = facts.due
    y, third = make.begin(facts), (make.canvas.right - make.canvas.left) / 3
    panels = [("nhi", "健保項目", "點數"), ("copay", "部分負擔項目", "金額"), ("own", "自費項目", "金額")]
    if rng.random() < 0.4:
        panels.reverse()
    bottoms = []
    for index, (payer, head, unit) in enumerate(panels):
        columns = [Column("name", (head,), 2.2, "left"), Column(payer, (unit,), 1.1, make.style.align)]
        if payer == "copay":
            rows = _copayment_rows(make)
        else:
            rows = [make.line_row(line, columns) for line in facts.lines if getattr(line, payer)]
        x0 = make.canvas.left + index * third
        bottoms.append(make.table(columns, rows, y, x0=x0, x1=x0 + third - rng.choice((0, 18))))
    return make.finish(max(bottoms))


def _copayment_rows(make: Maker) -> list[Row]:
    rows = []
    for index, (name, amount) in enumerate(make.facts.copayments):
        path = f"copayments.{index}"
        money = Cell(make.style.amount(amount, "元"), f"{path}.amount")
        rows.append(Row({"name": Cell(name, f"{path}.name"), "copay": money}))
        make.document.truth.setdefault("copayments", []).append({"name": name, "amount": str(amount)})
    return rows


def tag_first(rng: random.Random, **options: bool) -> Document:
    """Who pays stands in the first column."""
    make = Maker(rng, "tag_first", **options)
    facts = draw_facts(rng, rng.randint(5, 14), split=True)
    if rng.random() < 0.5:
        rng.shuffle(facts.lines)
    y = make.begin(facts)
    tags = rng.choice((("健", "自"), ("健保", "自費"), ("NHI", "自費"), ("保", "自")))
    columns = [
        Column("tag", (rng.choice(("別", "給付", "類", "")),), 0.5, "center"),
        make.name_column(),
        Column("quantity", ("數量",), 0.8, "center"),
        Column("money", (rng.choice(("金額", "小計", "點數/金額")),), 1.3, make.style.align),
    ]
    if rng.random() < 0.5:
        del columns[2]
    rows = []
    for line in facts.lines:
        row = make.line_row(line, [column for column in columns if column.key not in ("tag", "money")])
        row.cells["tag"] = Cell(tags[not line.nhi])
        row.cells["money"] = make.amount_cell(line, "nhi" if line.nhi else "own")
        rows.append(row)
    return make.finish(make.table(columns, rows, y))


def transposed(rng: random.Random, **options: bool) -> Document:
    """The payers are rows, the fees are columns, in bands of a few fees."""
    make = Maker(rng, "transposed", **options)
    facts = draw_facts(rng, rng.randint(5, 12))
    y, many = make.begin(facts), rng.choice((4, 5, 6))
    heads = {"nhi": rng.choice(("健保點數", "健保(點)", "健保")), "own": rng.choice(("自費金額", "自費(元)", "自費"))}
    order = ("nhi", "own") if rng.random() < 0.7 else ("own", "nhi")
    for start in range(0, len(facts.lines), many):
        lines = facts.lines[start : start + many]
        columns = [Column("row name", (), 1.1, "left")]
        columns += [Column(f"{index} name", (), 1.4, "center") for index in range(many)]
        rows = [Row({"row name": Cell("項目"), **_across(make, lines, "")})]
        rows += [Row({"row name": Cell(heads[payer]), **_across(make, lines, payer)}) for payer in order]
        y = make.table(columns, rows, y, heads="none") + make.style.size * rng.choice((0, 0.8))
    return make.finish(y)


def _across(make: Maker, lines: Sequence[Line], payer: str) -> dict[str, Cell]:
    cells = ((make.amount_cell(line, payer) if payer else make.name_cell(line)) for line in lines)
    return {f"{index} name": cell for index, cell in enumerate(cells)}


def two_lines(rng: random.Random, **options: bool) -> Document:
    """A fee's name on one line, whose amounts on the line under it."""
    make = Maker(rng, "two_lines", width=rng.choice((620, 760, 1240)), **options)
    make.style = make.canvas.style = replace(make.style, units=True, spread=False, nothing="0")
    facts = draw_facts(rng, rng.randint(4, 9))
    y, size = make.begin(facts, columns=1 if make.style.width < 800 else None), make.style.size
    heads = rng.choice((("健保", "自費"), ("健保點數", "自費金額"), ("NHI", "Self Pay")))
    for line in facts.lines:
        name = make.name_cell(line)
        y += size * 1.7
        make.canvas.text(make.canvas.left, y, name.text, path=name.path, form=True)
        y += size * 1.4
        x = make.canvas.left + size * 2.0
        for payer, head in zip(("nhi", "own"), heads, strict=True):
            money = make.amount_cell(line, payer)
            end = make.canvas.text(x, y, head, form=True)[2]
            make.canvas.text(end + size * 0.6, y, money.text, path=money.path)
            x += (make.canvas.right - make.canvas.left) * 0.45
    return make.finish(y + size)


def starred(rng: random.Random, **options: bool) -> Document:
    """One column of amounts; a mark at the line says self-pay, a legend under the table says so."""
    make = Maker(rng, "starred", **options)
    facts = draw_facts(rng, rng.randint(5, 12), split=True)
    y = make.begin(facts)
    mark = rng.choice(("*", "#", "@"))
    before = rng.random() < 0.5
    columns = [make.name_column(), Column("money", (rng.choice(("金額", "點數/金額", "費用")),), 1.3, make.style.align)]
    rows = []
    for line in facts.lines:
        payer = "nhi" if line.nhi else "own"
        if payer == "own" and before:
            line.name = mark + line.name
        name, money = make.name_cell(line), make.amount_cell(line, payer)
        if payer == "own" and not before:
            money = replace(money, text=money.text + mark)
        rows.append(Row({"name": name, "money": money}))
    y = make.table(columns, rows, y) + make.style.size
    make.canvas.text(make.canvas.left, y, f"註：{mark}為自費項目(元)，其餘為健保申報點數。", form=True)
    return make.finish(y)


def foot_heads(rng: random.Random, **options: bool) -> Document:
    """The heads stand at the foot of the table."""
    make = Maker(rng, "foot_heads", **options)
    facts = draw_facts(rng, rng.randint(5, 12))
    y = make.begin(facts)
    columns = [make.name_column(), make.payer_column("nhi"), make.payer_column("own")]
    rows = [make.line_row(line, columns) for line in facts.lines]
    rows.append(Row({column.key: Cell("".join(column.heads)) for column in columns}))
    return make.finish(make.table(columns, rows, y, heads="none"))


def categories(rng: random.Random, **options: bool) -> Document:
    """Lines under the names of categories with sums of their own, quantities and prices under each payer's head."""
    make = Maker(rng, "categories", width=1500, **options)
    facts = draw_facts(rng, rng.randint(8, 16))
    y = make.begin(facts)
    groups = rng.choice((("健保", "自費"), ("健保給付", "自費負擔"), ("NHI", "Self Pay")))
    columns = [
        make.name_column(2.2),
        Column("nhi quantity", ("數量",), 0.6, "center", groups[0]),
        Column("nhi", ("點數",), 1.1, make.style.align, groups[0]),
        Column("own quantity", ("數量",), 0.6, "center", groups[1]),
        Column("own", ("金額",), 1.1, make.style.align, groups[1]),
    ]
    keys = ["name", "nhi", "own"]
    rows: list[Row] = []
    names = rng.sample(("診療費用", "藥材費用", "其他費用明細", "檢查檢驗類", "住院類"), 3)
    each = -(-len(facts.lines) // len(names))
    for index, name in enumerate(names):
        part = facts.lines[index * each : (index + 1) * each]
        rows.append(Row(across=f"{'一二三'[index]}、{name}"))
        for line in part:
            row = make.line_row(line, [column for column in columns if column.key in keys])
            row.cells["nhi quantity"] = Cell(str(line.quantity) if line.nhi else "")
            row.cells["own quantity"] = Cell(str(line.quantity) if line.own else "")
            rows.append(row)
        rows.append(make.sum_row(columns, part, "小計", is_grand=False))
    rows.append(make.sum_row(columns, facts.lines, rng.choice(wordings.SUM_ROWS[:3]), is_grand=True))
    return make.finish(make.table(columns, rows, y))


def wide_panels(rng: random.Random, **options: bool) -> Document:
    """Two panels with quantities and a super-head over both payers in each."""
    make = Maker(rng, "wide_panels", width=1800, size=rng.randint(21, 25), **options)
    facts = draw_facts(rng, rng.randint(8, 18))
    y, align = make.begin(facts), make.style.align
    over = rng.choice(("費用 Amount", "金額(NT$)", "費用明細"))
    columns = [
        Column("name", (rng.choice(("收費項目", "Item 項目")),), 2.2, "left"),
        Column("quantity", (rng.choice(("數量", "Qty")),), 0.6, "center"),
        Column("own", (rng.choice(("自費", "Self", "自付額")),), 1.0, align, over),
        Column("nhi", (rng.choice(("健保", "NHI", "健保點數")),), 1.0, align, over),
    ]
    if rng.random() < 0.5:
        columns[2:] = reversed(columns[2:])
    english, half = rng.choice(("", "below")), (make.canvas.right - make.canvas.left) / 2
    each, bottoms = -(-len(facts.lines) // 2), []
    for panel in range(2):
        rows = [make.line_row(line, columns, english) for line in facts.lines[panel * each : (panel + 1) * each]]
        x0 = make.canvas.left + panel * half
        bottoms.append(make.table(columns, rows, y, x0=x0, x1=x0 + half - rng.choice((0, 14))))
    return make.finish(max(bottoms))


def full_table(rng: random.Random, **options: bool) -> Document:
    """Points, copayment, self-pay, discount and what is to be paid; English under each head, sums at the foot."""
    make = Maker(rng, "full_table", width=1600, size=rng.randint(21, 25), **options)
    facts = draw_facts(rng, rng.randint(6, 16), long_names=rng.random() < 0.3)
    facts.copayments, facts.copay_total = [], sum(line.copay for line in facts.lines)
    for line in facts.lines:
        line.discount = line.own // 10 if line.own > 100 and rng.random() < 0.3 else 0
    facts.discount = sum(line.discount for line in facts.lines)
    facts.paid = facts.due
    y, align = make.begin(facts), make.style.align
    payers = [
        Column("nhi", ("健保申報", "NHI"), 1.1, align),
        Column("copay", ("部分負擔", "Co-pay"), 1.1, align),
        Column("own", ("自費", "Self-pay"), 1.1, align),
    ]
    if rng.random() < 0.3:
        payers.reverse()
    after = [Column("discount", ("優待", "Discount"), 1.0, align), Column("payable", ("應付", "Payable"), 1.0, align)]
    columns = [Column("name", ("費用項目", "Description"), 2.4, "left"), *payers, *after]
    rows = []
    for line in facts.lines:
        row = make.line_row(line, columns[:-1])
        row.cells["payable"] = Cell(make.style.amount(line.own + line.copay - line.discount))
        rows.append(row)
    rows.append(make.sum_row(columns, facts.lines, "合計 Total", is_grand=True))
    return make.finish(make.table(columns, rows, y))


def three_blocks(rng: random.Random, **options: bool) -> Document:
    """Blocks under each other for points, copayments and money, each indented under a bare title with its sum."""
    make = Maker(rng, "three_blocks", **options)
    facts = draw_facts(rng, rng.randint(5, 12))
    y, size = make.begin(facts), make.style.size
    blocks = ["nhi", "own"]
    rng.shuffle(blocks)
    for payer in blocks:
        title, field = ("健保部分", "nhi_total") if payer == "nhi" else ("自費部分", "self_pay_total")
        lines = [line for line in facts.lines if getattr(line, payer)]
        total = sum(getattr(line, payer) for line in lines)
        y += size * 1.2
        make.canvas.text(make.canvas.left, y, title, form=True)
        text = make.style.amount(total, "點" if payer == "nhi" else "元")
        make.canvas.text(make.canvas.right, y, text, anchor="rm", path=field)
        make.document.truth[field] = str(total)
        columns = [make.name_column(), Column(payer, ("",), 1.2, "right")]
        rows = [make.line_row(line, columns) for line in lines]
        y = make.table(columns, rows, y + size * 0.8, x0=make.canvas.left + 3 * size, heads="none", ruling="none")
    return make.finish(y)


KINDS = (
    amounts_first,
    reversed_sides,
    triptych,
    tag_first,
    transposed,
    two_lines,
    starred,
    foot_heads,
    categories,
    wide_panels,
    full_table,
    three_blocks,
)
