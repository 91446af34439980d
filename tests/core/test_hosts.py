import pytest

from core.hosts import join_host, to_ascii


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Mood.Example.ORG", "mood.example.org"),
        ("müll.example", "xn--mll-hoa.example"),
        ("MÜLL.example", "xn--mll-hoa.example"),
        ("XN--MLL-HOA.example", "xn--mll-hoa.example"),
        # Another domain than strasse.de, which an older rule made of it.
        ("straße.de", "xn--strae-oqa.de"),
        ("my_host", "my_host"),
    ],
)
def test_a_name_has_one_spelling(typed: str, name: str) -> None:
    assert to_ascii(typed) == name


@pytest.mark.parametrize("typed", ["ü_b.de", "-ü.de", "ü..de"])
def test_a_name_that_cannot_exist_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        to_ascii(typed)


def test_an_address_of_six_has_brackets() -> None:
    assert [join_host("::1", 8000), join_host("::1", None), join_host("a.example", 8000)] == [
        "[::1]:8000", "[::1]", "a.example:8000",
    ]  # fmt: skip
