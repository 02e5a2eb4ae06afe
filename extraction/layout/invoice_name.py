"""What a seller's name looks like, and what stands at the top of a receipt without being one."""

import re

LEGAL = re.compile(
    r"SDN\.?\s?BHD|S/B$|(?<![A-Z])(?:LTD|LIMITED|LLC|INC|CORP|PLC|GMBH|PTE|PTY|SARL|SAS)(?![A-Z])|公司"
    r"|(?<=\S )(?:AG|KG|OHG|UG|GBR|VOF|BV|NV|SRL|SPA|SNC|SASU|EURL|OY|APS|LLP|SL|SLU|SA|S\.L\.(?:U\.)?|S\.A\."
    r"|S\.R\.L\.?"
    r"|S\.P\.A\.?|S\.N\.C\.?|B\.V\.|N\.V\.|S\.A\.R\.L\.?|E\.K\.)$|株式会社|有限会社|合同会社"
)
"""Words of a company's legal form."""

_BUSINESS = re.compile(
    r"(?<![A-Z])(?:L\.L\.C|CO\.|COMPANY|S\.A\.R\.L|B\.V|MART|SHOP|STORE)(?![A-Z])|ENTERPRISE|TRADING|RESTAURANT"
    r"|RESTORAN"
    r"|STATIONERY|HARDWARE|SUPPLIES|BISTRO|CAFE|HOSPITAL|CLINIC|PHARMACY|PHARMACIE|APOTHEKE|KEDAI|PERNIAGAAN|SYARIKAT"
    r"|PASAR|HANDICRAFT|MARKETING|DISTRIBUTOR|SUPERMARKET|BAKER|FACTORY|KITCHEN|PIZZA|HOTEL|PETRO"
    r"|BÄCKEREI|BOULANGERIE|PANADER[ÍI]A|TRATTORIA|RISTORANTE|FARMACIA|FERRAMENTA|BAKKERIJ|CAF[ÉE](?![A-Z])"
    r"|薬局|クリニック|商店$|商行|藥局|藥房|企業社|診所|醫院|超市|超商|便利商店|市場|餐廳|飲料店|書局|店$"
)
GENERIC = re.compile(
    r"(?:SDN\.?\s?BHD\.?|RESTAURANT|RESTORAN|STATIONERY|ENTERPRISE|TRADING|LTD\.?|LIMITED|INC\.?|LLC|\(M\)|CO\.?"
    r"|BISTRO|CAFE|HARDWARE|MARKETING|[\s.,&])+",
    re.IGNORECASE,
)
"""A line of nothing but such words is the end of a name that was broken."""

_TITLE = re.compile(
    r"^[\W\d]*(?:(?:tax |sales |commercial |simplified |medical |insurance |project )*"
    r"(?:invoice|receipt|statement|bill)s?|medical|insurance|cash|facture|re[çc]u|rechnung|quittung|original|copy"
    r"|salinan"
    r"|reprint|welcome.*|thank.*|tel.*|gst|收據|銷貨單?|發票|電子發票.*|統\s?一\s?發.*|.*聯式.*|副本|正本|暫存單|結帳單"
    r"|免(?:用|開)統一發票.*|kassen(?:bon|beleg|bong)|ticket(?: de caisse)?|factura(?: simplificada)?|fattura|factuur"
    r"|scontrino|ricevuta"
    r"|documento commerciale|kassabon|bon|gutschrift|stornorechnung|avoir|facture d.avoir|nota di credito"
    r"|nota de abono|credit ?(?:note|memo)"
    r"|factura rectificativa|creditnota|creditfactuur|customer copy|merchant copy|領収書|請求書|御請求書|納品書"
    r"|レシート|领收|电子发票.*"
    r"|发\s?票.*|手寫收據|銷[售貨](?:單|收據|發票)|.*證明聯|營業人企業識別標章|一|統|發?\s?票)\W*$",
    re.IGNORECASE,
)
_DETAIL = re.compile(
    r"tel[.: ]|phone|fax|電話|地址|gst|reg\.? ?no|co\.? ?no|table|cashier|date|日期|invoice\b|receipt no|doc no|order"
    r"|單號|號碼|編號|隨機|@|screen|顯示屏|no\.? ?\d|lot \d|jalan|jln|路\d|street|[^\d]\d{5}(?!\d)|^\d{5} |叫號"
    r"|民國|年.*月|收銀|品名|總計|合計|退貨|統[一編偏純]|備註|^bill to|^ship to|^sold to|^\W*$|^.$",
    re.IGNORECASE,
)
_NEVER = re.compile(
    r"店號|分店|(?:store|shop) ?(?:no|#|[:(]|[a-z]?\d)|table|cashier|^date|日期|tel\b|電話|地址"
    r"|receipt no|invoice no|www\.|\.com|https?:"
    r"|not returnable|for shopping|^\(|受\s?人|:$|^\W*(?:co|company)\b\.? ?(?:reg\w*\.? ?)?no"
    r"|^(?:united states|usa|malaysia)$",
    re.IGNORECASE,
)
_SHOP = re.compile(r"[行店號舖坊館社園堂局]$|中心$|工作室$|商號$|診所$")
_LONGEST = 70


def is_business(text: str) -> bool:
    """Whether a word for a company or a shop is in the text."""
    return bool(LEGAL.search(text.upper()) or _BUSINESS.search(text.upper()))


def is_shop(text: str) -> bool:
    """Whether a text ends as names of small businesses do; a street's number ends so too, so it wants more evidence."""
    return bool(_SHOP.search(text.strip()))


def is_title(text: str) -> bool:
    """Whether a line says what the paper is: invoice, receipt, 電子發票證明聯."""
    return bool(_TITLE.match(text))


def may_be_name(text: str) -> bool:
    """Whether a line at the top may be a name: no title, address, number or label."""
    if len(text) > _LONGEST or _TITLE.match(text) or _NEVER.search(text) or re.match(r"[A-Z]?\d[\dA-Z]*$", text):
        return False
    return is_business(text) or not _DETAIL.search(text)
