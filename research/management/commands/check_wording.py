"""`manage.py check_wording`: fail if anything shown to people diagnoses or judges."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from research.lint.wording import check_wording


class Command(BaseCommand):
    help = "Look through pages, mails, scripts, catalogue and code for phrases that judge somebody."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        findings = check_wording(settings.BASE_DIR)
        for finding in findings:
            self.stderr.write(str(finding))
        if findings:
            raise CommandError(f"{len(findings)} to mend.")
        self.stdout.write("Nothing shown to people judges them.")
