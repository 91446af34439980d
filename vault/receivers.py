"""What happens to an account is noted in its person's journal, wherever it happens."""

import json
import logging
from typing import Any, Final

from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_removed
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.utils.crypto import constant_time_compare

from accounts.choices import Event
from accounts.models import User
from accounts.notices import happened, report
from accounts.selectors import get_credential_id
from core.exceptions import WellbeingError
from vault.http import VaultRequest
from vault.opening import begin_session
from vault.selectors import find_vault
from vault.services import passkeys
from vault.services.audit import record_event
from vault.services.precautions import note_password_given

logger = logging.getLogger(__name__)

_SIGN_IN: Final = "mfa_login_webauthn"


@receiver(happened)
def note_event(user: User, event: Event, detail: str, **_: Any) -> None:
    record_event(user=user, event=event, detail=detail)
    if event in {Event.PASSWORD_GIVEN, Event.PASSWORD_RESET}:
        note_password_given(user=user)


@receiver(user_logged_in)
def open_with_the_same_touch(request: VaultRequest, user: User, **_: Any) -> None:
    """The passkey that signed somebody in may have given what opens their vault too; else it stays locked."""
    vault = find_vault(user) if request.resolver_match and request.resolver_match.view_name == _SIGN_IN else None
    secret, salt = request.POST.get("secret", ""), request.POST.get("salt", "")
    # In a browser that several people use the salt may be another's.
    if vault is None or not secret or not constant_time_compare(salt, passkeys.make_salt(vault)):
        return
    credential = str(json.loads(request.POST["credential"]).get("id"))
    try:
        begin_session(request, user, passkeys.open_by_passkey(user=user, credential=credential, secret=secret))
    except WellbeingError as error:
        logger.info("vault %s did not open with its owner's sign-in: %s", vault.pk, error.code)


@receiver(authenticator_removed)
def lock_out_passkey(user: User, authenticator: Authenticator, request: VaultRequest | None, **_: Any) -> None:
    """A passkey taken off the account opens nothing of it any more."""
    if authenticator.type == Authenticator.Type.WEBAUTHN:
        credential = get_credential_id(authenticator)
        if passkeys.remove_passkey(user=user, credential=credential):
            report(user, Event.VAULT_PASSKEY_REMOVED, here=request)
