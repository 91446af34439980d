import pytest

from core.wording_lint import find_judgements


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("It seems you are sad today.", "you are sad"),
        ("You're really stressed", "You're really stressed"),
        ("you look   very\nangry", "you look very angry"),
        ("Help for the depressed employee.", "depressed employee"),
        ("Our diagnosis of your week", "diagnosis"),
        ("people suffering from stress", "suffering from"),
        ("signs of mental illness", "mental illness"),
        ("Your symptoms", "symptoms"),
        ("Du bist traurig.", "Du bist traurig"),
        ("Heute wirkst du müde, du wirkst sehr gestresst", "du wirkst sehr gestresst"),
        ("gestresste Mitarbeiterinnen", "gestresste Mitarbeiterinnen"),
        ("Unsere Diagnose", "Diagnose"),
        ("Du leidest unter Stress", "leidest unter"),
    ],
)
def test_what_diagnoses_or_judges_is_found(text: str, phrase: str) -> None:
    assert [found for _, found in find_judgements(text)] == [phrase]


@pytest.mark.parametrize(
    "text",
    [
        "Your face looked sad in three of five snapshots.",
        "Not a diagnosis, not a measure of work.",
        "Das ist keine Diagnose.",
        "You are not alone.",
        "a trial with healthcare workers",
        "Dein Gesicht sah traurig aus.",
        "Sad, angry or afraid",
        "unsaddened employees",
    ],
)
def test_honest_sentences_pass(text: str) -> None:
    assert find_judgements(text) == []


def test_a_word_is_let_through_only_in_its_allowed_sentence() -> None:
    assert find_judgements("This is not a diagnosis. This is a diagnosis.") == [(1, "diagnosis")]
