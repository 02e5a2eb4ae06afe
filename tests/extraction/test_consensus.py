"""Two readings are compared cell by cell, rows by what they hold; both values are offered, never a third."""

import pytest
from test_grounding import model, put, witness

from extraction.assembly import Assembly
from extraction.consensus import compare
from extraction.page import LoadedFile
from schemas.result import Agreement, Extraction

FILE = LoadedFile("a.png", "", "image/png", ())


def second(change=lambda values: None):
    return model(change).model_copy(update={"reader": "second"})


def test_cells_are_agreed_differ_or_read_by_one_only():
    found = compare([model(put("doctor", "王醫師")), second(put("items.0.nhi_amount", "346"))])
    assert found.agreement["patient_name"] is Agreement.AGREED
    assert found.agreement["items.0.nhi_amount"] is Agreement.DIFFER
    assert found.agreement["doctor"] is Agreement.ONE_ONLY
    assert [flag.paths for flag in found.flags] == [("doctor",), ("items.0.nhi_amount",)]


def test_a_row_that_one_left_out_makes_no_other_row_differ():
    found = compare([model(), second(lambda values: values["items"].pop(0))])
    assert [(flag.code, flag.paths) for flag in found.flags] == [
        ("readers_differ", ("items.0.name", "items.0.nhi_amount"))
    ]


def test_nothing_and_zero_are_one():
    assert compare([model(), second(put("items.0.self_pay_amount", None))]).flags == []


def test_the_value_that_stands_on_the_page_comes_first():
    first, other = model(put("nhi_total", "767")), second()
    other.evidence = witness().evidence
    (flag,) = compare([first, other]).flags
    assert [one.value for one in flag.suggestions] == ["757", "767"]
    assert flag.suggestions[0].evidence[0].text == "757"


def test_a_third_reader_is_asked_though_the_second_is_not():
    told = []

    def ask(name):
        told.append(name)
        return model() if name == "first" else second()

    extraction = Extraction(file="a.png", sha256="")
    assembly = Assembly(None, {"second": "never"})
    assembly.fill(extraction, FILE, (), ("first", "second", "third"), ask)
    assert told == ["first", "third"]
    assert assembly.asked(("second", "first")) == ["second", "first"]


@pytest.mark.parametrize(
    ("policy", "change", "asked"),
    [
        ("always", put("doctor", None), ["first", "second"]),
        ("never", put("nhi_total", "767"), ["first"]),
        ("when_in_doubt", put("doctor", None), ["first"]),
        ("when_in_doubt", put("nhi_total", "767"), ["first", "second"]),
    ],
)
def test_the_second_reader_is_asked_as_the_policy_says(policy, change, asked):
    told = []

    def ask(name):
        told.append(name)
        return model(change) if name == "first" else second()

    class Witness:
        name = "local"

        def read(self, pages, document_type):
            return witness()

    extraction = Extraction(file="a.png", sha256="")
    Assembly(Witness(), {"first": "never", "second": policy}).fill(extraction, FILE, (), ("first", "second"), ask)
    assert told == asked
