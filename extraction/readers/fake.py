"""A reader without eyes: gives back readings that it was told to, for tests and for trying the screens."""

from collections.abc import Sequence

from extraction.page import PageImage
from extraction.readers.base import DocumentTypeChoice
from schemas.layout import BoundingBox
from schemas.result import Attempt, Evidence, PageQuality, Reading


class FakeReader:
    """Answers every document with the queued readings, in order, then with a small made-up receipt."""

    name = "fake"

    def __init__(self, *answers: Reading | Exception) -> None:
        """Queue answers; an exception is raised in its turn."""
        self.answers = list(answers)
        self.history: list[tuple[int, DocumentTypeChoice]] = []

    def read(self, pages: Sequence[PageImage], document_type: DocumentTypeChoice) -> Reading:
        """Return the next answer."""
        self.history.append((len(pages), document_type))
        answer = self.answers.pop(0) if self.answers else small_receipt()
        if isinstance(answer, Exception):
            raise answer
        sizes = [PageQuality(page=p.number, width=p.image.width, height=p.image.height) for p in pages]
        return answer.model_copy(update={"pages": answer.pages or sizes})


def small_receipt() -> Reading:
    """Return a reading of a made-up receipt whose sums agree."""
    values = {
        "hospital_name": "示範醫院",
        "patient_name": "王小明",
        "visit_date": "114/05/21",
        "items": [
            {"name": "診察費", "nhi_amount": "345", "self_pay_amount": "0"},
            {"name": "藥費", "nhi_amount": "412", "self_pay_amount": "150"},
        ],
        "nhi_total": "757",
        "self_pay_total": "150",
    }
    boxes = {
        "hospital_name": (0.3, 0.05, 0.7, 0.09),
        "patient_name": (0.15, 0.15, 0.3, 0.18),
        "items.1.self_pay_amount": (0.7, 0.42, 0.78, 0.45),
    }
    texts = {"hospital_name": "示範醫院", "patient_name": "王小明", "items.1.self_pay_amount": "150"}
    evidence = {path: [Evidence(page=0, box=BoundingBox(*box), text=texts[path])] for path, box in boxes.items()}
    return Reading(reader="fake", document_type="medical_receipt", values=values, evidence=evidence,
                   attempts=[Attempt()])  # fmt: skip
