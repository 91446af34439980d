from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django.fixtures import Settings

from research.lint.marking import unmarked_texts

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("<p>Hello</p>", [(1, "Hello")]),
        ("<h1>Hello</h1>\n<p>\n  a   long\n  way</p>", [(1, "Hello"), (3, "a long way")]),
        ("{% block title %}Today{% endblock title %}", [(1, "Today")]),
        ("{% block title %}Today{% endblock %} · Wellbeing", [(1, "Today · Wellbeing")]),
        ("<p>Signed in as <b>{{ name }}</b>.</p>", [(1, "Signed in as")]),
        ("<p>{% translate 'Hello' %} and welcome</p>", [(1, "and welcome")]),
        ("<p>{{ n }} entr{{ n|pluralize:'y,ies' }}</p>", [(1, "entr")]),
        ("{% if a %}<p>on</p>{% else %}<p>off</p>{% endif %}", [(1, "on"), (1, "off")]),
        ("<p>&Uuml;ber uns</p>", [(1, "Über uns")]),
        ("<p><code>key</code> of the vault</p>", [(1, "of the vault")]),
        ("Your code is {{ code }}.\n", [(1, "Your code is .")]),
        ('<a aria-label="Remove it">+</a>', [(1, "Remove it")]),
        ('<img\n  src="a.png"\n  alt="A tree">', [(3, "A tree")]),
        ('<a title="{{ name }}: all">1</a>', [(1, ": all")]),
        ('<input placeholder="Name" value="kept">', [(1, "Name")]),
        ('<br title="{% translate "Line" %}"{% if a %} aria-label="Two"{% endif %}/>', [(1, "Two")]),
        ("{% comment %}\nOne\n{% endcomment %}\n<p>Two</p>", [(4, "Two")]),
        ("{% blocktranslate trimmed %}\n  One\n{% endblocktranslate %}\n<p>Two</p>", [(4, "Two")]),
        ("{% block page_class %}narrow{% endblock page_class %}<p>Two</p>", [(1, "Two")]),
    ],
)
def test_shown_text_that_is_not_marked_is_found(source: str, found: list[tuple[int, str]]) -> None:
    assert unmarked_texts(source) == found


@pytest.mark.parametrize(
    "source",
    [
        '{% load i18n %}<p>{% translate "Hello" %}</p>',
        "{% block title %}{% translate 'Today' %}{% endblock title %} · Wellbeing",
        "{% blocktranslate with day=today %}It is <b>{{ day }}</b>.{% endblocktranslate %}",
        "{% blocktranslate count n=n %}{{ n }} day{% plural %}{{ n }} days{% endblocktranslate %}",
        "{% blocktrans %}Hello{% endblocktrans %}",
        """<a aria-label="{% translate 'Remove it' %}" title="{% blocktranslate %}Now{% endblocktranslate %}">+</a>""",
        "<{% if url %}a href='{{ url }}'{% else %}button{% endif %} id='b'>1</{% if a %}a{% else %}button{% endif %}>",
        '<p class="lead" id="top" data-part="say">12:30 - {{ until }} · 3&nbsp;%</p>',
        "{# Not shown. #}{% comment %}Nor this.{% endcomment %}<!-- Nor this. -->",
        "<script>let a = 'b'</script><style>p { color: red }</style><code>pip install</code>",
        "{% block page_class %}page-narrow{% endblock page_class %}",
        '{% block main_attributes %} lang="{{ language }}"{% endblock main_attributes %}',
        "<option selected>UTC</option>",
        '<input placeholder="10:30, 15:00">',
    ],
)
def test_marked_text_and_what_is_not_shown_pass(source: str) -> None:
    assert unmarked_texts(source) == []


def test_everything_the_templates_show_is_marked(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("check_marking")
    assert capsys.readouterr().out == "Everything that is shown can be translated.\n"


@pytest.fixture
def templates(tmp_path: Path, settings: Settings) -> Path:
    settings.BASE_DIR = tmp_path
    folder = tmp_path / "templates"
    (folder / "account").mkdir(parents=True)
    return folder


def test_the_command_fails_and_names_each_place(templates: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (templates / "page.html").write_text("<p>{{ name }}</p>\n<p>Hello</p>")
    (templates / "account" / "sent.txt").write_text("A mail is on its way.")
    with pytest.raises(CommandError, match="2 to mark"):
        call_command("check_marking")
    assert capsys.readouterr().err.splitlines() == [
        "templates/account/sent.txt:1: 'A mail is on its way.' is not marked for translation",
        "templates/page.html:2: 'Hello' is not marked for translation",
    ]


def test_the_command_passes_where_everything_is_marked(templates: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (templates / "page.html").write_text("{% load i18n %}<p>{% translate 'Hello' %}</p>")
    (templates / "service-worker.js").write_text("const name = 'cache';")
    call_command("check_marking")
    assert capsys.readouterr().out == "Everything that is shown can be translated.\n"


def test_lint_runs_the_check() -> None:
    assert "manage.py check_marking" in (ROOT / "Makefile").read_text()
