"""What was done with an account or a vault, and what follows: an end to what was given out, a line, a mail.

A mail says nothing of what its reader records.
"""

import logging
from collections.abc import Iterable
from functools import partial
from typing import Any, Final

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import transaction
from django.dispatch import Signal
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy

from accounts.choices import Event
from accounts.credentials import end_credentials
from accounts.models import User
from accounts.selectors import get_local_now
from accounts.tokens import revoke_token
from core.dates import format_date
from core.exceptions import Unavailable
from core.mail import queue_mail

logger = logging.getLogger(__name__)

#: Sent with `user`, `event` and `detail` for all that is done with an account or its vault.
happened = Signal()

_SIGN_IN: Final = gettext_lazy(
    "If it was not you: choose another password, then look in your settings at where you are signed in, at your "
    "addresses and at your second steps."
)
_ASK: Final = gettext_lazy("If you did not ask for it: talk to those who run this site, and choose another password.")
_VAULT: Final = gettext_lazy(
    "If it was not you: choose another password for signing in, then give your vault new keys. From then on nothing is "
    "sealed to keys that somebody else may know."
)
_OTHERS: Final = gettext_lazy(
    "If it was not you: choose another password, and record nothing before you have made a vault of your own again."
)
#: What is mailed, and what to do where it was somebody else.
ADVICE: Final = {
    Event.NEW_BROWSER: _SIGN_IN,
    Event.PASSWORD_CHANGED: _SIGN_IN,
    Event.PASSWORD_RESET: _SIGN_IN,
    Event.PASSWORD_GIVEN: _ASK,
    Event.ADDRESS_ADDED: _SIGN_IN,
    Event.ADDRESS_CHANGED: _SIGN_IN,
    Event.SECOND_FACTOR_ADDED: _SIGN_IN,
    Event.SECOND_FACTOR_REMOVED: _SIGN_IN,
    Event.SECOND_FACTOR_CODES_MADE: _SIGN_IN,
    Event.SIGN_IN_ADDED: _SIGN_IN,
    Event.SIGN_IN_REMOVED: _SIGN_IN,
    Event.TOKEN_MADE: _SIGN_IN,
    Event.ACCOUNT_CLOSED: _ASK,
    Event.ACCOUNT_OPENED: _ASK,
    Event.ACCOUNT_DELETED: gettext_lazy("If it was not you: talk to those who run this site."),
    Event.VAULT_MADE: _OTHERS,
    Event.VAULT_RENEWED: _VAULT,
    Event.VAULT_RECOVERED: _VAULT,
    Event.PASSPHRASE_CHANGED: _VAULT,
    Event.VAULT_GUESSED: _VAULT,
    Event.VAULT_PASSKEY_ADDED: _VAULT,
    Event.VAULT_PASSKEY_REMOVED: _VAULT,
    Event.ERASURE_ASKED: gettext_lazy(
        "If it was not you: sign in and call it off, it takes one button. Then choose another password."
    ),
    Event.ERASURE_STOPPED: _SIGN_IN,
    Event.VAULT_ERASED: _OTHERS,
}
#: What takes with it all that was given out before: something that opened the account or the vault opens it no more.
ENDING: Final = frozenset(
    {
        Event.ACCOUNT_CLOSED,
        Event.PASSWORD_CHANGED,
        Event.PASSWORD_RESET,
        Event.PASSWORD_GIVEN,
        Event.ADDRESS_CHANGED,
        Event.SECOND_FACTOR_REMOVED,
        Event.SIGN_IN_REMOVED,
        Event.PASSPHRASE_CHANGED,
        Event.VAULT_RECOVERED,
        Event.VAULT_RENEWED,
        Event.VAULT_PASSKEY_REMOVED,
        Event.VAULT_ERASED,
    }
)


def report(
    user: User, event: Event, *, detail: str = "", here: HttpRequest | None = None, also: Iterable[str] = ()
) -> None:
    """Do all that follows from an event. `here`: the request in which it happened; `also`: more addresses to tell."""
    if event in ENDING:
        end_credentials(user, here=here)
    elif event == Event.VAULT_MADE:
        # What a script sends is never sealed to a vault that is not the one it was made for.
        revoke_token(user)
    if event in ADVICE:
        tell(user, event, detail=detail if event == Event.NEW_BROWSER else "", also=also)
    happened.send(sender=User, user=user, event=event, detail=detail)


def tell(user: User, event: Event, *, detail: str = "", also: Iterable[str] = ()) -> None:
    """Mail what happened to all addresses `user` has confirmed, and to `also`, once the transaction has gone through.

    Raises KeyError for an event that is not mailed.
    """
    moment = get_local_now(user)
    context = {
        "event": event.label,
        "detail": detail,
        "day": format_date(moment, "j F Y"),
        "hour": f"{moment:%H}:00",
        "advice": ADVICE[event],
        "devices": settings.PUBLIC_URL + reverse("devices"),
    }
    for address in sorted(_addresses(user).union(also)):
        transaction.on_commit(partial(_send, address, context))


def _addresses(user: User) -> set[str]:
    confirmed = EmailAddress.objects.filter(user=user, verified=True).values_list("email", flat=True)
    return {user.email, *confirmed}


def _send(address: str, context: dict[str, Any]) -> None:
    try:
        queue_mail(address, "accounts/notice", context)
    except Unavailable:
        logger.error("a notice was not sent: too many mails wait")
