import random

import pytest
from drawing import Sheet

from extraction.layout.receipt import read_receipt
from schemas.layout import BoundingBox, TextLine


def values(*rows: tuple[str, ...]) -> dict[str, object]:
    sheet = Sheet(1400)
    for index, row in enumerate(rows):
        sheet.row(60 + 44 * index, [(60 + 450 * place, "lm", text) for place, text in enumerate(row)])
    return read_receipt([sheet.aspect], [sheet.lines]).values


@pytest.mark.parametrize(
    ("printed", "field", "expected"),
    [
        ("姓名：王○明", "patient_name", "王○明"),
        ("姓　　名 王小明", "patient_name", "王小明"),
        ("病患姓名王小明", "patient_name", "王小明"),
        ("Patient Name: LIN TA TUNG", "patient_name", "LIN TA TUNG"),
        ("身分證字號：A123456789", "national_id", "A123456789"),
        ("身分證字號 0126674***", "national_id", "O126674***"),
        ("身份證號：K247947**", "national_id", "K247947***"),
        ("收據號碼：0P12345", "receipt_number", "OP12345"),
        ("單號:80333447", "receipt_number", "80333447"),
        ("病歷號碼 00123456", "chart_number", "00123456"),
        ("日期：111.11.26", "visit_date", "111.11.26"),
        ("看診日期 民國110年6月4日", "visit_date", "民國110年6月4日"),
        ("入院日期：1140501", "admission_date", "1140501"),
        ("列印日期：114/05/21 10:30", "issue_date", "114/05/21"),
        ("出生日期：民國60年1月2日", "birth_date", "民國60年1月2日"),
        ("看診醫師：陳小華", "doctor", "陳小華"),
        ("科別 家庭醫學科", "department", "家庭醫學科"),
        ("身份別 榮民", "patient_category", "榮民"),
        ("就醫序號：0012", "visit_sequence", "0012"),
        ("醫事機構代碼：0401180014", "hospital_code", "0401180014"),
        ("備註：遺失恕不補發", "notes", "遺失恕不補發"),
        ("金額大寫：新臺幣玖佰伍拾元整", "amount_in_words", "玖佰伍拾元整"),
        ("看診曰期：114/05/21", "visit_date", "114/05/21"),
    ],
)
def test_value_behind_its_label(printed, field, expected):
    assert values((printed,))[field] == expected


def test_labels_of_one_row_part_its_values():
    found = values(("姓名：王小明  性別：男", "病歷號：123456", "就診日期：114/05/21"))
    assert (found["patient_name"], found["chart_number"], found["visit_date"]) == ("王小明", "123456", "114/05/21")


def test_special_label_wins_over_the_general_one():
    found = values(("日期：114/05/30",), ("就診日期：114/05/21",))
    assert found["visit_date"] == "114/05/21"


def test_first_day_of_a_stay_is_the_visit_date():
    found = values(("住院期間：2023/01/05~2023/01/09",))
    assert (found["admission_date"], found["discharge_date"]) == ("2023/01/05", "2023/01/09")
    assert found["visit_date"] == "2023/01/05"


@pytest.mark.parametrize("title", ["林口長庚紀念醫院", "示範中醫診所", "國立成功大學醫學院附設醫院", "仁愛藥局"])
def test_hospital_is_the_title(title):
    assert values((title,), ("醫療費用收據",), ("收費員：王大華",))["hospital_name"] == title


def test_hospital_on_two_lines_is_one_name():
    assert (
        values(("示範醫療財團法人",), ("示範醫院",), ("醫療費用收據",))["hospital_name"] == "示範醫療財團法人示範醫院"
    )


def test_notes_and_addresses_name_no_hospital():
    assert values(("地址：示範醫院路1號",), ("本收據請交示範醫院查驗",))["hospital_name"] is None


def test_any_lines_give_a_reading():
    chance = random.Random(7)  # noqa: S311 - a reproducible page of nonsense
    letters = "健保自費點數合計項目姓名日期0123456789,.-()%:元 部分負擔ABab"
    for _ in range(60):
        lines = []
        for _ in range(chance.randint(0, 40)):
            text = "".join(chance.choice(letters) for _ in range(chance.randint(1, 9)))
            x, y = chance.random() * 0.8, chance.random() * 0.9
            box = BoundingBox(x, y, x + 0.2 * chance.random(), y + 0.02)
            lines.append(TextLine(text=text, box=box, score=chance.random()))
        assert read_receipt([chance.uniform(0.3, 3)], [lines]).document_type == "medical_receipt"


@pytest.mark.parametrize(
    ("texts", "field", "value"),
    [
        (("出院日期Discharged:111年12月22日",), "discharge_date", "111年12月22日"),
        (("住院日期Admitted 民國113年1月16日",), "admission_date", "民國113年1月16日"),
        (("身分證字號 ID No.T172028***",), "national_id", "T172028***"),
        (("病歷號 Chart No.80957566",), "chart_number", "80957566"),
        (("健保卡序號 IC No.0281",), "visit_sequence", "0281"),
        (("醫師魏芬玲",), "doctor", "魏芬玲"),
    ],
)
def test_translation_glued_to_its_label_is_no_value(texts, field, value):
    assert values(texts)[field] == value


@pytest.mark.parametrize("text", ["醫師簽章", "醫師診察費 500", "Blood Fee  Inter-dept Consultation"])
def test_words_that_begin_like_a_label_are_none(text):
    found = values((text,))
    assert (found["doctor"], found["department"]) == (None, None)


def test_six_digits_are_a_roc_birth_date_beside_compact_roc_dates():
    assert values(("出生日期：540504", "入院日期：1120501"))["birth_date"] == "54/05/04"
    assert values(("出生日期：540504", "入院日期：112/05/01"))["birth_date"] == "540504"
