"""Django's command, which also sets up the second step: otherwise whoever signs in first with the password does."""

from typing import Any

from allauth.mfa.adapter import get_adapter
from django.contrib.auth.management.commands import createsuperuser

from accounts.allauth_internals import TOTP, generate_totp_secret
from accounts.models import User


class Command(createsuperuser.Command):
    help = "Make an administrator of the catalogue, with a key for their authenticator app."

    def handle(self, *args: Any, **options: Any) -> None:
        before = set(User.objects.values_list("pk", flat=True))
        super().handle(*args, **options)
        for user in User.objects.filter(is_superuser=True).exclude(pk__in=before):
            secret = generate_totp_secret()
            TOTP.activate(user, secret)
            self.stdout.write(
                "Signing in also asks for a code of an authenticator app. Give it this key now, shown this once:\n"
                f"{secret}\nor, as an address: {get_adapter().build_totp_url(user, secret)}"
            )
