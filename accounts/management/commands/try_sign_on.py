"""`manage.py try_sign_on`: asks the organisation's sign-in all that can be asked without a person."""

from typing import Any

import requests
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.sign_on_trial import get_redirect_address, try_sign_on


class Command(BaseCommand):
    help = "Try WELLBEING_OIDC_ISSUER, before the first employee signs in with it."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError when something would keep people from signing in or confirming."""
        apps = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"]
        if not apps:
            raise CommandError("WELLBEING_OIDC_ISSUER names no provider.")
        self.stdout.write(f"The provider has to know this redirect address: {get_redirect_address()}")
        faults = 0
        try:
            for is_good, sentence in try_sign_on(apps[0]):
                faults += not is_good
                self.stdout.write(f"{'ok   ' if is_good else 'WRONG'} {sentence}")
        except requests.RequestException as error:
            raise CommandError(f"{settings.OIDC_ISSUER} does not answer as it should. {error}") from error
        if faults:
            raise CommandError(f"{faults} wrong. People could not sign in, or not confirm who they are.")
        self.stdout.write("All well. What is left is one sign-in by a person.")
