"""`manage.py rotate_keys`: new server keys while the site runs, and the end of old ones."""

import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from vault.crypto.keys import rotation
from vault.services.key_maintenance import renew_what_old_keys_made


class Command(BaseCommand):
    help = "Exchange the server's keys without stopping anything. Opens no vault and touches no entry."
    # Keys may be exchanged whatever else is wrong.
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--only", choices=rotation.KEY_NAMES, action="append", help="this kind alone; may be repeated"
        )
        parser.add_argument("--destroy", action="store_true", help="only destroy retired keys whose time is over")
        parser.add_argument(
            "--wait",
            type=float,
            default=3,
            metavar="SECONDS",
            help="until every process has seen the new keys; 60 where the key folder is on a network drive",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            needed = self._destroy()
            if not options["destroy"]:
                needed = self._rotate(options["only"] or list(rotation.KEY_NAMES), options["wait"])
        except OSError as error:
            raise CommandError(f"The keys in {settings.KEYS_DIR} cannot be exchanged: {error.strerror}.") from error
        if needed:
            raise CommandError(
                f"What retired keys made could not all be made anew ({', '.join(needed)}), so these keys are kept. "
                "The log says why; run this again."
            )

    def _destroy(self) -> list[str]:
        """The kinds whose retired keys are needed still."""
        needed = renew_what_old_keys_made()
        for name in rotation.destroy_retired_keys(now=rotation.now_seconds(), except_kinds=needed):
            self.stdout.write(f"{name}: a retired key was destroyed.")
        return needed

    def _rotate(self, names: list[str], wait: float) -> list[str]:
        """The kinds whose retired keys are needed still."""
        rotation.announce_keys(names)
        time.sleep(wait)
        for name in rotation.activate_keys(names, now=rotation.now_seconds()):
            kept = _in_words(rotation.keep_seconds(name))
            self.stdout.write(f"{name}: a new key is in use; the one before reads for {kept} more.")
        needed = renew_what_old_keys_made()
        if rotation.SECRET in names and settings.SECRET_KEY_FILE is None:
            self.stdout.write(
                "secret: it comes from the environment. Put a new one into WELLBEING_SECRET_KEY and the one before "
                "into WELLBEING_SECRET_KEY_FALLBACKS."
            )
        return needed


def _in_words(seconds: int) -> str:
    for size, unit in ((24 * 60 * 60, "days"), (60 * 60, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}"
    return f"{seconds} seconds"
