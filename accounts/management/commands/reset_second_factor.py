"""`manage.py reset_second_factor ADDRESS`: for somebody who lost phone, key and codes. Their vault stays as it is."""

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_removed
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User


class Command(BaseCommand):
    help = "Remove every second step of one account. Make sure who asks: afterwards the password alone signs in."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("address", help="The e-mail address of the account.")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(email=User.objects.normalize_email(options["address"])).first()
        if user is None:
            raise CommandError(f"There is no account with the address {options['address']}.")
        removed = list(Authenticator.objects.filter(user=user))
        for authenticator in removed:
            authenticator.delete()
            authenticator_removed.send(sender=Authenticator, request=None, user=user, authenticator=authenticator)
        self.stdout.write(f"Removed {len(removed)}. The account now signs in with its password alone.")
