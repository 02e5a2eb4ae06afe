"""Numbers with a form or a check digit of their own. Each question takes the number as a schema holds it."""

import re

MASK = "*"
# a single circle, O or X between digits is rather a misread digit, and its check must not be skipped
_MASKS = re.compile(r"[*＊●•]+|[○〇]{2,}|[Xx]{2,}|[Oo]{3,}")
_LETTERS = dict(zip("ABCDEFGHJKLMNPQRSTUVXYWZIO", range(10, 36), strict=True))


def is_valid_tax_id(number: str) -> bool:
    """Whether a 統一編號 holds: the weighted digit sum need only be divisible by 5 since 2023-04-01.

    Source: Ministry of Finance, revised check rule; python-stdnum still divides by 10.

    >>> is_valid_tax_id("04595252"), is_valid_tax_id("12345678")
    (True, False)
    """
    if not re.fullmatch(r"[0-9]{8}", number):
        return False
    products = (int(digit) * weight for digit, weight in zip(number, (1, 2, 1, 2, 1, 2, 4, 1), strict=True))
    total = sum(product // 10 + product % 10 for product in products)
    return total % 5 == 0 or (number[6] == "7" and (total + 1) % 5 == 0)


def is_valid_national_id(number: str) -> bool:
    """Whether a 身分證字號 or 居留證號 (both forms) holds by form and check digit.

    Source: Ministry of the Interior; new resident numbers since 2021-01-02, old ones usable to 2030.

    >>> [is_valid_national_id(n) for n in ("A123456789", "A800000014", "AA00000009", "A123456788")]
    [True, True, True, False]
    """
    if not re.fullmatch(r"[A-Z][A-D1289][0-9]{8}", number):
        return False
    second = number[1] if number[1].isdigit() else str(_LETTERS[number[1]] % 10)
    digits = f"{_LETTERS[number[0]]}{second}{number[2:]}"
    weights = (1, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1)
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True)) % 10 == 0


def is_masked(number: str) -> bool:
    """Whether part of the number is hidden, so that no check digit can be computed."""
    return MASK in number


def unmask_form(number: str) -> str:
    """Return a masked national id with every hidden place as `*` (`E121○○○289` → `E121***289`)."""
    head, tail = number[:1], number[1:]
    return head + _MASKS.sub(lambda hidden: MASK * len(hidden[0]), tail)


def has_national_id_form(number: str) -> bool:
    """Whether it looks like a 身分證字號 or 居留證號, hidden places (`*`) included; a passport's number does not."""
    return re.fullmatch(r"[A-Z][A-D1289*][0-9*]{8}", number) is not None


def is_valid_hospital_code(code: str) -> bool:
    """Whether a 醫事機構代碼 holds: weights 9 to 1 and 1, letters A=10…, sum divisible by 10.

    Found in the NHI's open data (607 of 613 real codes pass): a failure is a doubt, never an error.

    >>> is_valid_hospital_code("0401180014")
    True
    """
    if not re.fullmatch(r"[0-9]{6}[0-9A-Z][0-9]{3}", code):
        return False
    values = (int(character) if character.isdigit() else ord(character) - 55 for character in code)
    return sum(value * weight for value, weight in zip(values, (9, 8, 7, 6, 5, 4, 3, 2, 1, 1), strict=True)) % 10 == 0


def is_invoice_number(number: str) -> bool:
    """Whether it has the form of a 字軌號碼: two letters, eight digits.

    >>> is_invoice_number("AB12345678"), is_invoice_number("A112345678")
    (True, False)
    """
    return re.fullmatch(r"[A-Z]{2}[0-9]{8}", number) is not None


def is_random_code(code: str) -> bool:
    """Whether it has the form of an e-invoice's 隨機碼: four digits."""
    return re.fullmatch(r"[0-9]{4}", code) is not None
