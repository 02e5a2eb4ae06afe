"""More structures that the reader is developed with: details, discounts, sections in a table, drug tables."""

import random
from dataclasses import replace

from structures import wordings
from structures.document import Document, Maker
from structures.facts import Line, draw_facts
from structures.tables import Cell, Column, Row


def detail(rng: random.Random, **options: bool) -> Document:
    """Each payer's head spans columns of its own: points and copayment, price, quantity and amount."""
    make = Maker(rng, "detail", width=rng.choice((1400, 1600)), size=rng.randint(21, 26), **options)
    facts = draw_facts(rng, rng.randint(5, 14))
    facts.copayments, facts.copay_total = [], sum(line.copay for line in facts.lines)
    facts.discount, facts.paid = 0, facts.due
    y, align = make.begin(facts), make.style.align
    nhi, own = rng.choice((("健保", "自費"), ("健保給付", "病患自付"), ("健保費用", "自費費用")))
    left = [Column("nhi", (rng.choice(("點數", "申報點數", "金額")),), 1.2, align, nhi)]
    if facts.copay_total:
        left.append(Column("copay", (rng.choice(wordings.COPAY_HEADS[:2]),), 1.2, align, nhi))
    right = [Column("price", ("單價",), 1.0, align, own), Column("quantity", ("數量",), 0.7, "center", own)]
    right = right[: rng.choice((0, 1, 2))]
    right.append(Column("own", (rng.choice(("金額", "費用", "自付額")),), 1.2, align, own))
    sides = [left, right] if rng.random() < 0.75 else [right, left]
    code = [Column("code", (rng.choice(wordings.CODE_HEADS),), 0.5, "center")] if rng.random() < 0.3 else []
    columns = [*code, make.name_column(2.4), *sides[0], *sides[1]]
    rows = []
    for line in facts.lines:
        row = make.line_row(line, columns)
        for key in ("price", "quantity"):
            if not line.own and key in row.cells:
                row.cells[key] = Cell()
        rows.append(row)
    if rng.random() < 0.5:
        rows.append(make.sum_row(columns, facts.lines, rng.choice(wordings.SUM_ROWS[:3]), is_grand=True))
    return make.finish(make.table(columns, rows, y))


def discounted(rng: random.Random, **options: bool) -> Document:
    """A column of discounts with what is left per line, or a line with a negative amount."""
    make = Maker(rng, "discounted", **options)
    facts = draw_facts(rng, rng.randint(4, 12), payer=rng.choice(("both", "own")))
    facts.discount = 0
    by_column = rng.random() < 0.5
    if by_column:
        for line in facts.lines:
            if line.own > 50 and rng.random() < 0.6:
                line.discount = line.own // rng.choice((5, 10))
        facts.discount = sum(line.discount for line in facts.lines)
    elif facts.own_total > 100:
        facts.lines.append(Line(rng.choice(("員工優待", "優待折扣", "福保減免")), own=-(facts.own_total // 10)))
    facts.paid = facts.due
    y, align = make.begin(facts), make.style.align
    columns = [make.name_column(), make.payer_column("own")]
    if any(line.nhi for line in facts.lines):
        columns.insert(rng.choice((1, 1, 2)), make.payer_column("nhi"))
    if by_column:
        columns.append(Column("discount", (rng.choice(wordings.DISCOUNT_HEADS),), 1.0, align))
        columns += [Column("net", (rng.choice(("小計", "淨額")),), 1.0, align)] if rng.random() < 0.5 else []
    rows = []
    for line in facts.lines:
        row = make.line_row(line, [column for column in columns if column.key != "net"])
        if columns[-1].key == "net":
            row.cells["net"] = Cell(make.style.amount(line.own - line.discount))
        rows.append(row)
    return make.finish(make.table(columns, rows, y))


def sections(rng: random.Random, **options: bool) -> Document:
    """One table, one column of amounts; rows over the whole width say whose the lines below are."""
    make = Maker(rng, "sections", **options)
    facts = draw_facts(rng, rng.randint(5, 13))
    y = make.begin(facts)
    money = Column("money", (rng.choice(("金額", "費用", "點數/金額", "小計")),), 1.4, make.style.align)
    quantity = [Column("quantity", ("數量",), 0.7, "center")] if rng.random() < 0.3 else []
    columns = [make.name_column(), *quantity, money]
    rows = []
    order = [("nhi", wordings.NHI_SECTIONS), ("own", wordings.OWN_SECTIONS)]
    if rng.random() < 0.4:
        order.reverse()
    with_sums = rng.random() < 0.4
    for payer, heads in order:
        lines = [line for line in facts.lines if getattr(line, payer)]
        rows.append(Row(across=rng.choice(heads)))
        for line in lines:
            row = make.line_row(line, columns[:-1])
            row.cells["money"] = make.amount_cell(line, payer)
            rows.append(row)
        if with_sums:
            value = sum(getattr(line, payer) for line in lines)
            field = "nhi_total" if payer == "nhi" else "self_pay_total"
            make.document.truth[field] = str(value)
            money_cell = Cell(make.style.amount(value, "點" if payer == "nhi" else "元"), field)
            rows.append(Row({"name": Cell(rng.choice(("小計", "小 計"))), "money": money_cell}, is_sum=True))
    return make.finish(make.table(columns, rows, y))


def pharmacy(rng: random.Random, **options: bool) -> Document:
    """A table of drugs, whose numbers are no money, above the fees."""
    make = Maker(rng, "pharmacy", **options)
    facts = draw_facts(rng, rng.randint(3, 6))
    facts.header["hospital_name"] = rng.choice(("安康藥局", "仁安健保藥局", *wordings.CLINICS))
    y = make.begin(facts)
    drugs = (
        ("Acetaminophen 500mg", "普拿疼錠"),
        ("Amoxicillin 250mg", "安莫西林膠囊"),
        ("Loratadine 10mg", "樂雷塔定錠"),
        ("Metformin 850mg", "美福明錠"),
        ("Amlodipine 5mg", "脈優錠"),
        ("Famotidine 20mg", "法莫替定錠"),
    )
    columns = [
        Column("code", ("序",), 0.4, "center"),
        Column("drug", ("處方名稱",), 3, "left"),
        Column("dose", ("劑量",), 0.8, "center"),
        Column("days", ("天數",), 0.8, "center"),
        Column("quantity", ("總量",), 0.8, "center"),
    ]
    rows = []
    for index, drug in enumerate(rng.sample(drugs, rng.randint(2, 4))):
        days, times = rng.choice((3, 7, 14, 28)), rng.choice((1, 2, 3))
        texts = (f"{index + 1}", rng.choice(drug), f"{times}", f"{days}", f"{times * days}")
        rows.append(Row({column.key: Cell(text) for column, text in zip(columns, texts, strict=True)}))
    y = make.table(columns, rows, y) + make.style.size * 1.2
    columns = [make.name_column(), make.payer_column("nhi"), make.payer_column("own")]
    y = make.table(columns, [make.line_row(line, columns) for line in facts.lines], y)
    return make.finish(y)


def heads_lost(rng: random.Random, **options: bool) -> Document:
    """No heads, but totals by payer below: only the sums say which column is whose."""
    make = Maker(rng, "heads_lost", **options)
    make.style = make.canvas.style = replace(make.style, units=False)
    facts = draw_facts(rng, rng.randint(5, 10))
    y = make.begin(facts)
    columns = [make.name_column(), make.payer_column("nhi"), make.payer_column("own")]
    if rng.random() < 0.4:
        columns[1:] = reversed(columns[1:])
    y = make.table(columns, [make.line_row(line, columns) for line in facts.lines], y, heads="none")
    return make.finish(y)


def sentences(rng: random.Random, **options: bool) -> Document:
    """`診察費：健保345點，自費50元`: name and amounts in one run of text."""
    make = Maker(rng, "sentences", **options)
    make.style = make.canvas.style = replace(make.style, spread=False)
    facts = draw_facts(rng, rng.randint(4, 10))
    y, size = make.begin(facts), make.style.size
    join = rng.choice(("，", "、", "  ", " / "))
    for line in facts.lines:
        y += size * 1.7
        name = make.name_cell(line)
        x = make.canvas.text(make.canvas.left, y, name.text, path=name.path)[2]
        x = make.canvas.text(x, y, "：")[2] + size * 0.3
        parts = [("nhi", "健保", "點"), ("own", "自費", "元")]
        parts = [part for part in parts if getattr(line, part[0])]
        for index, (payer, head, unit) in enumerate(parts):
            money = make.amount_cell(line, payer)
            x = make.canvas.text(x, y, (join if index else "") + head)[2]
            x = make.canvas.text(x, y, money.text, path=money.path)[2]
            x = make.canvas.text(x, y, "" if make.style.units else unit)[2]
    return make.finish(y + size)


KINDS = (detail, discounted, sections, pharmacy, heads_lost, sentences)
