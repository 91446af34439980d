"""What was done with a person's account and vault, noted in their own journal: only they can read it."""

from __future__ import annotations

import logging
from typing import Literal

from django.utils import timezone

from accounts.models import User
from vault.journal import KeyAltered, append_entry
from vault.selectors import find_vault

logger = logging.getLogger(__name__)

Event = Literal[
    "vault_opened",
    "vault_refused",
    "vault_made",
    "passphrase_changed",
    "vault_recovered",
    "vault_renewed",
    "exported",
    "imported",
    "new_browser",
    "second_factor_added",
    "second_factor_removed",
    "second_factor_codes_made",
    "password_changed",
    "password_given",
    "address_changed",
    "token_made",
    "token_revoked",
]


def record_event(*, user: User, event: Event, detail: str = "") -> None:
    """Seal one line to the person's vault; needs only its public key. `detail` is a format or a kind of browser.

    Without a vault there is nowhere to write it that nobody else could read, so it is not written.
    """
    vault = find_vault(user)
    if vault is None:
        return
    try:
        append_entry(vault=vault, kind="audit", data={"event": event, "detail": detail}, at=timezone.now())
    except KeyAltered:
        logger.error("vault %s: what was done with it could not be noted", vault.pk)
