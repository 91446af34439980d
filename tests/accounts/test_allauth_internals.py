import re
from importlib.metadata import version
from pathlib import Path

from accounts.allauth_internals import TRIED_WITH

ROOT = Path(__file__).parents[2]
THE_FILE = "accounts/allauth_internals.py"
INTERNAL = re.compile(r"\ballauth\.[\w.]*\binternal\b")


def test_the_version_that_was_tried_is_the_one_that_is_pinned_and_installed() -> None:
    pins = re.findall(r"^django-allauth\S*==(\S+)", (ROOT / "requirements/serve.txt").read_text(), re.MULTILINE)
    assert [*pins, version("django-allauth"), TRIED_WITH] == ["65.21.1"] * 3


def test_one_file_alone_knows_the_internals_of_allauth() -> None:
    found = [
        str(path.relative_to(ROOT))
        for path in ROOT.rglob("*.py")
        if not any(part.startswith(".") for part in path.relative_to(ROOT).parts) and INTERNAL.search(path.read_text())
    ]
    assert found == [THE_FILE]
