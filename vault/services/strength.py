"""How hard a passphrase is to guess for somebody who knows its owner's address and all about the site."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.exceptions import WellbeingError
from vault.crypto.passphrases import MAX_LENGTH, judge_passphrase


class WeakPassphrase(WellbeingError):
    code, status = "weak_passphrase", 400
    detail = _("That would be too easy to guess. A few unrelated words work well.")


def check_strength(user: User, passphrase: str) -> None:
    """Raises WeakPassphrase, with the reason."""
    if len(passphrase) > MAX_LENGTH:
        raise WeakPassphrase(_("Please use at most %(most)d characters.") % {"most": MAX_LENGTH})
    strength = judge_passphrase(passphrase, about=[user.email, *_site_names()])
    if not strength.is_enough:
        told = gettext("That would be too easy to guess.")
        raise WeakPassphrase(f"{told} {strength.advice}")


def _site_names() -> list[str]:
    """Product, address and organisation: what everybody who works here has in mind."""
    providers: Any = settings.SOCIALACCOUNT_PROVIDERS
    apps = providers["openid_connect"]["APPS"]
    return ["wellbeing", urlsplit(settings.PUBLIC_URL).hostname or "", *(app["name"] for app in apps)]
