"""Rules of one office that a comparison cannot say, as an example; docs/rules.md tells what a rule gets and gives."""

from extraction.validation import CannotCheck, Doubt, Facts, Outcome, Severity, rule

KNOWN_SELLERS = {"04595257"}


@rule(
    "same_item_twice",
    "medical_receipt",
    title={"en": "The same item twice", "zh-Hant": "項目重複"},
    text={
        "en": "“{name}” stands on lines {first} and {second} with the same self-pay amount. Was it charged twice?",
        "zh-Hant": "第 {first} 項與第 {second} 項都是「{name}」，自費金額相同。是否重複收費？",
    },
)
def check_same_item(facts: Facts) -> Outcome:
    """Claims manual 3.7."""
    if not facts.receipt.items:
        return facts.lacking("items")
    seen: dict[tuple[object, ...], int] = {}
    doubts = []
    for index, item in enumerate(facts.receipt.items):
        if not item.name or not item.self_pay_amount:
            continue
        first = seen.setdefault((item.name, item.self_pay_amount), index)
        if first != index:
            parameters = {"name": item.name, "first": str(first + 1), "second": str(index + 1)}
            doubts.append(Doubt(Severity.WARNING, (f"items.{index}.self_pay_amount",), parameters))
    return doubts


@rule("unknown_seller", "invoice", text="The seller {seller_tax_id} is not in the list of suppliers.")
def check_seller(facts: Facts) -> Outcome:
    """Purchasing manual 1.4."""
    seller = facts.invoice.seller_tax_id
    if seller is None:
        return facts.lacking("seller_tax_id")
    if "*" in seller:
        return CannotCheck("the tax ID is masked")
    return [] if seller in KNOWN_SELLERS else [Doubt(Severity.INFO, ("seller_tax_id",), {"seller_tax_id": seller})]
