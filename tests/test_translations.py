"""What speaks German so far is translated whole, and the compiled file says what its source says."""

import ast
import gettext
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.template.loader import get_template
from django.templatetags.i18n import BlockTranslateNode, TranslateNode

from recommender.choices import Daypart, Grade, Limit, Place
from research.lint.marking import MARKERS
from research.lint.wording import PACKAGES

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "locale" / "de" / "LC_MESSAGES"
#: What is offered in German: the page that lists who listens, and that of the activities.
GERMAN_TEMPLATES = (
    "recommender/activities.html",
    "recommender/_known.html",
    "recommender/support.html",
    "recommender/_language.html",
    "recommender/_support.html",
)


def marked_texts(name: str) -> Iterator[object]:
    """The keys of a template's texts in a compiled catalogue: one of a count has a form for each plural."""
    nodes = get_template(name).template.nodelist  # type: ignore[attr-defined]
    for node in nodes.get_nodes_by_type(TranslateNode):
        if isinstance(text := node.filter_expression.var.literal, str):
            yield text
    for node in nodes.get_nodes_by_type(BlockTranslateNode):
        singular, _ = node.render_token_list(node.singular)
        yield from ((singular, 0), (singular, 1)) if node.plural else (singular,)


def vocabulary() -> Iterator[str]:
    """What the page of activities says of one."""
    yield from (str(word.label) for words in (Place, Daypart, Limit) for word in words)
    yield from (str(grade.explanation) for grade in Grade)


def marked_strings(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and (name := getattr(node.func, "id", "")) in MARKERS:
            text = node.args[1 if "pgettext" in name else 0]
            yield ast.literal_eval(text)


@pytest.fixture
def compiled() -> dict[object, str]:
    with (FOLDER / "django.mo").open("rb") as file:
        catalogue: dict[object, str] = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    return catalogue


@pytest.mark.parametrize("name", GERMAN_TEMPLATES)
def test_every_text_of_a_german_page_is_translated(name: str, compiled: dict[object, str]) -> None:
    assert {text for text in marked_texts(name) if not compiled.get(text)} == set()


def test_the_german_pages_have_texts_to_translate() -> None:
    assert {(name, len(set(marked_texts(name))) > 2) for name in GERMAN_TEMPLATES} == {
        ("recommender/activities.html", True),
        ("recommender/_known.html", True),
        ("recommender/support.html", True),
        ("recommender/_language.html", False),
        ("recommender/_support.html", True),
    }


def test_every_word_of_the_vocabulary_is_translated(compiled: dict[object, str]) -> None:
    words = set(vocabulary())
    assert len(words) > 20
    assert {word for word in words if not compiled.get(word)} == set()


def test_the_catalogue_names_every_marked_text() -> None:
    source = (FOLDER / "django.po").read_text()
    known = set(map(ast.literal_eval, re.findall(r'^msgid (".+")$', source, re.MULTILINE)))
    code = (path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
    pages = (path.relative_to(ROOT / "templates") for path in (ROOT / "templates").rglob("*.html"))
    marked = {text for path in code for text in marked_strings(path)}
    shown = {text[0] if isinstance(text, tuple) else text for page in pages for text in marked_texts(str(page))}
    assert len(marked) > 400 < len(shown)
    assert (marked | shown) - known == set(), "run make messages"


def test_the_compiled_file_is_up_to_date(compiled: dict[object, str]) -> None:
    source = (FOLDER / "django.po").read_text()
    told = [text.replace('\\"', '"') for text in re.findall(r'^msgstr(?:\[\d\])? "(.+)"$', source, re.MULTILINE)]
    assert len(told) > 45
    assert sorted(set(told)) == sorted({text for key, text in compiled.items() if key != ""})
