from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django.fixtures import Settings

from research.lint.wording import check_wording

ROOT = Path(__file__).parents[3]


def test_nothing_the_product_shows_diagnoses_or_judges(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("check_wording")
    assert capsys.readouterr().out == "Nothing shown to people judges them.\n"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
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
def test_a_planted_phrase_is_found_wherever_people_would_read_it(
    tree: Path, file: str, content: str, line: int
) -> None:
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
def test_what_nobody_is_shown_and_titles_of_others_are_left_alone(tree: Path, file: str, content: str) -> None:
    (tree / file).write_text(content)
    assert check_wording(tree) == []


def test_the_command_fails_and_names_the_place(
    tree: Path, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    (tree / "templates/page.html").write_text("<p>you are sad</p>")
    settings.BASE_DIR = tree
    with pytest.raises(CommandError, match="1 to mend"):
        call_command("check_wording")
    assert capsys.readouterr().err.startswith("templates/page.html:1: 'you are sad'")


def test_lint_runs_the_check() -> None:
    assert "manage.py check_wording" in (ROOT / "Makefile").read_text()
