"""How often one person may ask for what takes this machine long. Counted as allauth counts sign-ins."""

from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.allauth_internals import Rate, consume, get_cache_key, parse_rates
from accounts.models import User
from core.exceptions import TooOften

_APP: Final = "wellbeing"
RATES: Final = {"passphrase_work": "10/m/user", "export": "20/h/user", "import": "10/d/user"}


def count_use(user: User, action: str) -> None:
    """Raises TooOften, and says after what time at the latest it goes on."""
    if consume(None, app=_APP, action=action, config=RATES, user=user, limit_get=True) is None:
        seconds = int(_rate(action).duration)
        raise TooOften(_tell_wait(seconds), retry_after=seconds)


def limit_keys(user: User) -> list[str]:
    """Under which the uses of one person are counted."""
    return [get_cache_key(None, app=_APP, action=action, rate=_rate(action), user=user) for action in RATES]


def _rate(action: str) -> Rate:
    (rate,) = parse_rates(RATES[action])
    return rate


def _tell_wait(seconds: int) -> str:
    if seconds <= 60:
        return _("That was a little too often. Please wait a minute.")
    hours = -(-seconds // 3600)
    words = ngettext(
        "That was a little too often. Please try again in an hour.",
        "That was a little too often. Please try again in %(hours)d hours.",
        hours,
    )
    return words % {"hours": hours}
