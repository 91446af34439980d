"""`manage.py check_marking`: fail if a template shows text that is not marked for translation."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from research.lint.marking import unmarked_texts


class Command(BaseCommand):
    help = "Look through pages and mails for text that no translator would ever see."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        findings = list(_look_through(settings.BASE_DIR))
        for finding in findings:
            self.stderr.write(finding)
        if findings:
            raise CommandError(f"{len(findings)} to mark.")
        self.stdout.write("Everything that is shown can be translated.")


def _look_through(root: Path) -> Iterator[str]:
    paths = (path for ending in ("html", "txt") for path in (root / "templates").rglob(f"*.{ending}"))
    for path in sorted(paths):
        for line, text in unmarked_texts(path.read_text(encoding="utf-8")):
            yield f"{path.relative_to(root)}:{line}: {text!r} is not marked for translation"
