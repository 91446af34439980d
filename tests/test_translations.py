"""Every text marked for translation is translated, and the compiled file says what its source says."""

from __future__ import annotations

import ast
import gettext
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "locale" / "de" / "LC_MESSAGES"
QUOTED = r"""(?:"([^"]+)"|'([^']+)')"""


def marked_texts() -> set[str]:
    found = set()
    for path in (ROOT / "templates").rglob("*.html"):
        found |= {one or other for one, other in re.findall(rf"{{% translate {QUOTED} %}}", path.read_text())}
    tree = ast.parse((ROOT / "recommender" / "wording.py").read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "gettext_noop":
            found.add(ast.literal_eval(node.args[0]))
    return found


@pytest.fixture
def compiled() -> dict[object, str]:
    with (FOLDER / "django.mo").open("rb") as file:
        catalogue: dict[object, str] = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    return catalogue


def test_every_marked_text_is_translated(compiled: dict[object, str]) -> None:
    marked = marked_texts()
    assert len(marked) > 40
    assert {text for text in marked if not compiled.get(text)} == set()


def test_the_compiled_file_is_up_to_date(compiled: dict[object, str]) -> None:
    source = (FOLDER / "django.po").read_text()
    told = [text.replace('\\"', '"') for text in re.findall(r'^msgstr(?:\[\d\])? "(.+)"$', source, re.MULTILINE)]
    assert len(told) > 45
    assert sorted(set(told)) == sorted({text for key, text in compiled.items() if key != ""})
