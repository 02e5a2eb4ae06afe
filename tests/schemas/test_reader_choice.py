import pytest

from schemas.reader_choice import choice_by_type, is_simple, names_in, parse_choice


@pytest.mark.parametrize(
    ("text", "pages", "by_type", "rest"),
    [
        ("rolmocr", {}, {}, "rolmocr"),
        ("rolmocr@1-3", {"rolmocr": "1-3"}, {}, "local"),
        ("rolmocr@1,4-+gemma3", {"rolmocr": "1,4-"}, {}, "gemma3"),
        ("a@2+medical_receipt=b+invoice=c", {"a": "2"}, {"medical_receipt": "b", "invoice": "c"}, "local"),
    ],
)
def test_choice_is_taken_apart(text, pages, by_type, rest):
    choice = parse_choice(text)
    assert {name: one.text for one, name in choice.by_page} == pages
    assert dict(choice.by_type) == by_type
    assert choice.rest == rest
    assert parse_choice(choice.text) == choice


@pytest.mark.parametrize("text", ["a@", "a@0", "a@3-1", "@1", "a@x", "bill=a", "invoice=", "a+b", "", "a@1++b",
                                  "invoice=a+invoice=b"])  # fmt: skip
def test_what_chooses_nothing_is_refused(text):
    with pytest.raises(ValueError):
        parse_choice(text)


def test_pages_count_from_one_for_people():
    (pages, _), *_ = parse_choice("a@1,3-4,6-").by_page
    assert [number for number in range(8) if pages.has(number)] == [0, 2, 3, 5, 6, 7]


def test_first_that_names_a_page_reads_it_and_the_type_tells_the_rest():
    choice = parse_choice("a@1-3+b@3-+invoice=c")
    assert [name for pages, name in choice.by_page if pages.has(2)] == ["a", "b"]
    assert (choice.for_type("invoice"), choice.for_type("medical_receipt"), choice.for_type(None)) == (
        "c", "local", "local")  # fmt: skip


def test_names_of_several_choices():
    assert names_in(["rolmocr@1+invoice=gemma3", "local", "no@way@"]) == ("rolmocr", "gemma3", "local", "no@way@")
    assert is_simple("qwen3_vl.v2-a") and not is_simple("a@1")


def test_settings_without_a_name_choose_the_built_in():
    assert choice_by_type({"medical_receipt": None, "invoice": None}) == "local"
    assert choice_by_type({"medical_receipt": "rolmocr", "invoice": None}) == "medical_receipt=rolmocr"
