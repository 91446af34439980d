"""What speaks for a person without asking them again, and how all of it ends at once."""

from typing import Any, cast

from allauth.account.models import EmailAddress
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest

from accounts.allauth_internals import clear_authentication_records
from accounts.models import User
from accounts.session_store import end_other_sessions
from accounts.tokens import revoke_token


class ResetTokenGenerator(PasswordResetTokenGenerator):
    """A link that resets the password ends with everything else that was given out."""

    def _make_hash_value(self, user: Any, timestamp: int) -> str:
        return f"{super()._make_hash_value(user, timestamp)}{user.generation}"


@transaction.atomic
def end_credentials(user: User, *, here: HttpRequest | None = None) -> None:
    """End all that was given out for `user`: sessions and the vaults open in them, the API token, links in mails.

    Where the session of `here` is this person's own it goes on, and is asked again who is there.
    """
    User.objects.filter(pk=user.pk).update(generation=F("generation") + 1)
    user.refresh_from_db(fields=["generation"])
    own = here if here and here.user == user else None
    end_other_sessions(user, keep=own.session.session_key if own else None)
    revoke_token(user)
    _end_confirmations(user)
    if own:
        cast("User", own.user).generation = user.generation
        own.session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        clear_authentication_records(own)


def _end_confirmations(user: User) -> None:
    """A link names the row of its address: one that waits to be confirmed goes, or comes back under another number."""
    waiting = EmailAddress.objects.filter(user=user, verified=False)
    primary = waiting.filter(primary=True).first()
    waiting.delete()
    if primary:
        EmailAddress.objects.create(user=user, email=primary.email, primary=True)
