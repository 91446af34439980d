"""What was done with a person's account and vault, noted in their own journal: only they can read it."""

import logging

from django.utils import timezone

from accounts.choices import Event
from accounts.models import User
from core.exceptions import VaultRequired
from vault.journal.entries import KeyAltered, append_entry
from vault.journal.kinds import Audit
from vault.selectors import find_vault

logger = logging.getLogger(__name__)


def record_event(*, user: User, event: Event, detail: str = "") -> None:
    """Seal one line to the person's vault; needs only its public key. `detail` is a format or a kind of browser."""
    vault = find_vault(user)
    if vault is None:
        # There is nowhere to write it that nobody else could read.
        return
    try:
        append_entry(vault=vault, entry=Audit(event=event, detail=detail), at=timezone.now())
    except VaultRequired:
        logger.info("vault %s was erased while something was noted in it", vault.pk)
    except KeyAltered:
        logger.error("vault %s: what was done with it could not be noted", vault.pk)
