"""`manage.py check_marking`: fail if a page, a mail or the code shows text that is not marked for translation."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from research.lint.marking import find_refusals, unmarked_strings, unmarked_texts
from research.lint.wording import PACKAGES

#: What operators read stays English.
_NOT_SHOWN: Final = frozenset({"migrations", "management"})
#: Files and folders that hold nothing but sentences for people.
_WORDING: Final = frozenset({"wording", "choices.py", "consent_text.py", "entry_lines.py", "report_text.py"})


class Command(BaseCommand):
    help = "Look through pages, mails and code for text that no translator would ever see."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        root = settings.BASE_DIR
        found = [*_look_through_templates(root), *_look_through_code(root)]
        for path, line, text in found:
            self.stderr.write(f"{path.relative_to(root)}:{line}: {text!r} is not marked for translation")
        if found:
            raise CommandError(f"{len(found)} to mark.")
        self.stdout.write("Everything that is shown can be translated.")


def _look_through_templates(root: Path) -> Iterator[tuple[Path, int, str]]:
    paths = (path for ending in ("html", "txt") for path in (root / "templates").rglob(f"*.{ending}"))
    for path in sorted(paths):
        for line, text in unmarked_texts(path.read_text(encoding="utf-8")):
            yield path, line, text


def _look_through_code(root: Path) -> Iterator[tuple[Path, int, str]]:
    paths = sorted(path for package in PACKAGES for path in (root / package).rglob("*.py"))
    parts = {path: frozenset(path.relative_to(root).parts) for path in paths}
    sources = {path: path.read_text(encoding="utf-8") for path in paths if not parts[path] & _NOT_SHOWN}
    refusals = find_refusals(sources.values())
    for path, source in sources.items():
        # Elsewhere help texts are notes for developers.
        shows_help = not parts[path].isdisjoint({"forms.py", "catalogue"})
        is_wording = not parts[path].isdisjoint(_WORDING)
        for line, text in unmarked_strings(source, refusals=refusals, shows_help=shows_help, is_wording=is_wording):
            yield path, line, text
