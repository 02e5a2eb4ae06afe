"""Kinds of Taiwanese, Hong Kong, mainland and Japanese papers."""

import random

from invoice_papers.facts import Paper
from invoice_papers.sheet import Sheet

_SHOPS = ("維康醫療用品股份有限公司", "長青藥局", "康寧醫療器材有限公司", "安心看護企業社")
_TAX_IDS = ("04595252", "53212539", "22099131", "84149961")
_GOODS = ("血壓計", "紙尿褲", "輪椅租金", "人工皮", "營養品", "看護墊")
_DIGITS = "零壹貳參肆伍陸柒捌玖"


def _sale(rng: random.Random, top: int = 300) -> tuple[list[tuple[str, int, int]], int]:
    goods = [
        (name, rng.randrange(1, 5), rng.randrange(2, top) * 10) for name in rng.sample(_GOODS, rng.randrange(1, 4))
    ]
    return goods, sum(count * price for _, count, price in goods)


def _table(
    s: Sheet, goods: list[tuple[str, int, int]], y: float, heads: tuple[str, str, str, str], right: float
) -> float:
    places = ((20, "l"), (0.55 * right, "r"), (0.77 * right, "r"), (right, "r"))
    for (x, align), head in zip(places, heads, strict=True):
        s.put(x, y, head, align)
    for name, count, price in goods:
        y += 18
        for (x, align), text in zip(places, (name, str(count), f"{price:,}", f"{count * price:,}"), strict=True):
            s.put(x, y, text, align)
    return y + 26


def triplicate(rng: random.Random) -> Paper:
    """三聯式: the buyer at the top, the seller in its stamp, sums and capital numerals below."""
    s, (goods, net) = Sheet(420, 420), _sale(rng)
    year, month, day, tax = rng.randrange(112, 115), rng.randrange(1, 13), rng.randrange(1, 29), (net + 10) // 20
    number = f"{rng.choice('ABCKRT')}{rng.choice('ABCXYZ')}{rng.randrange(10**7, 10**8)}"
    first = month - (month + 1) % 2
    s.put(20, 20, number, size=12)
    s.put(210, 20, "統一發票(三聯式)", "c", 14)
    s.put(210, 42, f"中華民國{year}年{first:02d}、{first + 1:02d}月份", "c")
    s.put(20, 60, "買受人:大同資訊股份有限公司")
    s.put(20, 76, "統一編號:32379821")
    s.put(400, 76, f"中華民國{year}年{month}月{day}日", "r")
    y = _table(s, goods, 104, ("品名", "數量", "單價", "金額"), 280)
    shop, tax_id = rng.choice(_SHOPS), rng.choice(_TAX_IDS)
    for at, text in ((130, "營業人蓋用統一發票專用章"), (160, shop), (180, f"統一編號:{tax_id}")):
        s.put(405, at, text, "r", 9)
    y = max(y, 210)
    for label, amount in (("銷售額合計", net), ("營業稅", tax), ("總計", net + tax)):
        s.put(20, y, label)
        s.put(280, y, f"{amount:,}", "r")
        y += 18
    grid = "".join(
        f"{_DIGITS[int(digit)]}{unit}" for digit, unit in zip(f"{net + tax:07d}", "佰拾萬仟佰拾元", strict=True)
    )
    s.put(20, y, f"總計新臺幣 {grid}整")
    truth = {
        "seller_name": shop,
        "invoice_number": number,
        "date": f"{year + 1911}-{month:02d}-{day:02d}",
        "total": str(net + tax),
        "tax": str(tax),
        "currency": "TWD",
    }
    return Paper("triplicate", "zh-TW", s, truth)


def exempt_receipt(rng: random.Random) -> Paper:
    """免用統一發票收據 with the shop's stamp at the foot."""
    s, (goods, total) = Sheet(420, 360), _sale(rng, 90)
    year, month, day = rng.randrange(112, 115), rng.randrange(1, 13), rng.randrange(1, 29)
    shop, tax_id = rng.choice(("仁愛蔘藥行", "佳佳看護中心", "全民輔具店", "和平文具行")), rng.choice(_TAX_IDS)
    s.put(210, 18, rng.choice(("免用統一發票收據", "收 據", "免用統一發票專用收據")), "c", 15)
    s.put(20, 46, f"{rng.choice(('買受人', '客戶', '抬頭'))}:{rng.choice(('陳美玲', '張志明'))}  台照")
    s.put(
        400,
        46,
        rng.choice(
            (f"中華民國 {year} 年 {month} 月 {day} 日", f"{year}.{month}.{day}", f"{year}/{month:02d}/{day:02d}")
        ),
        "r",
    )
    y = _table(s, goods, 76, ("品名", "數量", "單價", "總價"), 400)
    s.put(20, y, rng.choice(("合計", "總計", "合計新台幣")))
    s.put(400, y, f"{total:,}" if rng.random() < 0.5 else f"NT$ {total:,}", "r")
    words = "".join(
        f"{_DIGITS[int(d)]}{u}" if d != "0" else f"×{u}" for d, u in zip(f"{total:05d}", "萬仟佰拾元", strict=True)
    )
    s.put(20, y + 18, f"(大寫){words}整")
    for at, text in (
        (y + 48, shop),
        (y + 64, f"統一編號:{tax_id}"),
        (y + 80, "負責人:李大同"),
        (y + 96, "台北市中山區民權東路二段5號"),
    ):
        s.put(250, at, text)
    s.cut(y + 130)
    truth = {
        "seller_name": shop,
        "date": f"{year + 1911}-{month:02d}-{day:02d}",
        "total": str(total),
        "currency": "TWD",
    }
    return Paper("exempt_receipt", "zh-TW", s, truth)


def cash_register(rng: random.Random) -> Paper:
    """收銀機統一發票: a narrow strip."""
    s, (goods, total) = Sheet(200), _sale(rng, 60)
    year, month, day = rng.randrange(112, 115), rng.randrange(1, 13), rng.randrange(1, 29)
    first, shop, tax_id = month - (month + 1) % 2, rng.choice(_SHOPS), rng.choice(_TAX_IDS)
    number = f"{rng.choice('ABCKRT')}{rng.choice('ABCXYZ')}{rng.randrange(10**7, 10**8)}"
    rows = [
        "收銀機統一發票(收執聯)",
        f"{year}年{first:02d}-{first + 1:02d}月",
        number,
        shop,
        f"統一編號 {tax_id}",
        "高雄市前金區中正路9號",
    ]
    y = 10.0
    for row in rows:
        s.put(100, y, row, "c", 9 if len(row) > 11 else 11)
        y += 16
    s.put(10, y, f"{year + 1911}-{month:02d}-{day:02d} {rng.randrange(9, 21):02d}:{rng.randrange(60):02d}:11")
    s.put(190, y + 14, f"機{rng.randrange(1, 9)} 序{rng.randrange(100, 999)}", "r")
    y += 34
    for name, count, price in goods:
        s.put(10, y, f"{name} {price}*{count}")
        s.put(190, y, f"{count * price:,}TX", "r")
        y += 15
    paid = (total // 1000 + 1) * 1000
    for label, amount in (("小計", total), ("合計", total), ("現金", paid), ("找零", paid - total)):
        s.put(10, y, label)
        s.put(190, y, f"{amount:,}", "r")
        y += 15
    s.cut(y + 12)
    truth = {
        "seller_name": shop,
        "invoice_number": number,
        "date": f"{year + 1911}-{month:02d}-{day:02d}",
        "total": str(total),
        "currency": "TWD",
    }
    return Paper("cash_register", "zh-TW", s, truth)


def e_invoice_slip(rng: random.Random) -> Paper:
    """電子發票證明聯 whose codes are damaged."""
    s, (_, total) = Sheet(170, 260), _sale(rng)
    year, month, day = rng.randrange(112, 115), rng.randrange(1, 13), rng.randrange(1, 29)
    first, shop = month - (month + 1) % 2, rng.choice(("好家商店", "全聯便利超市", "清心茶飲", "安康藥局"))
    number = f"{rng.choice('ABCKRT')}{rng.choice('ABCXYZ')}-{rng.randrange(10**7, 10**8)}"
    s.put(85, 10, shop, "c", 15)
    s.put(85, 32, "電子發票證明聯", "c", 14)
    s.put(85, 52, f"{year}年{first:02d}-{first + 1:02d}月", "c", 15)
    s.put(85, 74, number, "c", 15)
    s.put(8, 96, f"{year + 1911}-{month:02d}-{day:02d} {rng.randrange(9, 21):02d}:{rng.randrange(60):02d}:32")
    s.put(8, 110, f"隨機碼:{rng.randrange(1000, 9999)}")
    s.put(162, 110, f"總計:{total}", "r")
    s.put(8, 124, f"賣方:{rng.choice(_TAX_IDS)}")
    truth = {
        "seller_name": shop,
        "invoice_number": number.replace("-", ""),
        "date": f"{year + 1911}-{month:02d}-{day:02d}",
        "total": str(total),
        "currency": "TWD",
    }
    return Paper("e_invoice_slip", "zh-TW", s, truth)


def hong_kong_slip(rng: random.Random) -> Paper:
    """A Hong Kong shop: both languages, day first, paid by card."""
    s, (goods, total) = Sheet(210), _sale(rng, 20)
    shop, month, day = (
        rng.choice(("快樂麵包店", "新記茶餐廳", "LUCKY MART")),
        rng.randrange(1, 13),
        rng.randrange(1, 29),
    )
    y = 10.0
    for text, size in ((shop, 14), ("九龍旺角彌敦道100號", 9), ("Tel: 2345 6789", 9)):
        s.put(105, y, text, "c", size)
        y += size + 5
    s.put(10, y, f"單號: {rng.randrange(10**5, 10**6)}")
    s.put(10, y + 15, f"日期: {day:02d}/{month:02d}/2025 {rng.randrange(9, 21):02d}:{rng.randrange(60):02d}")
    y += 40
    for name, count, price in goods:
        s.put(10, y, f"{count} {name}")
        s.put(200, y, f"{count * price / 10:.2f}", "r")
        y += 15
    for label in ("合計 Total", rng.choice(("八達通", "VISA", "現金"))):
        s.put(10, y, label)
        s.put(200, y, f"{rng.choice(('$', 'HK$'))}{total / 10:.2f}", "r")
        y += 16
    s.put(105, y + 4, "多謝惠顧", "c")
    s.cut(y + 24)
    truth = {
        "seller_name": shop,
        "date": f"2025-{month:02d}-{day:02d}",
        "total": f"{total / 10:.2f}",
        "currency": "HKD",
    }
    return Paper("hong_kong_slip", "zh-HK", s, truth)


def fapiao(rng: random.Random) -> Paper:
    """A mainland 电子发票: buyer left, seller right, the total in words and digits."""
    s, (goods, net) = Sheet(600, 400), _sale(rng, 100)
    tax, month, day = round(net * 0.13, 2), rng.randrange(1, 13), rng.randrange(1, 29)
    seller, number = rng.choice(("上海明德贸易有限公司", "广州天河科技有限公司")), str(rng.randrange(10**19, 10**20))
    s.put(300, 20, "电子发票(普通发票)", "c", 16)
    s.put(580, 20, f"发票号码:{number}", "r")
    s.put(580, 38, f"开票日期:2025年{month:02d}月{day:02d}日", "r")
    s.put(20, 70, "名称:北京晨光文化有限公司")
    s.put(310, 70, f"名称:{seller}")
    s.put(20, 88, "统一社会信用代码/纳税人识别号:91110108MA01ABCD2X")
    s.put(310, 88, "统一社会信用代码/纳税人识别号:91310115MA1K35TT7Y")
    for x, text in ((20, "项目名称"), (300, "数量"), (400, "单价"), (490, "金额"), (580, "税额")):
        s.put(x, 116, text, "l" if x == 20 else "r")
    y = 116.0
    for name, count, price in goods:
        y += 18
        s.put(20, y, f"*医疗*{name}")
        for x, text in (
            (300, str(count)),
            (400, f"{price:.2f}"),
            (490, f"{count * price:.2f}"),
            (580, f"{count * price * 0.13:.2f}"),
        ):
            s.put(x, y, text, "r")
    s.put(60, y + 30, "合计")
    s.put(490, y + 30, f"¥{net:.2f}", "r")
    s.put(580, y + 30, f"¥{tax:.2f}", "r")
    s.put(20, y + 54, "价税合计(大写)")
    s.put(400, y + 54, "(小写)")
    s.put(580, y + 54, f"¥{net + tax:.2f}", "r")
    truth = {
        "seller_name": seller,
        "invoice_number": number,
        "date": f"2025-{month:02d}-{day:02d}",
        "total": f"{net + tax:.2f}",
        "tax": f"{tax:.2f}",
        "currency": "CNY",
    }
    return Paper("fapiao", "zh-CN", s, truth)


def japanese_receipt(rng: random.Random) -> Paper:
    """領収書 or レシート: ¥, 合計, 内消費税, お預り, お釣り."""
    s, (goods, total) = Sheet(220), _sale(rng, 60)
    month, day, shop = (
        rng.randrange(1, 13),
        rng.randrange(1, 29),
        rng.choice(("さくら薬局", "スーパー大黒屋", "喫茶みどり", "株式会社花丸商店")),
    )
    y = 10.0
    for text, size in (
        (shop, 14),
        ("東京都新宿区西新宿2-8-1", 9),
        ("TEL:03-9876-5432", 9),
        (f"登録番号:T{rng.randrange(10**12, 10**13)}", 9),
        ("領収書", 13),
    ):
        s.put(110, y, text, "c", size)
        y += size + 5
    s.put(
        10,
        y,
        f"2025年{month}月{day}日 {rng.randrange(9, 21):02d}:{rng.randrange(60):02d}"
        if rng.random() < 0.6
        else f"2025/{month:02d}/{day:02d}",
    )
    y += 20
    for name, count, price in goods:
        s.put(10, y, name if count == 1 else f"{name} {count}点")
        s.put(210, y, f"¥{count * price:,}", "r")
        y += 15
    paid = (total // 1000 + 1) * 1000
    for label, amount in (
        ("合計", total),
        ("(内消費税等", total * 10 // 110),
        ("お預り", paid),
        ("お釣り", paid - total),
    ):
        s.put(10, y, label)
        s.put(210, y, f"¥{amount:,}" + ")" * label.startswith("("), "r")
        y += 16
    s.cut(y + 14)
    truth = {
        "seller_name": shop,
        "date": f"2025-{month:02d}-{day:02d}",
        "total": str(total),
        "tax": str(total * 10 // 110),
        "currency": "JPY",
    }
    return Paper("japanese_receipt", "ja", s, truth)


EASTERN = (triplicate, exempt_receipt, cash_register, e_invoice_slip, hong_kong_slip, fapiao, japanese_receipt)
