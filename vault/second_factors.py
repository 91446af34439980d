"""Second factors are kept sealed with a key of the server: a copy of the database signs nobody in."""

import logging

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.allauth_internals import generate_totp_secret
from accounts.models import User
from vault.crypto.errors import Damaged
from vault.crypto.keys.loader import server_keys
from vault.crypto.second_factors import open_seed, seal_seed

logger = logging.getLogger(__name__)


class MFAAdapter(DefaultMFAAdapter):
    """Seeds of authenticator apps and recovery codes are sealed: a copy of the database signs nobody in."""

    def encrypt(self, text: str) -> str:
        return seal_seed(text, server_keys().accounts)

    def decrypt(self, encrypted_text: str) -> str:
        """Of a seed that no key opens, another one, made up on the spot: every code is a wrong one."""
        try:
            return open_seed(encrypted_text, server_keys().accounts)
        except Damaged as error:
            holds_it = Q(data__secret=encrypted_text) | Q(data__seed=encrypted_text)
            row = Authenticator.objects.filter(holds_it).values_list("pk", flat=True).first()
            logger.error("second factor %s does not open: %s", row, error)
            return str(generate_totp_secret())

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:  # noqa: A002 -- allauth's name
        number = Authenticator.objects.filter(user=user, type=type).count() + 1
        return _("Passkey %(number)d") % {"number": number}

    def get_totp_issuer(self) -> str:
        return "Wellbeing"

    def build_totp_svg(self, url: str) -> str:
        """The QR code as an element of the page: what stands before it would end the page's own document."""
        svg: str = super().build_totp_svg(url)
        return svg[svg.index("<svg") :]


def reseal_second_factors() -> int:
    """Seal every seed with the newest key; returns how many rows were. One that no key opens is logged by its id."""
    count = 0
    for pk in Authenticator.objects.values_list("pk", flat=True):
        try:
            count += _reseal(pk)
        except Damaged as error:
            logger.error("second factor %s is not sealed anew: %s", pk, error)
    return count


@transaction.atomic
def _reseal(pk: int) -> bool:
    """Whether there was something to seal. Raises Damaged."""
    keys = server_keys().accounts
    row = Authenticator.objects.select_for_update().filter(pk=pk).first()
    data = row.data if row and isinstance(row.data, dict) else {}
    sealed = {name: str(data[name]) for name in ("secret", "seed") if data.get(name)}
    if row and sealed:
        row.data = data | {name: seal_seed(open_seed(text, keys), keys) for name, text in sealed.items()}
        row.save(update_fields=["data"])
    return bool(sealed)
