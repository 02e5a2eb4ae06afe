"""Kinds of western invoices and shop receipts, in the words of ten countries."""

import random
from decimal import Decimal

from invoice_papers.facts import Facts, Paper, pick
from invoice_papers.sheet import Sheet


def till_slip(rng: random.Random) -> Paper:
    """A till's slip: prices with the tax in them, cash and change."""
    f, s = Facts(rng, pick(rng), is_shop=True), Sheet(230)
    f.include_tax()
    w, y = f.word, 12.0
    for text, size in (
        (f.seller, 14),
        (f.street, 10),
        (f.town, 10),
        (f"Tel {rng.randrange(10**8, 10**9)}", 10),
        (f.tax_id, 10),
    ):
        s.put(115, y, text, "c", size)
        y += size + 5
    if rng.random() < 0.5:
        s.put(115, y, w("receipt"), "c")
        y += 16
    s.put(12, y, f"{w('slip')} {f.number}")
    y += 15
    s.put(12, y, f.day(f.date) if rng.random() < 0.5 else f"{w('date')}: {f.day(f.date)}")
    s.put(218, y, f"{rng.randrange(8, 21):02d}:{rng.randrange(60):02d}", "r")
    y += 22
    for name, count, price, amount in f.lines:
        if count > 1 and rng.random() < 0.5:
            s.put(12, y, name)
            y += 14
            s.put(24, y, f"{count} x {f.bare(price)}")
        else:
            s.put(12, y, f"{count} {name}" if rng.random() < 0.5 else name)
        s.put(218, y, f.bare(amount), "r")
        y += 15
    rows = [(w("total"), f.money(f.total), 13)]
    if rng.random() < 0.6:
        paid = (f.total // 10 + 1) * 10
        rows += [(w("cash"), f.bare(paid), 10), (w("change"), f.bare(paid - f.total), 10)]
    rows.append((f"{w('tax')} {f.rate}%", f.bare(f.tax), 10))
    for label, amount_text, size in rows:
        y += 5
        s.put(12, y, label, size=size)
        s.put(218, y, amount_text, "r", size)
        y += size + 2
    s.put(115, y + 8, w("thanks"), "c")
    s.cut(y + 30)
    return Paper("till_slip", f.country.language, s, f.truth(invoice_number=None))


def ruled_invoice(rng: random.Random) -> Paper:
    """The seller at the top left, the numbers at the right, the buyer below, lines, sums, sometimes what is due."""
    f, s = Facts(rng, pick(rng)), Sheet()
    w = f.word
    s.put(40, 36, f.seller, size=rng.choice((12, 18)))
    for at, text in ((60, f.street), (73, f.town), (86, f.tax_id)):
        s.put(40, at, text)
    s.put(555, 36, w("title"), "r", 20)
    facts = [
        (w("number"), f.number),
        (w("date"), f.day(f.date)),
        (w("due"), f.day(f.due)),
        (w("order"), f.order),
        (w("customer"), f.customer),
    ]
    rng.shuffle(facts)
    _list(s, facts, 330, 70, colon=rng.random() < 0.5, beside=rng.random() < 0.6)
    s.put(40, 150, w("to"))
    for at, text in ((165, f.buyer), (179, rng.choice(f.country.streets)), (193, rng.choice(f.country.towns))):
        s.put(40, at, text)
    y = table(f, s, 240)
    _sums(f, s, y)
    s.put(40, 790, f"{w('thanks')}", size=8)
    return Paper("ruled_invoice", f.country.language, s, f.truth())


def table_of_numbers(rng: random.Random) -> Paper:
    """A logo, numbers under their labels, buyer and receiver side by side, the seller at the foot."""
    f, s = Facts(rng, pick(rng)), Sheet()
    w, domain = f.word, "".join(c for c in f.seller.lower().split()[0] if c.isascii() and c.isalpha())
    s.put(40, 34, f.seller, size=20)
    s.put(555, 40, w("title"), "r", 16)
    for x, label, name in ((40, w("to"), f.buyer), (320, w("ship"), rng.choice(f.country.buyers))):
        s.put(x, 84, f"{label}:")
        for at, text in ((98, name), (112, rng.choice(f.country.streets)), (126, rng.choice(f.country.towns))):
            s.put(x, at, text)
    heads = [
        (w("number"), f.number),
        (w("date"), f.day(f.date)),
        (w("delivery"), f.day(f.delivery)),
        (w("customer"), f.customer),
    ]
    for x, (label, value) in zip((40, 185, 330, 460), heads, strict=True):
        s.put(x, 170, label, size=9)
        s.put(x, 184, value, size=9)
    y = table(f, s, 230)
    _sums(f, s, y)
    s.put(297, 785, f"{f.seller} - {f.street} - {f.town}", "c", 8)
    s.put(297, 797, f"{f.tax_id} - www.{domain}.com - info@{domain}.com", "c", 8)
    return Paper("table_of_numbers", f.country.language, s, f.truth())


def window_letter(rng: random.Random) -> Paper:
    """A letter: the sender as one small line over the buyer's address, the date in a sentence's place."""
    f, s = Facts(rng, pick(rng, "DE CH NL FR")), Sheet()
    w = f.word
    s.put(50, 100, f"{f.seller} - {f.street} - {f.town}", size=7)
    for at, text in ((114, f.buyer), (128, rng.choice(f.country.streets)), (142, rng.choice(f.country.towns))):
        s.put(50, at, text)
    facts = [(w("number"), f.number), (w("customer"), f.customer), (w("date"), f.day(f.date))]
    facts.append((w("delivery"), f.day(f.delivery)))
    _list(s, facts, 340, 114, colon=True, beside=rng.random() < 0.7)
    s.put(50, 220, w("title"), size=16)
    y = table(f, s, 270)
    _sums(f, s, y)
    return Paper("window_letter", f.country.language, s, f.truth())


def credit_note(rng: random.Random) -> Paper:
    """Everything negative; the number of the first invoice stands there too."""
    f, s = Facts(rng, pick(rng, "GB DE FR IT"), sign=-1), Sheet()
    w = f.word
    s.put(40, 36, f.seller, size=14)
    for at, text in ((56, f.street), (70, f.town), (84, f.tax_id)):
        s.put(40, at, text)
    s.put(40, 120, w("credit"), size=18)
    labels = {"en": "Credit Note No", "de": "Gutschrift-Nr.", "fr": "Avoir N°", "it": "Nota di credito n."}
    facts = [(labels[f.country.language], f.number), (w("date"), f.day(f.date))]
    _list(s, facts, 40, 150, colon=True, beside=True)
    s.put(330, 120, w("to"))
    s.put(330, 136, f.buyer)
    y = table(f, s, 220)
    _sums(f, s, y)
    return Paper("credit_note", f.country.language, s, f.truth())


def table(f: Facts, s: Sheet, y: float) -> float:
    """Print heads and lines; return where the sums may begin."""
    columns = [(40, "item", "l"), (340, "quantity", "r"), (440, "price", "r"), (555, "amount", "r")]
    if f.rng.random() < 0.3:
        columns = [(40, "quantity", "l"), (110, "item", "l"), (440, "price", "r"), (555, "amount", "r")]
    for x, key, align in columns:
        s.put(x, y, f.word(key), align)
    write = f.money if f.rng.random() < 0.5 else f.bare
    for name, count, price, amount in f.lines:
        y += 20
        values = {"item": name, "quantity": str(count), "price": write(price), "amount": write(amount)}
        for x, key, align in columns:
            s.put(x, y, values[key], align)
    return y + 32


def _sums(f: Facts, s: Sheet, y: float) -> None:
    w = f.word
    rows = [
        (w("subtotal"), f.net),
        (w("tax") + f.rng.choice(("", f" {f.rate}%", f" ({f.rate} %)")), f.tax),
        (w("total"), f.total),
    ]
    for label, amount in rows:
        s.put(370, y, label + f.rng.choice(("", ":")))
        s.put(555, y, f.money(amount), "r")
        y += 17


def _list(s: Sheet, facts: list[tuple[str, str]], x: float, y: float, *, colon: bool, beside: bool) -> None:
    for label, value in facts:
        if beside:
            s.put(x, y, label + ":" * colon)
            s.put(x + 130, y, value)
        else:
            s.put(x, y, f"{label}: {value}" if colon else f"{label} {value}")
        y += 15


def discounted(rng: random.Random) -> Paper:
    """A discount before the tax, a deposit that was paid, and what is left: the total is not the last amount."""
    f, s = Facts(rng, pick(rng, "US GB SG DE FR")), Sheet()
    w = f.word
    off = (f.net / 10).quantize(Decimal("0.01"))
    f.tax = ((f.net - off) * f.rate / 100).quantize(Decimal("0.01"))
    f.total = f.net - off + f.tax
    s.put(297, 36, f.seller, "c", 16)
    s.put(297, 58, f"{f.street}, {f.town}", "c")
    _list(
        s,
        [(w("number"), f.number), (w("date"), f.day(f.date)), (w("due"), f.day(f.due))],
        380,
        90,
        colon=True,
        beside=False,
    )
    s.put(40, 90, w("to"))
    s.put(40, 105, f.buyer)
    y = table(f, s, 180)
    for label, amount in (
        (w("subtotal"), f.net),
        (f"{w('discount')} 10%", -off),
        (f"{w('tax')} {f.rate}%", f.tax),
        (f.country.words["total"][0], f.total),
    ):
        s.put(370, y, label)
        s.put(555, y, f.money(amount), "r")
        y += 17
    truth = f.truth()
    truth["items"].append({"name": "discount", "qty": None, "unit_price": None, "amount": str(-off)})
    return Paper("discounted", f.country.language, s, truth)


WESTERN = (till_slip, ruled_invoice, table_of_numbers, window_letter, credit_note, discounted)
