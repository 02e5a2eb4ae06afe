"""醫療費用收據: the receipt of a hospital, clinic or pharmacy."""

from typing import Annotated

from pydantic import BeforeValidator, Field, computed_field

from schemas.document import Document, DocumentPart, optional, required
from schemas.lexicon import fee_code
from schemas.values import Amount, Date, Identifier, Kind, Points, Text, ValueKind, YesNo, parse_choice

VISIT_KINDS = {
    "急診": "emergency",
    "住院": "inpatient",
    "出院": "inpatient",
    "藥局": "pharmacy",
    "門診": "outpatient",
    "門急診": "outpatient",
    "其他": "other",
}
"""Printed word → code, the more telling word first."""


def _visit_kind(value: object) -> str | None:
    return parse_choice(value, {**VISIT_KINDS, "other": "other"})


VisitKind = Annotated[str | None, Kind(ValueKind.CHOICE), BeforeValidator(_visit_kind)]


class FeeItem(DocumentPart):
    """One line of a receipt. The column is the datum: an NHI amount is points, a self-pay amount is money."""

    name: Text = required("項目 The fee item exactly as printed, without its amounts.")
    nhi_amount: Points = optional("健保點數 Points claimed from the NHI on this line; empty if the cell is empty.")
    copayment_amount: Amount = optional("部分負擔 Copayment on this line, only where the table has such a column.")
    self_pay_amount: Amount = optional("自費金額 Money the patient pays on this line; empty if the cell is empty.")

    @computed_field  # type: ignore[prop-decorator]
    @property
    def fee_code(self) -> str | None:
        """The category of the fee lexicon, found from the name; never asked of a model."""
        return fee_code(self.name) if self.name else None


class Copayment(DocumentPart):
    """One printed 部分負擔 line: basic, medication, emergency, rehabilitation, inpatient by days."""

    name: Text = required("部分負擔項目 The kind of copayment as printed.")
    amount: Amount = optional("金額 Its amount.")


class MedicalReceipt(Document):
    """A receipt for medical fees."""

    hospital_name: Text = required("醫院 Name of the hospital, clinic or pharmacy that issued the receipt.")
    hospital_code: Identifier = optional("醫事機構代碼 The ten-character code of the institution.")
    department: Text = optional("科別 Department visited.")
    doctor: Text = optional("醫師 Name of the doctor.")
    patient_name: Text = required("姓名 Name of the patient, masked characters as printed.")
    national_id: Identifier = optional("身分證字號 National or resident id; hidden characters as `*`.")
    birth_date: Date = optional("出生日期 Date of birth.")
    chart_number: Identifier = optional("病歷號 Chart number.")
    patient_category: Text = optional("身分別 Insurance status of the patient as printed.")
    visit_kind: VisitKind = optional(
        "就醫類別 outpatient 門診, emergency 急診, inpatient 住院, pharmacy 藥局 or other."
    )
    visit_date: Date = required("就診日期 Date of the visit; of an inpatient stay, its first day.")
    admission_date: Date = optional("入院日期 First day of an inpatient stay.")
    discharge_date: Date = optional("出院日期 Last day of an inpatient stay.")
    issue_date: Date = optional("開立日期 Date on which the receipt was issued or printed.")
    receipt_number: Identifier = optional("收據號碼 Number of the receipt.")
    visit_sequence: Identifier = optional("就醫序號 NHI card sequence number of the visit.")
    items: list[FeeItem] = Field(default_factory=list, description="費用項目 Every fee line in the order of the page.",
                                 json_schema_extra={"required": True})  # fmt: skip
    copayments: list[Copayment] = Field(default_factory=list, description="部分負擔明細 Copayments printed by kind.")
    nhi_total: Points = optional("健保合計 Printed total of the NHI points.")
    copayment_total: Amount = optional("部分負擔 Printed total of the copayments.")
    self_pay_total: Amount = optional("自費合計 Printed total of the self-pay amounts.")
    discount: Amount = optional("優待減免 Discount or waiver.")
    prepaid: Amount = optional("預繳 Deposit or prepayment taken off.")
    amount_due: Amount = optional("應繳 Amount payable.")
    amount_paid: Amount = optional("實收 Amount received.")
    balance: Amount = optional("尚欠 Amount still owed.")
    amount_in_words: Text = optional("大寫金額 Amount in Chinese capital numerals, as printed.")
    is_original: YesNo = optional("正本/副本 Whether the paper is marked as the original; empty if it is not marked.")
    has_stamp: YesNo = optional("收據章 Whether a receipt stamp is seen.")
    notes: Text = optional("備註 Printed remarks.")
