"""Kinds that were written before the reader was worked on and not looked at since: how it does on what is new to it."""

import random
from decimal import Decimal

from invoice_papers.facts import Facts, Paper, pick
from invoice_papers.sheet import Sheet


def parties_side_by_side(rng: random.Random) -> Paper:
    """The seller right, the buyer left, both under labels; numbers as a list at the top; the total in a box above."""
    f, s = Facts(rng, pick(rng)), Sheet()
    w = f.word
    s.put(40, 40, w("title"), size=22)
    s.put(40, 76, f"{w('number')}: {f.number}")
    s.put(40, 92, f"{w('date')}: {f.day(f.date)}")
    s.put(40, 108, f"{w('order')}: {f.order}")
    s.put(40, 124, f"{w('due')}: {f.day(f.due)}")
    for x, name in ((40, f.buyer), (330, f.seller)):
        label = (
            w("to")
            if x == 40
            else {"en": "From", "de": "Von", "fr": "Émetteur", "es": "Emisor", "it": "Fornitore", "nl": "Van"}[
                f.country.language
            ]
        )
        s.put(x, 160, label)
        s.put(x, 178, name, size=12)
        s.put(x, 196, rng.choice(f.country.streets))
        s.put(x, 210, rng.choice(f.country.towns))
    s.put(330, 226, f.tax_id)
    y = _table(f, s, 270)
    for label, amount in ((w("subtotal"), f.net), (f"{w('tax')} {f.rate}%", f.tax), (w("total"), f.total)):
        s.put(380, y, label)
        s.put(550, y, f.money(amount), "r")
        y += 18
    return Paper("parties_side_by_side", f.country.language, s, f.truth())


def _table(f: Facts, s: Sheet, y: float) -> float:
    for x, key, align in ((40, "item", "l"), (350, "quantity", "r"), (450, "price", "r"), (550, "amount", "r")):
        s.put(x, y, f.word(key), align)
    for name, count, price, amount in f.lines:
        y += 20
        s.put(40, y, name)
        for x, text in ((350, str(count)), (450, f.bare(price)), (550, f.bare(amount))):
            s.put(x, y, text, "r")
    return y + 34


def card_slip(rng: random.Random) -> Paper:
    """The slip of a card terminal: no lines, codes everywhere."""
    f, s = Facts(rng, pick(rng, "US GB SG MY"), is_shop=True), Sheet(220)
    s.put(110, 12, f.seller.upper(), "c", 12)
    s.put(110, 30, f.street, "c")
    s.put(110, 44, f.town, "c")
    s.put(12, 70, f"DATE: {f.day(f.date)}")
    s.put(208, 70, f"{rng.randrange(8, 22):02d}:{rng.randrange(60):02d}", "r")
    s.put(12, 86, f"TERMINAL {rng.randrange(10**7, 10**8)}")
    s.put(12, 102, f"MERCHANT ID {rng.randrange(10**9, 10**10)}")
    s.put(12, 118, "VISA ************" + str(rng.randrange(1000, 9999)))
    s.put(12, 134, f"APPROVAL CODE {rng.randrange(10**5, 10**6)}")
    s.put(12, 158, "TOTAL", size=13)
    s.put(208, 158, f.money(f.total), "r", 13)
    s.put(110, 186, "CUSTOMER COPY", "c")
    s.cut(220)
    return Paper("card_slip", f.country.language, s, f.truth(invoice_number=None, tax=None, items=None))


def seller_at_the_foot(rng: random.Random) -> Paper:
    """A letter: a window with the buyer's address, the seller in the last lines only."""
    f, s = Facts(rng, pick(rng, "DE FR NL CH IT ES")), Sheet()
    w = f.word
    for at, text in ((110, f.buyer), (124, rng.choice(f.country.streets)), (138, rng.choice(f.country.towns))):
        s.put(50, at, text)
    s.put(50, 210, f"{w('title')} {f.number}", size=16)
    s.put(540, 212, f.day(f.date), "r")
    s.put(50, 240, f"{w('customer')}: {f.customer}")
    s.put(50, 256, f"{w('delivery')}: {f.day(f.delivery)}")
    y = _table(f, s, 300)
    for label, amount in ((w("subtotal"), f.net), (f"{f.rate} % {w('tax')}", f.tax), (w("total"), f.total)):
        s.put(350, y, label)
        s.put(550, y, f.money(amount), "r")
        y += 17
    s.put(50, 780, f"{f.seller}")
    s.put(50, 792, f"{f.street}, {f.town}", size=8)
    s.put(300, 780, f.tax_id, size=8)
    s.put(300, 792, "IBAN " + "".join(rng.choice("0123456789") for _ in range(18)), size=8)
    return Paper("seller_at_the_foot", f.country.language, s, f.truth())


def japanese_invoice(rng: random.Random) -> Paper:
    """請求書: the buyer with 御中 at the left, the seller at the right with its 登録番号, the total above the lines."""
    s, day = Sheet(), rng.randrange(1, 29)
    month, number = rng.randrange(1, 13), f"{rng.randrange(1000, 9999)}-{rng.randrange(10, 99)}"
    seller, buyer = rng.choice(("株式会社山田製作所", "有限会社青空商事", "合同会社みなと企画")), "株式会社サンプル"
    goods = [
        (name, rng.randrange(1, 6), rng.randrange(5, 400) * 100)
        for name in rng.sample(("事務用品", "保守作業", "印刷費", "運送料", "部品A"), 3)
    ]
    net = sum(count * price for _, count, price in goods)
    tax = net // 10
    s.put(300, 40, "請求書" if rng.random() < 0.5 else "御請求書", "c", 20)
    s.put(40, 90, f"{buyer} 御中", size=13)
    s.put(550, 84, f"請求日 2025年{month}月{day}日", "r")
    s.put(550, 100, f"請求番号 {number}", "r")
    s.put(550, 124, seller, "r", 12)
    s.put(550, 142, "東京都港区芝1-2-3", "r")
    s.put(550, 158, "TEL 03-1234-5678", "r")
    s.put(550, 174, f"登録番号 T{rng.randrange(10**12, 10**13)}", "r")
    s.put(40, 200, "ご請求金額")
    s.put(150, 198, f"¥{net + tax:,}", size=14)
    for x, head, align in ((40, "品目", "l"), (330, "数量", "r"), (440, "単価", "r"), (550, "金額", "r")):
        s.put(x, 250, head, align)
    y = 250.0
    for name, count, price in goods:
        y += 20
        s.put(40, y, name)
        for x, text in ((330, str(count)), (440, f"{price:,}"), (550, f"{count * price:,}")):
            s.put(x, y, text, "r")
    for label, amount in (("小計", net), ("消費税(10%)", tax), ("合計", net + tax)):
        y += 22
        s.put(440, y, label, "r")
        s.put(550, y, f"{amount:,}", "r")
    truth = {
        "seller_name": seller,
        "invoice_number": number,
        "date": f"2025-{month:02d}-{day:02d}",
        "total": str(net + tax),
        "tax": str(tax),
        "currency": "JPY",
    }
    return Paper("japanese_invoice", "ja", s, truth)


def grid_receipt(rng: random.Random) -> Paper:
    """免用統一發票收據 whose total stands in a grid ×萬×仟×佰×拾×元 and nowhere in digits but at the line."""
    s, total = Sheet(420, 300), rng.randrange(3, 900) * 10
    year, month, day = rng.randrange(112, 115), rng.randrange(1, 13), rng.randrange(1, 29)
    shop, tax_id = (
        rng.choice(("福安蔘藥行", "順興醫療器材行", "阿美看護工作室")),
        rng.choice(("04595252", "53212539", "22099131")),
    )
    s.put(210, 20, "免用統一發票收據", "c", 15)
    s.put(400, 44, f"中華民國{year}年{month}月{day}日", "r")
    s.put(20, 64, f"買受人:{rng.choice(('王小明', '林淑芬'))}")
    for x, head in ((20, "品名"), (190, "數量"), (260, "單價"), (340, "金額")):
        s.put(x, 90, head)
    s.put(20, 112, rng.choice(("醫療用品", "看護費", "紙尿褲")))
    s.put(200, 112, "1")
    s.put(265, 112, str(total))
    s.put(345, 112, str(total))
    grid = "".join(
        f"{'零壹貳參肆伍陸柒捌玖'[int(digit)]}{unit}" for digit, unit in zip(f"{total:05d}", "萬仟佰拾元", strict=True)
    )
    s.put(20, 170, f"合計新台幣{grid}整")
    s.put(20, 210, shop, size=13)
    s.put(20, 230, f"統一編號 {tax_id}")
    s.put(20, 248, "地址 台中市西區民生路12號")
    truth = {
        "seller_name": shop,
        "date": f"{year + 1911}-{month:02d}-{day:02d}",
        "total": str(Decimal(total)),
        "currency": "TWD",
    }
    return Paper("grid_receipt", "zh-TW", s, truth)


SEALED = (parties_side_by_side, card_slip, seller_at_the_foot, japanese_invoice, grid_receipt)
