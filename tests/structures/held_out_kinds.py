"""Structures that the reader is measured on and never developed with: its figures are told, its pages are not shown.

Drawn from what hospitals, dental, Chinese-medicine and physiotherapy clinics and pharmacies print, not from the reader.
"""

import random
from collections.abc import Sequence
from dataclasses import replace

from structures import blocks, wordings
from structures.document import Document, Maker
from structures.facts import Facts, Line, draw_facts
from structures.tables import Cell, Column, Row

_CLINICS = ("安心診所", "仁德復健科診所", "和平物理治療所", "慈恩中醫診所", "永福牙醫診所", "康健耳鼻喉科診所")
_DENTAL = (
    ("植牙", 60000), ("全瓷冠", 18000), ("牙齒矯正費", 5000), ("活動假牙", 28000), ("牙齒美白", 9000), ("塗氟", 500),
    ("咬合板", 6000),
)  # fmt: skip
_DRUGS = ("Acetaminophen", "Amoxicillin", "Loratadine", "Famotidine", "Mefenamic acid")
_KINDS_OF_COPAYMENT = ("基本部分負擔", "藥品部分負擔", "復健部分負擔", "檢驗檢查部分負擔")


def h01(rng: random.Random, **options: bool) -> Document:
    """Three panels side by side, each a name and an amount: points of the NHI, copayments, what the patient pays."""
    make = Maker(rng, "h01", width=1540, size=rng.randint(21, 25), **options)
    facts = draw_facts(rng, rng.randint(4, 9), split=True)
    _at_a_clinic(rng, facts)
    y = make.begin(facts)
    kinds = rng.sample(_KINDS_OF_COPAYMENT, rng.randint(1, 3))
    facts.copayments = [(kind, rng.choice((20, 40, 50, 60, 80))) for kind in kinds]
    facts.copay_total = sum(amount for _, amount in facts.copayments)
    facts.paid = facts.due
    panels = [
        (rng.choice(("健保申報項目", "健保項目", "健保給付項目")), rng.choice(("點數", "申報點數"))),
        (rng.choice(("部分負擔項目", "部分負擔")), "金額"),
        (rng.choice(("自費項目", "自付費用項目", "自費收費項目")), "金額"),
    ]
    cells = [_side(make, facts.lines, "nhi"), _copayments(make, facts), _side(make, facts.lines, "own")]
    order = rng.choice(((0, 1, 2), (0, 2, 1), (2, 1, 0)))
    columns: list[Column] = []
    for index in order:
        name, money = panels[index]
        columns += [Column(f"{index}name", (name,), 2.2, "left"), Column(f"{index}money", (money,), 1, "right")]
    rows = []
    for number in range(max(map(len, cells))):
        row = Row()
        for index, found in enumerate(cells):
            if number < len(found):
                row.cells[f"{index}name"], row.cells[f"{index}money"] = found[number]
        rows.append(row)
    return make.finish(make.table(columns, rows, y))


def _at_a_clinic(rng: random.Random, facts: Facts) -> None:
    facts.header["hospital_name"] = rng.choice(_CLINICS)
    facts.title = rng.choice(("醫療費用收據", "門診醫療費用收據", "門診收據"))


def _side(make: Maker, lines: Sequence[Line], payer: str) -> list[tuple[Cell, Cell]]:
    return [(make.name_cell(line), make.amount_cell(line, payer)) for line in lines if getattr(line, payer)]


def _copayments(make: Maker, facts: Facts) -> list[tuple[Cell, Cell]]:
    truth = [{"name": name, "amount": str(amount)} for name, amount in facts.copayments]
    make.document.truth["copayments"] = truth  # type: ignore[assignment]
    return [
        (Cell(name, f"copayments.{index}.name"), Cell(make.style.amount(amount, "元"), f"copayments.{index}.amount"))
        for index, (name, amount) in enumerate(facts.copayments)
    ]


def h02(rng: random.Random, **options: bool) -> Document:
    """A hospital's bilingual statement: two or three panels under heads of their own, English beside the names."""
    count = rng.choice((2, 2, 3))
    make = Maker(rng, "h02", width=1540 if count == 2 else 1900, size=rng.randint(19, 22), **options)
    make.style = make.canvas.style = replace(make.style, spread=False, units=False, data=make.style.form)
    facts = draw_facts(rng, rng.randint(8, 15))
    y = make.begin(facts, english=True)
    payers = [
        ("nhi", rng.choice(("健保 NHI", "NHI(NT$)", "健保(點)"))),
        ("own", rng.choice(("自費 Self Pay", "Self Pay"))),
    ]
    if rng.random() < 0.3:
        payers.reverse()
    ruling = rng.choice(("none", "head", "frame", "grid"))
    per, bottom, gap = -(-len(facts.lines) // count), y, 1.5 * make.style.size
    width = (make.canvas.right - make.canvas.left - gap * (count - 1)) / count
    for panel in range(count):
        columns = [Column("name", (rng.choice(("項目 Service", "Service", "費用項目 Item")),), 2, "left")]
        columns += [Column(payer, (head,), 1, "right") for payer, head in payers]
        rows = [make.line_row(line, columns, "beside") for line in facts.lines[panel * per : (panel + 1) * per]]
        left = make.canvas.left + panel * (width + gap)
        bottom = max(bottom, make.table(columns, rows, y, x0=left, x1=left + width, ruling=ruling))
    return make.finish(_percent_strip(make, facts, bottom))


def _percent_strip(make: Maker, facts: Facts, y: float) -> float:
    """Print what a stay's copayment is at each rate, as hospitals do below the table."""
    if not facts.is_stay or not facts.copay_total or make.rng.random() < 0.4:
        return y
    shares = ["5%", "10%", "20%", "30%", "合計 Total"]
    columns = [Column(share, (share,), 1, "right") for share in shares]
    texts = ["0", str(facts.copay_total), "0", "0", str(facts.copay_total)]
    cells = {share: Cell(text) for share, text in zip(shares, texts, strict=True)}
    left, size = make.canvas.left, make.style.size
    make.canvas.text(left, y + size * 1.4, "部分負擔 Copayment", form=True)
    return make.table(columns, [Row(cells)], y + size * 2.4, x1=left + (make.canvas.right - left) * 0.7)


def h03(rng: random.Random, **options: bool) -> Document:
    """A dental clinic: tooth, unit price and number before the amounts, what the patient pays on the left."""
    make = Maker(rng, "h03", **options)
    only_own = rng.random() < 0.35
    facts = draw_facts(rng, rng.randint(2, 4), payer="own" if only_own else "both")
    _at_a_clinic(rng, facts)
    facts.header["hospital_name"] = rng.choice(("永福牙醫診所", "和平牙醫診所", "美齒牙醫診所"))
    for name, price in rng.sample(_DENTAL, rng.randint(1, 3)):
        facts.lines.append(Line(name, own=price, quantity=1))
    facts.paid = facts.due
    facts.title = "自費醫療費用收據" if only_own else "門診醫療費用收據"
    y, align = make.begin(facts), make.style.align
    columns = [make.name_column(), Column("tooth", (rng.choice(("牙位", "齒位")),), 0.7, "center")]
    columns += [Column("price", ("單價",), 1, align), Column("quantity", ("數量",), 0.6, "center")]
    columns += [Column("own", (rng.choice(wordings.OWN_HEADS),), 1.4, align)]
    columns += [] if only_own else [Column("nhi", (rng.choice(wordings.NHI_HEADS),), 1.4, align)]
    rows = []
    for line in facts.lines:
        row = make.line_row(line, [column for column in columns if column.key != "tooth"])
        row.cells["tooth"] = Cell(str(rng.choice((11, 16, 24, 26, 36, 46))) if rng.random() < 0.6 else "")
        if not line.own:
            row.cells["price"] = Cell("")
        rows.append(row)
    return make.finish(make.table(columns, rows, y), skip=("nhi_total",) if only_own else ())


def h04(rng: random.Random, **options: bool) -> Document:
    """A Chinese-medicine clinic: blocks with heads of their own, one above the other, a discount as a line."""
    make = Maker(rng, "h04", width=1240, **options)
    facts = draw_facts(rng, rng.randint(5, 9), split=True)
    facts.header["hospital_name"] = rng.choice(("慈恩中醫診所", "漢生中醫診所", "同仁堂中醫診所"))
    facts.title, facts.discount = "門診醫療費用收據", 0
    for name, price in rng.sample((("水煎藥7日", 1400), ("科學中藥自費", 900), ("針灸自費", 350), ("三伏貼", 600)), 2):
        facts.lines.append(Line(name, own=price))
    own = sum(line.own for line in facts.lines)
    if rng.random() < 0.6:
        facts.lines.append(Line(rng.choice(("會員優待", "敬老優待")), own=-max(10, own // 20)))
    facts.paid = facts.due
    y, align = make.begin(facts), make.style.align
    parts = [("own", rng.choice(wordings.OWN_SECTIONS), "金額"), ("nhi", rng.choice(wordings.NHI_SECTIONS), "點數")]
    if rng.random() < 0.35:
        parts.reverse()
    for payer, title, money in parts:
        lines = [line for line in facts.lines if getattr(line, payer)]
        columns = [Column("name", (title,), 3, "left")]
        if payer == "own":
            columns += [Column("quantity", ("數量",), 0.7, "center"), Column("price", ("單價",), 1, align)]
        columns.append(Column(payer, (money,), 1.2, align))
        rows = [make.line_row(line, columns) for line in lines]
        if rng.random() < 0.5:
            rows.append(make.sum_row(columns, lines, "小計", is_grand=True))
        y = make.table(columns, rows, y) + make.style.size * rng.uniform(0.6, 1.6)
    return make.finish(y)


def h05(rng: random.Random, **options: bool) -> Document:
    """One column of amounts; a letter or a word on the line says who pays, a note below says what it means."""
    make = Maker(rng, "h05", **options)
    make.style = make.canvas.style = replace(make.style, units=False)
    facts = draw_facts(rng, rng.randint(5, 11), split=True)
    y = make.begin(facts)
    tags, head, legend = rng.choice(
        (
            ({"nhi": "健", "own": "自"}, "別", "註：健＝健保給付，自＝自費"),
            ({"nhi": "健保", "own": "自費"}, "身分", ""),
            ({"nhi": "N", "own": "S"}, "註記", "N：健保給付點數  S：自費金額"),
            ({"nhi": "(健)", "own": "(自)"}, "給付別", ""),
            ({"nhi": "", "own": "*"}, "註", "「*」為自費項目，其餘為健保給付點數"),
        )
    )
    columns = [
        make.name_column(),
        Column("tag", (head,), 0.8, "center"),
        Column("money", ("金額/點數",), 1.4, make.style.align),
    ]
    if rng.random() < 0.5:
        columns.insert(0, columns.pop(1))
    rows = []
    for line in facts.lines:
        payer = "nhi" if line.nhi else "own"
        cells = {"name": make.name_cell(line), "tag": Cell(tags[payer]), "money": make.amount_cell(line, payer)}
        rows.append(Row(cells))
    y = make.table(columns, rows, y)
    if legend:
        y += make.style.size * 1.2
        make.canvas.text(make.canvas.left, y, legend, form=True)
    return make.finish(y)


def h06(rng: random.Random, **options: bool) -> Document:
    """The table lies on its side: fees are the heads, a row of amounts for each payer, in two or more bands."""
    make = Maker(rng, "h06", width=1600, size=rng.randint(20, 24), **options)
    make.style = make.canvas.style = replace(
        make.style, spread=False, ruling=rng.choice(("grid", "grid", "rows", "dotted"))
    )
    facts = draw_facts(rng, rng.randint(5, 12))
    facts.lines = [line for line in facts.lines if len(line.name) <= 7] or facts.lines[:3]
    facts.paid = facts.due
    y, per = make.begin(facts), rng.choice((5, 6))
    labels = {"nhi": rng.choice(("健保點數", "健保", "健保(點)")), "own": rng.choice(("自費金額", "自費", "自付(元)"))}
    for start in range(0, len(facts.lines), per):
        band = facts.lines[start : start + per]
        columns = [Column("head", ("項目",), 1.2, "center")]
        paths = [make.item(line.name) for line in band]
        columns += [Column(str(index), (line.name,), 1, "center", path=f"{paths[index]}.name")
                    for index, line in enumerate(band)]  # fmt: skip
        columns += [Column(f"-{index}", ("",), 1, "center") for index in range(per - len(band))]
        rows = []
        for payer in ("nhi", "own"):
            row = Row({"head": Cell(labels[payer])})
            row.cells.update({str(index): make.amount_cell(line, payer) for index, line in enumerate(band)})
            rows.append(row)
        y = make.table(columns, rows, y)
    return make.finish(y)


def h07(rng: random.Random, **options: bool) -> Document:
    """A stay's receipt on two pages: subtotals inside, the second page goes on without heads."""
    make = Maker(rng, "h07", **options)
    facts = draw_facts(rng, rng.randint(15, 24), long_names=rng.random() < 0.5)
    facts.title = "住院醫療費用收據"
    y = make.begin(facts)
    columns = [make.name_column(), make.payer_column("nhi"), make.payer_column("own")]
    if rng.random() < 0.35:
        columns[1:] = reversed(columns[1:])
    if rng.random() < 0.3:
        columns.append(Column("sum", ("合計",), 1.2, make.style.align))
    half = len(facts.lines) * 3 // 5
    for number, part in enumerate((facts.lines[:half], facts.lines[half:])):
        rows = [make.line_row(line, columns) for line in part]
        if rng.random() < 0.6:
            rows.append(make.sum_row(columns, part, "本頁小計" if number == 0 else "小計", is_grand=False))
        if number:
            rows.append(make.sum_row(columns, facts.lines, "總計", is_grand=True))
        y = make.table(columns, rows, y, heads="none" if number else "top") + make.style.size
        if number == 0:
            make.canvas.text(make.canvas.right, y, "續下頁", anchor="rm", form=True)
            make.canvas.cut(y + make.style.size * 3)
            make.next_page()
            make.canvas.text(make.canvas.left, 50, f"{facts.header['hospital_name']}　第2頁", form=True)
            y = 90.0
    return make.finish(y)


def h08(rng: random.Random, **options: bool) -> Document:
    """Heads turned by 90° over narrow columns: points, copayment, discount, what the patient pays, days."""
    make = Maker(rng, "h08", width=1240, **options)
    make.style = make.canvas.style = replace(make.style, ruling="grid", units=False)
    facts = draw_facts(rng, rng.randint(5, 11))
    facts.copayments, facts.copay_total, facts.discount = [], sum(line.copay for line in facts.lines), 0
    facts.paid = facts.due
    y, align = make.begin(facts), make.style.align
    keys = ["nhi", "own"]
    if rng.random() < 0.6 and facts.copay_total:
        keys.insert(1, "copay")
    else:
        facts.copay_total, facts.paid = 0, facts.own_total
    if rng.random() < 0.3:
        keys.reverse()
    columns = [make.name_column()] + ([Column("days", ("天數",), 0.6, "center")] if rng.random() < 0.4 else [])
    columns += [replace(make.payer_column(key), align=align) for key in keys]
    columns = [replace(column, heads=("".join(column.heads),)) for column in columns]
    rows = [make.line_row(line, columns) for line in facts.lines]
    return make.finish(make.table(columns, rows, y, heads="turned"))


def h09(rng: random.Random, **options: bool) -> Document:
    """Nothing says whose the two columns are: heads are missing and so are totals by payer."""
    make = Maker(rng, "h09", **options)
    make.style = make.canvas.style = replace(make.style, units=False, currency="")
    facts = draw_facts(rng, rng.randint(4, 9))
    facts.title = "醫療費用收據"
    # a price list's names say nothing of who paid, but a few only a patient pays: those are left out
    never = {name for name, _ in wordings.OWN_FEES}
    facts.lines = [line for line in facts.lines if line.name not in never]
    if len(facts.lines) < 2:
        facts.lines += [Line("檢查費", nhi=310, own=120), Line("治療處置費", nhi=455, own=80)]
    y = make.begin(facts)
    columns = [Column("name", (), 3, "left"), Column("nhi", (), 1.4), Column("own", (), 1.4)]
    rows = [make.line_row(line, columns) for line in facts.lines]
    y = make.table(columns, rows, y, heads="none")
    make.document.is_headless = True
    bottom = y
    y = blocks.notes(make.canvas, rng, y + make.style.size)  # no totals: 應繳 would be the sum of one of the columns
    blocks.marks(make.canvas, rng, make.top, bottom, heavy=False)
    make.canvas.cut(y + 50)
    make.document.truth["items"] = make.items
    return make.document


def h10(rng: random.Random, **options: bool) -> Document:
    """Heads on two lines with English, a column of both payers together, names on two lines, one decimal."""
    make = Maker(rng, "h10", width=rng.choice((1400, 1540)), **options)
    make.style = make.canvas.style = replace(make.style, decimals=rng.random() < 0.6, units=False, spread=False)
    facts = draw_facts(rng, rng.randint(6, 13), long_names=True)
    for line in facts.lines:
        if line.own and rng.random() < 0.15:
            line.name = rng.choice(("病房費(雙人房3天)", "病房費差額(單人房2天)", "伙食費共計5日", "**雙人房計4日"))
            break
    y, align = make.begin(facts, english=True), make.style.align
    nhi = rng.choice((("健保點數", "NHI Points"), ("健保給付", "NHI"), ("健保點數", "(含部分負擔)")))
    own = rng.choice((("自費金額", "Self-Pay"), ("自付費用", "Patient Pays"), ("自費", "(元)")))
    columns = [
        Column("name", (("收費項目"), "Description"), 3, "left"),
        Column("nhi", nhi, 1.2, align),
        Column("own", own, 1.2, align),
    ]
    if rng.random() < 0.35:
        columns[1:] = reversed(columns[1:])
    if rng.random() < 0.4:
        columns.append(Column("sum", ("合計", "Total"), 1.2, align))
    if rng.random() < 0.4:
        columns.insert(0, Column("code", ("代碼", "Code"), 0.6, "center"))
    english = rng.choice(("", "below"))
    rows = [make.line_row(line, columns, english) for line in facts.lines]
    if rng.random() < 0.5:
        rows.append(make.sum_row(columns, facts.lines, "合計 Total", is_grand=True))
    return make.finish(make.table(columns, rows, y))


def h11(rng: random.Random, **options: bool) -> Document:
    """A pharmacy's or clinic's thermal slip: drugs first, then `label: amount` two or three a line, by payer."""
    make = Maker(rng, "h11", width=760, size=rng.randint(22, 25), **options)
    make.style = make.canvas.style = replace(make.style, spread=False, shift=(0.0, 0.0), currency="")
    facts = draw_facts(rng, rng.randint(3, 6), split=True)
    facts.header["hospital_name"] = rng.choice(("安康藥局", "仁安健保藥局", *_CLINICS))
    y, size = make.begin(facts, columns=1), make.style.size
    columns = [
        Column("drug", ("藥名",), 3, "left"),
        Column("dose", ("用法",), 1, "center"),
        Column("total", ("總量",), 0.8, "center"),
    ]
    rows = []
    for drug in rng.sample(_DRUGS, rng.randint(1, 3)):
        texts = (drug, rng.choice(("TID", "BID", "QD")), str(rng.choice((9, 14, 21, 28))))
        rows.append(Row({column.key: Cell(text) for column, text in zip(columns, texts, strict=True)}))
    y = make.table(columns, rows, y, ruling="head")
    heads = {
        "nhi": rng.choice(("【健保給付】", "健保費用(點)", "--健保項目--")),
        "own": rng.choice(("【自費】", "自費費用(元)", "--自費項目--")),
    }
    for payer in rng.choice((("nhi", "own"), ("own", "nhi"))):
        y += size * 1.7
        make.canvas.text(make.canvas.left, y, heads[payer], form=True)
        for index, (name, money) in enumerate(_side(make, facts.lines, payer)):
            y += size * 1.6 if index % 2 == 0 else 0
            x = make.canvas.left + (index % 2) * (make.canvas.right - make.canvas.left) / 2
            end = make.canvas.text(x, y, name.text + ":", path=name.path, form=True)[2]
            make.canvas.text(end + size * 0.3, y, money.text, path=money.path)
    return make.finish(y + size)


def h12(rng: random.Random, **options: bool) -> Document:
    """At the left of the rows a joined cell says who pays, its characters one above the other."""
    make = Maker(rng, "h12", **options)
    make.style = make.canvas.style = replace(make.style, ruling="grid", units=False, shift=(0.0, 0.0))
    facts = draw_facts(rng, rng.randint(7, 12), split=True)
    y, size, align = make.begin(facts), make.style.size, make.style.align
    columns = [make.name_column(), *([Column("quantity", ("數量",), 0.7, "center")] if rng.random() < 0.4 else [])]
    columns.append(Column("money", (rng.choice(("金額", "點數/金額", "費用")),), 1.4, align))
    left = make.canvas.left + size * 2.2
    parts = [("nhi", rng.choice(("健保", "健保給付", "健保"))), ("own", rng.choice(("自費", "自費", "自付")))]
    if rng.random() < 0.35:
        parts.reverse()
    for number, (payer, word) in enumerate(parts):
        lines = [line for line in facts.lines if getattr(line, payer)]
        word = word if len(lines) * make.style.step > len(word) * 1.2 + 1 else word[:2]
        rows = []
        for line in lines:
            row = make.line_row(line, columns[:-1])
            row.cells["money"] = make.amount_cell(line, payer)
            rows.append(row)
        if len(lines) == 1:  # two characters need the room of two rows
            rows.append(Row({"name": Cell("")}))
        top = y + (0 if number else size * 1.5)
        y = make.table(columns, rows, y, x0=left, heads="none" if number else "top")
        for index, character in enumerate(word):
            middle = (top + y) / 2 + (index - (len(word) - 1) / 2) * size * 1.15
            make.canvas.text(make.canvas.left + size * 1.1, middle, character, anchor="mm", form=True)
        make.canvas.rule(make.canvas.left, y, left, y)
        make.canvas.rule(make.canvas.left, top, left, top)
        make.canvas.rule(make.canvas.left, top, make.canvas.left, y)
    return make.finish(y)


KINDS = (h01, h02, h03, h04, h05, h06, h07, h08, h09, h10, h11, h12)
