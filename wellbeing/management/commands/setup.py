"""`manage.py setup`: everything a fresh folder needs before the first page, safe to repeat."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from wellbeing.vault import load_or_create_server_keys


class Command(BaseCommand):
    help = "Make keys, databases, static files and the starter catalogue. Safe to repeat; loses nothing."
    # A missing model stops the workers, not the pages.
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        settings.DATA_DIR.mkdir(parents=True, exist_ok=True, mode=0o700)
        load_or_create_server_keys(settings.KEYS_DIR)
        call_command("migrate", verbosity=0)
        call_command("migrate", database="keystore", verbosity=0)
        call_command("createcachetable", verbosity=0)
        call_command("load_catalogue", verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        self.stdout.write("Ready: keys, databases, catalogue and static files are in place.")
