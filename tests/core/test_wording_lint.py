from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from core.wording_lint import check_wording, find_judgements

ROOT = Path(__file__).parent.parent.parent


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
def test_what_diagnoses_or_judges_is_found(text, phrase):
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
def test_honest_sentences_pass(text):
    assert find_judgements(text) == []


def test_a_word_is_let_through_only_in_its_allowed_sentence():
    assert find_judgements("This is not a diagnosis. This is a diagnosis.") == [(1, "diagnosis")]


def test_nothing_the_product_shows_diagnoses_or_judges(capsys):
    call_command("check_wording")
    assert capsys.readouterr().out == "Nothing shown to people judges them.\n"


@pytest.fixture
def tree(tmp_path):
    for folder in (
        "templates/account/email",
        "static/js",
        "recommender/catalogue/data",
        "locale/de",
        "wellbeing",
        "emotion",
    ):
        (tmp_path / folder).mkdir(parents=True)
    return tmp_path


@pytest.mark.parametrize(
    ("file", "content", "line"),
    [
        ("templates/page.html", "<p>Hello</p>\n<p>you are\n<b>sad</b></p>", 2),
        ("templates/account/email/x_message.txt", "Dear you,\n\nyou are stressed.", 3),
        ("static/js/a.js", "say('ok');\nsay('you are sad');", 2),
        ("recommender/catalogue/data/a.json", '{"activities": [\n {"slug": "x",\n  "body": "You are sad."}]}', 3),
        ("locale/de/django.po", 'msgid "x"\nmsgstr ""\n"Du bist "\n"traurig."\n', 2),
        ("wellbeing/views.py", "A = 1\nMESSAGE = 'You are sad.'\n", 2),
        ("emotion/views.py", "def f(name):\n    return f'{name}, you are sad'\n", 2),
    ],
)
def test_a_planted_phrase_is_found_wherever_people_would_read_it(tree, file, content, line):
    (tree / file).write_text(content)
    assert {(finding.where, finding.line) for finding in check_wording(tree)} == {(file, line)}


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("templates/page.html", "{# never say: you are sad #}<p>Hello</p>"),
        ("recommender/catalogue/data/a.json", '{"activities": [{"reference": "A (2020). Depression at work."}]}'),
        ("wellbeing/views.py", '"""Never says: you are sad."""\n'),
    ],
)
def test_what_nobody_is_shown_and_titles_of_others_are_left_alone(tree, file, content):
    (tree / file).write_text(content)
    assert check_wording(tree) == []


def test_the_command_fails_and_names_the_place(tree, settings, capsys):
    (tree / "templates/page.html").write_text("<p>you are sad</p>")
    settings.BASE_DIR = tree
    with pytest.raises(CommandError, match="1 to mend"):
        call_command("check_wording")
    assert capsys.readouterr().err.startswith("templates/page.html:1: 'you are sad'")


def test_lint_runs_the_check():
    assert "manage.py check_wording" in (ROOT / "Makefile").read_text()
