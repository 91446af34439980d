"""`manage.py try_mail ADDRESS`: sends one mail, and says how far it came."""

import smtplib
from typing import Any

from django.conf import settings
from django.core.mail import get_connection
from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.mail import compose_mail


class Command(BaseCommand):
    help = "Send a mail to ADDRESS with the mail settings of this site, before the first employee needs one."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("address", help="Where you read it.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError with what the mail server said."""
        if not settings.EMAIL_HOST:
            raise CommandError("WELLBEING_EMAIL_HOST names no mail server: mails are printed on the terminal.")
        self.stdout.write(f"To {settings.EMAIL_HOST}:{settings.EMAIL_PORT}, {_tell_security()}, {_tell_login()} ...")
        try:
            get_connection(settings.MAIL_SERVER_BACKEND).send_messages([compose_mail(options["address"], "mail/trial")])
        except (OSError, smtplib.SMTPException) as error:
            raise CommandError(f"It was not sent. {type(error).__name__}: {error}") from error
        self.stdout.write(f"The mail server took it, from {settings.DEFAULT_FROM_EMAIL}. Look for it, in spam too.")


def _tell_security() -> str:
    if settings.EMAIL_USE_SSL:
        return "TLS from the first byte"
    return "TLS by STARTTLS" if settings.EMAIL_USE_TLS else "without TLS"


def _tell_login() -> str:
    return f"as {settings.EMAIL_HOST_USER}" if settings.EMAIL_HOST_USER else "without a login"
