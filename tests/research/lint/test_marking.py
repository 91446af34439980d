from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django.fixtures import Settings

from research.lint.marking import find_refusals, unmarked_strings, unmarked_texts

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


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('messages.success(request, "Deleted.")', [(1, "Deleted.")]),
        ('messages.error(request, f"{count} left off.")', [(1, "_ left off.")]),
        ('messages.info(\n    request,\n    "Asked first." if first else _("Shown."),\n)', [(3, "Asked first.")]),
        ('self.message_user(request, "It is back.", messages.SUCCESS)', [(1, "It is back.")]),
        ('self.log_change(request, activity, "Published.")', [(1, "Published.")]),
        ('raise ValidationError("Too large.")', [(1, "Too large.")]),
        ('raise forms.ValidationError("From {} on.".format(first))', [(1, "From {} on.")]),
        ('raise ValidationError({"country": "Name one.", "url": _("Name one.")})', [(1, "Name one.")]),
        ('form.add_error("name", "At most %d." % most)', [(1, "At most %d.")]),
        ('name = CharField("DOI", label="How " + many)', [(1, "DOI"), (1, "How")]),
        ('moment = TimeField(verbose_name="time", help_text="No later.")', [(1, "time")]),
        ('class NotOpen(WellbeingError):\n    detail = "Open it first."', [(2, "Open it first.")]),
        ('class NotOpen(WellbeingError):\n    code, status, detail = "not_open", 423, "Open it."', [(2, "Open it.")]),
        ('class Meta:\n    verbose_name_plural = "activities"', [(2, "activities")]),
        ('class A(TextChoices):\n    DESK = "desk", "At my desk"\n    HOME = "home", _("Home")', [(2, "At my desk")]),
        ('raise NotOpen("Open it first.", code="not_open")', [(1, "Open it first.")]),
    ],
)  # fmt: skip
def test_strings_that_are_shown_and_not_marked_are_found(source: str, found: list[tuple[int, str]]) -> None:
    assert unmarked_strings(source, refusals=["NotOpen"]) == found


@pytest.mark.parametrize(
    "source",
    [
        'messages.success(request, _("Deleted."))',
        "messages.error(request, error.detail)",
        'messages.info(request, ngettext("%(n)d day", "%(n)d days", n) % {"n": n})',
        'self.message_user(request, gettext("It is back."), messages.SUCCESS)',
        'raise ValidationError(told % {"most": 3}, code="too_many")',
        'raise ValueError("not for people")',
        'logger.error("vault %s: gone", pk)',
        'logger.warning("captures", "waiting")',
        'name = CharField(max_length=3, default="none", choices=Place)',
        'moment = TimeField(help_text="The last one that was answered.")',
        'class State(models.TextChoices):\n    QUEUED = "queued"',
        'class NotOpen(WellbeingError):\n    code, status, detail = "not_open", 423, _("Open it.")',
        'label="{}: 3"',
    ],
)
def test_strings_that_are_marked_or_not_shown_pass(source: str) -> None:
    assert unmarked_strings(source, refusals=["NotOpen"]) == []


def test_help_texts_count_where_forms_show_them() -> None:
    source = 'moment = TimeField(help_text="No later.")'
    assert unmarked_strings(source, shows_help=True) == [(1, "No later.")]


def test_in_a_module_of_wording_every_sentence_counts() -> None:
    source = """
\"\"\"Sentences on a mood.\"\"\"
WORDS = {"in between": _("in between"), "other": "something else"}
def tell(day: str) -> str:
    \"\"\"Of one day.\"\"\"
    if not day: raise LookupError("no such day")
    return f"{day} was fine" if day else ngettext("one day", "two days", 2) % {"day": "last"}
"""
    assert unmarked_strings(source, is_wording=True) == [(3, "something else"), (7, "_ was fine")]
    assert unmarked_strings(source) == []


def test_refusals_are_found_over_several_files() -> None:
    sources = [
        "class Late(Refused): pass",
        "class Refused(exceptions.WellbeingError): pass\nclass Other(Exception): pass",
    ]
    assert find_refusals(sources) == {"WellbeingError", "Refused", "Late"}


def test_everything_that_is_shown_is_marked(capsys: pytest.CaptureFixture[str]) -> None:
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


def test_the_command_looks_through_the_code_but_what_operators_read(
    templates: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = {
        "vault/errors.py": 'class NotOpen(WellbeingError):\n    detail = _("Open it.")',
        "emotion/views.py": 'from vault.errors import NotOpen\nraise NotOpen("It is locked.")',
        "recommender/wording/moods.py": 'TELL = "In the last days"',
        "rights/forms.py": 'file = FileField(help_text="As it was exported.")',
        "emotion/models.py": 'day = DateField(help_text="No finer, on purpose.")',
        "vault/management/commands/rotate.py": 'messages.success(request, "Done.")',
    }
    for name, source in files.items():
        path = templates.parent / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)
    with pytest.raises(CommandError, match="3 to mark"):
        call_command("check_marking")
    assert capsys.readouterr().err.splitlines() == [
        "emotion/views.py:2: 'It is locked.' is not marked for translation",
        "recommender/wording/moods.py:1: 'In the last days' is not marked for translation",
        "rights/forms.py:1: 'As it was exported.' is not marked for translation",
    ]


def test_the_command_passes_where_everything_is_marked(templates: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (templates / "page.html").write_text("{% load i18n %}<p>{% translate 'Hello' %}</p>")
    (templates / "service-worker.js").write_text("const name = 'cache';")
    call_command("check_marking")
    assert capsys.readouterr().out == "Everything that is shown can be translated.\n"


def test_lint_runs_the_check() -> None:
    assert "manage.py check_marking" in (ROOT / "Makefile").read_text()
