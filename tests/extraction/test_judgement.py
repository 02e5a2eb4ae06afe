"""Each cell ends confirmed, plausible, doubtful or wrong, and a document is confirmed only as a whole."""

import datetime as dt

import pytest
from test_grounding import model, put, swap, witness

from extraction.assembly import conclude
from extraction.grounding import ground
from extraction.page import LoadedFile
from schemas.result import Extraction, Judgement

TODAY = dt.date(2025, 6, 1)


def concluded(*readings):
    """Return the extraction of readings, the first one a model's."""
    extraction = Extraction(file="a.png", sha256="", page_count=1, readings=list(readings))
    groundings = {0: ground(readings[0], witness())} if readings[0].model else {}
    conclude(extraction, LoadedFile("a.png", "", "image/png", ()), groundings, TODAY)
    return extraction


def test_what_model_and_page_agree_on_is_confirmed():
    extraction = concluded(model())
    assert extraction.is_confirmed
    assert extraction.judgement("patient_name") is Judgement.CONFIRMED


@pytest.mark.parametrize(
    ("change", "path", "judgement"),
    [
        (swap, "items.1.nhi_amount", Judgement.WRONG),
        (put("nhi_total", "767"), "nhi_total", Judgement.WRONG),
        (put("nhi_total", "210"), "nhi_total", Judgement.DOUBTFUL),
        (put("nhi_total", "767"), "patient_name", Judgement.CONFIRMED),
        (put("nhi_total", "767"), "items.0.nhi_amount", Judgement.PLAUSIBLE),
        (put("doctor", "?"), "doctor", Judgement.DOUBTFUL),
    ],
)
def test_a_doubt_is_judged_where_it_is(change, path, judgement):
    extraction = concluded(model(change))
    assert extraction.judgement(path) is judgement
    assert not extraction.is_confirmed


def test_the_built_in_reader_alone_confirms_amounts_by_sums_but_no_person():
    extraction = concluded(witness())
    assert extraction.judgement("items.1.nhi_amount") is Judgement.CONFIRMED
    assert extraction.judgement("items.1.name") is Judgement.CONFIRMED
    assert extraction.judgement("patient_name") is Judgement.PLAUSIBLE
    assert not extraction.is_confirmed


def test_judgements_survive_storage_and_older_extractions_have_none():
    extraction = concluded(model(swap))
    stored = extraction.model_dump(mode="json")
    assert Extraction.model_validate(stored).judgements == extraction.judgements
    for name in ("judgements", "agreement"):
        del stored[name]
    assert Extraction.model_validate(stored).judgement("patient_name") is Judgement.PLAUSIBLE
