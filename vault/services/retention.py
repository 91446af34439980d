"""How long a journal is kept: what its owner chooses, and what is deleted when nobody opens it any more."""

import logging
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.exceptions import VaultLocked, VaultRequired, WellbeingError
from vault.authentic import is_vault_signed, sign_vault
from vault.dependants import DEPENDANTS
from vault.journal.compaction import compact_inbox
from vault.journal.entries import OpenedVault
from vault.journal.retention import keep_days, oldest_kept
from vault.models import Entry, Manifest, Page, Vault

logger = logging.getLogger(__name__)

LEAST_DAYS: Final = 7


class KeepingInvalid(WellbeingError):
    code, status = "invalid_days", 400
    detail = _("Entries can be kept for a week at least, and no longer than offered.")


def set_keep_days(*, user: User, days: int, opened: OpenedVault | None = None) -> None:
    """Keep entries for that many days; the site's own rule is the longest.

    What is older goes at once from the inbox, and from the pages too if the vault is `opened`, else when it next is.
    Raises VaultRequired, KeepingInvalid, and VaultLocked for a row that somebody else wrote to.
    """
    if not LEAST_DAYS <= days <= settings.KEEP_DAYS:
        raise KeepingInvalid
    vault = _store(user, None if days == settings.KEEP_DAYS else days, is_open=opened is not None)
    if opened is not None:
        # First, because by its day alone nobody sees what in the inbox still holds.
        compact_inbox(opened)
    _prune_unopened(vault)


@transaction.atomic
def _store(user: User, days: int | None, *, is_open: bool) -> Vault:
    """A row that somebody else wrote to says nothing of when it was opened either: that is counted anew."""
    vault = Vault.objects.select_for_update(no_key=True).filter(user=user).first()
    if vault is None:
        raise VaultRequired
    if not is_vault_signed(vault):
        if not is_open:
            raise VaultLocked
        logger.error("vault %s: its row was not written by this site; its owner has chosen again", vault.pk)
        vault.opened_in = None
    vault.keep_days = days
    sign_vault(vault)
    vault.save(update_fields=["keep_days", "opened_in", "mac"])
    return vault


def prune() -> None:
    """Delete what is too old without opening anything: inbox rows by their day, pages once nobody came back for so
    long that everything in them is too old. Safe to run at any time, and twice.
    """
    for vault in Vault.objects.iterator():
        _prune_unopened(vault)
        if _is_abandoned(vault):
            _delete_pages(vault.pk)


def _prune_unopened(vault: Vault) -> None:
    """Inbox rows, and what others keep about entries as old."""
    oldest = oldest_kept(vault, timezone.now())
    for dependant in DEPENDANTS:
        dependant.forget_before(vault, oldest)
    deleted, _ = Entry.objects.filter(vault=vault, day__lt=oldest).delete()
    if deleted:
        logger.info("vault %s: %d entries older than %d days deleted", vault.pk, deleted, keep_days(vault))


def _is_abandoned(vault: Vault) -> bool:
    """Everything in its pages was folded in the month of the last opening, or before."""
    if vault.opened_in is None or not is_vault_signed(vault):
        return False
    month_after = (vault.opened_in.replace(day=1) + timedelta(days=32)).replace(day=1)
    return month_after <= oldest_kept(vault, timezone.now())


@transaction.atomic
def _delete_pages(vault_id: UUID) -> None:
    """Looks again with the row held, as whoever opens the vault holds it: what they just folded stays."""
    vault = Vault.objects.select_for_update(no_key=True).filter(pk=vault_id).first()
    if vault is None or not _is_abandoned(vault):
        return
    pages, _ = Page.objects.filter(vault=vault).delete()
    manifests, _ = Manifest.objects.filter(vault=vault).delete()
    if pages or manifests:
        logger.info("vault %s: not opened for %d days, its pages are deleted", vault.pk, keep_days(vault))
