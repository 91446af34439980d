"""New keys for a vault that somebody else may have a key of: key pair, passphrase, code and erasure key.

The journal is sealed anew under a new vault, and the old vault goes in the same transaction. Changing the passphrase
alone would not do: whoever opened a copy once has the private key, and that opens every later copy as well.
"""

import logging
import uuid
from dataclasses import replace
from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from core.exceptions import NotFound
from vault.authentic import is_vault_signed
from vault.crypto.key_pairs import make_key_pair
from vault.dependants import DEPENDANTS
from vault.journal.compaction import JournalDamaged, add_entries, compact_inbox
from vault.journal.entries import OpenedVault, bound_public_key
from vault.journal.reading import read_journal
from vault.keystore.keys import destroy_erasure_key, keep_erasure_key, make_erasure_key
from vault.models import Vault
from vault.services.lifecycle import (
    VaultDraft,
    bind_new_vault,
    forget_former,
    make_draft,
    open_vault,
    store_key_slots,
)
from vault.services.strength import WeakPassphrase

logger = logging.getLogger(__name__)


def draft_renewal(*, user: User, passphrase: str, new_passphrase: str) -> VaultDraft:
    """New keys for the journal that `passphrase` opens, not kept yet: the old ones hold until `keep_renewed`.

    Raises what `open_vault` raises, and WeakPassphrase, also for the same one again.
    """
    if passphrase == new_passphrase:
        raise WeakPassphrase(_("Please choose another one: somebody may know this one."))
    former = open_vault(user=user, passphrase=passphrase)
    private, erasure_key = make_key_pair().private, make_erasure_key()
    draft = make_draft(user, uuid.uuid4(), private, erasure_key, new_passphrase, is_new=False)
    return replace(draft, former=former)


def keep_renewed(*, user: User, draft: VaultDraft) -> OpenedVault:
    """Put the vault of the draft in the place of its `former`, with the whole journal, or change nothing.

    The new erasure key is kept first and the old one destroyed last, because the keystore is a database of its own:
    whenever this is cut off, one of the two vaults is there and opens. Raises ErasureKeyKept for a draft that was begun
    before, NotFound when the former vault is gone, JournalDamaged, KeyAltered, VaultBusy.
    """
    keep_erasure_key(draft.vault_id, draft.erasure_key, owner=user.pk, public=draft.opened.public)
    try:
        with transaction.atomic():
            _take_place(user, draft)
    except Exception:
        destroy_erasure_key(draft.vault_id)
        raise
    forget_former(draft.vault_id)
    logger.info("vault %s: renewed", draft.vault_id)
    return draft.opened


def _take_place(user: User, draft: VaultDraft) -> None:
    former = draft.former
    # In the order in which a worker takes them.
    for dependant in DEPENDANTS:
        dependant.hold(user)
    old = former and Vault.objects.select_for_update().filter(user=user, pk=former.vault_id).first()
    if not former or not old or bound_public_key(old) != former.public:
        raise NotFound
    for dependant in DEPENDANTS:
        dependant.refuse_if_busy(old)
    compact_inbox(former, settled_after=timedelta(0))
    journal = read_journal(former)
    if journal.damage:
        raise JournalDamaged
    facts = ("keep_days", "opened_in", "created_on") if is_vault_signed(old) else ()
    old.delete()
    vault = bind_new_vault(user, draft, former=former.vault_id, **{name: getattr(old, name) for name in facts})
    store_key_slots(vault, draft)
    if add_entries(draft.opened, journal.entries) < len(journal.entries):
        raise JournalDamaged
