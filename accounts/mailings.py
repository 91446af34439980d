"""What became of the last mail to an address, for the page that says to look for it. Kept for an hour, by a hash."""

import time
from dataclasses import dataclass
from typing import Any, Final

from allauth.account import app_settings as account_settings
from django.core.cache import cache
from django.core.mail import EmailMessage
from django.dispatch import receiver
from django.utils.crypto import salted_hmac

from accounts.allauth_internals import get_cache_key, parse_rates
from core.mail import mail_refused, mail_taken

_KEPT_SECONDS: Final = 60 * 60
_WATCHED_SECONDS: Final = 60


@dataclass(frozen=True, slots=True)
class Mailing:
    """`state`: `queued`, `waiting` while the mail server is away, `refused` or `taken` by it."""

    state: str
    at: float

    @property
    def is_news_near(self) -> bool:
        return self.state == "queued" and time.time() - self.at < _WATCHED_SECONDS

    @property
    def minutes_to_next(self) -> int:
        """Until another mail to confirm this address may be asked for; 0: now."""
        [rate] = _rates()
        left = self.at + rate.duration - time.time()
        return 0 if self.state == "refused" else max(0, -int(-left // 60))


def key_of_address(address: str) -> str:
    """What stands for an address where nobody is to read it."""
    return "mailing:" + salted_hmac("accounts.mailings", address, algorithm="sha256").hexdigest()


def note_mailing(address: str, state: str, at: float | None = None) -> None:
    cache.set(key_of_address(address), (state, at or time.time()), _KEPT_SECONDS)
    if state == "refused":
        # What brought no mail does not count.
        cache.delete_many(
            get_cache_key(None, app="allauth.account", action="confirm_email", rate=rate, key=address)
            for rate in _rates()
        )


def find_mailing(key: str) -> Mailing | None:
    found = cache.get(key)
    return Mailing(*found) if found else None


@receiver(mail_taken)
def note_taken(message: EmailMessage, **_: Any) -> None:
    _update(message, "taken")


@receiver(mail_refused)
def note_refused(message: EmailMessage, is_final: bool, **_: Any) -> None:
    _update(message, "refused" if is_final else "waiting")


def _update(message: EmailMessage, state: str) -> None:
    for address in message.to:
        if known := find_mailing(key_of_address(address)):
            note_mailing(address, state, known.at)


def _rates() -> list[Any]:
    rates: list[Any] = parse_rates(account_settings.RATE_LIMITS["confirm_email"])
    return rates
