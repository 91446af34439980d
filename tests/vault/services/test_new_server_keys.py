"""The server's keys were lost and others stand there: each vault comes back with its owner, and no other way."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from tests.entries import checkin
from tests.vault.journal.people import append
from tests.vaults import CODE, erase_vault, make_vault
from vault.crypto.key_pairs import make_key_pair
from vault.crypto.key_slots import wrap_with_recovery
from vault.crypto.keys import rotation
from vault.crypto.keys.loader import server_keys
from vault.crypto.recovery import format_recovery_code
from vault.journal.compaction import compact_inbox
from vault.journal.entries import KeyAltered, OpenedVault, append_entry, is_bound
from vault.journal.reading import read_journal
from vault.keystore.models import ErasureKey
from vault.models import Entry, KeySlot, Vault
from vault.services.binding import rebind_vaults
from vault.services.key_maintenance import are_keys_foreign
from vault.services.key_slots import WrongPassphrase
from vault.services.lifecycle import (
    change_passphrase,
    create_vault,
    keep_vault,
    open_vault,
    recover_vault,
)

PASSPHRASE = "quilted otter drums vivid canyon"
NEXT_PASSPHRASE = "mellow anchor tulip frosty gecko"
CODE_TEXT = format_recovery_code(CODE)

pytestmark = pytest.mark.django_db


@pytest.fixture
def keys_dir(tmp_path: Path, settings: Any) -> Path:
    """Of this test's own, so that losing it harms no other."""
    settings.KEYS_DIR = tmp_path / "keys"
    server_keys()
    return tmp_path / "keys"


def lose(keys_dir: Path) -> None:
    """As when the folder was not mounted: the next process makes new keys."""
    for path in keys_dir.glob("*.keys"):
        path.unlink()
    server_keys()


def vault_of(user: User) -> Vault:
    return Vault.objects.get(user=user)


def say(user: User) -> UUID:
    return append_entry(vault=vault_of(user), entry=checkin(), at=timezone.now())


def test_nothing_is_sealed_before_the_vault_was_opened(alice: User, keys_dir: Path) -> None:
    create_vault(user=alice, passphrase=PASSPHRASE)
    lose(keys_dir)
    with pytest.raises(KeyAltered):
        say(alice)
    assert Entry.objects.count() == 0


def test_opening_with_the_passphrase_binds_the_vault_anew(
    alice: User, keys_dir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    opened, _ = create_vault(user=alice, passphrase=PASSPHRASE)
    folded = append(opened)
    compact_inbox(opened, settled_after=timedelta(0))
    lose(keys_dir)
    assert open_vault(user=alice, passphrase=PASSPHRASE) == opened
    assert f"vault {opened.vault_id}: its owner opened it, and its public key is bound anew" in caplog.messages
    assert is_bound(vault_of(alice))
    again = say(alice)
    assert {entry.id for entry in read_journal(opened).entries} == {folded, again}


def test_opening_with_the_recovery_code_does_as_well(alice: User, keys_dir: Path) -> None:
    opened = make_vault(alice)
    lose(keys_dir)
    draft = recover_vault(user=alice, code=CODE_TEXT, passphrase=NEXT_PASSPHRASE)
    assert keep_vault(user=alice, draft=draft) == opened
    assert len(str(say(alice))) == 36


def test_changing_the_passphrase_does_as_well(alice: User, keys_dir: Path) -> None:
    create_vault(user=alice, passphrase=PASSPHRASE)
    lose(keys_dir)
    change_passphrase(user=alice, passphrase=PASSPHRASE, new_passphrase=NEXT_PASSPHRASE)
    assert is_bound(vault_of(alice))


def test_a_backup_of_before_an_exchange_of_keys_opens_after_the_old_key_is_gone(alice: User, keys_dir: Path) -> None:
    make_vault(alice)
    backup = bytes(vault_of(alice).binding)
    rotation.announce_keys(["binding"])
    rotation.activate_keys(["binding"], now=0)
    assert rebind_vaults() == 1
    rotation.destroy_retired_keys(now=rotation.now_seconds())
    Vault.objects.update(binding=backup)
    with pytest.raises(KeyAltered):
        say(alice)
    recover_vault(user=alice, code=CODE_TEXT, passphrase=NEXT_PASSPHRASE)
    assert is_bound(vault_of(alice))


def test_a_wrong_secret_binds_nothing_and_counts(alice: User, keys_dir: Path) -> None:
    make_vault(alice)
    lose(keys_dir)
    before = bytes(vault_of(alice).binding)
    with pytest.raises(WrongPassphrase):
        recover_vault(user=alice, code=format_recovery_code(b"w" * 32), passphrase=NEXT_PASSPHRASE)
    assert bytes(vault_of(alice).binding) == before
    assert KeySlot.objects.get(slot="recovery").failures == 1


def test_what_waited_in_the_inbox_is_named_as_damaged(alice: User, keys_dir: Path) -> None:
    opened, _ = create_vault(user=alice, passphrase=PASSPHRASE)
    waiting = append(opened)
    lose(keys_dir)
    journal = read_journal(open_vault(user=alice, passphrase=PASSPHRASE))
    assert (journal.entries, journal.damaged) == ((), (waiting,))


def test_the_page_opens_the_vault(alice: User, alice_client: Client, keys_dir: Path) -> None:
    create_vault(user=alice, passphrase=PASSPHRASE)
    lose(keys_dir)
    checkin = {"pleasantness": 0, "energy": 0}
    refused = alice_client.post("/api/v1/checkins/", checkin, content_type="application/json")
    assert (refused.status_code, refused.json()["code"]) == (409, "key_altered")
    assert alice_client.post("/vault/open/", {"passphrase": PASSPHRASE}).status_code == 302
    assert alice_client.post("/api/v1/checkins/", checkin, content_type="application/json").status_code == 201


class TestWhoWritesToTheDatabase:
    """Knows a recovery code of a vault of their own, and can sign in as anybody."""

    @pytest.fixture
    def mine(self, bob: User, keys_dir: Path) -> OpenedVault:
        return make_vault(bob)

    @pytest.fixture
    def theirs(self, alice: User, keys_dir: Path) -> OpenedVault:
        return create_vault(user=alice, passphrase=PASSPHRASE)[0]

    def refused(self, user: User) -> None:
        """Nothing is sealed, no lock is tried, and nothing is bound."""
        before, failures = bytes(vault_of(user).binding), list(KeySlot.objects.values_list("failures", flat=True))
        with pytest.raises(KeyAltered):
            recover_vault(user=user, code=CODE_TEXT, passphrase=NEXT_PASSPHRASE)
        with pytest.raises(KeyAltered):
            say(user)
        assert bytes(vault_of(user).binding) == before
        assert list(KeySlot.objects.values_list("failures", flat=True)) == failures

    @pytest.mark.parametrize("are_keys_lost", [False, True])
    def test_cannot_hand_a_vault_of_their_own_to_somebody_else(
        self, are_keys_lost: bool, alice: User, mine: OpenedVault, theirs: OpenedVault, keys_dir: Path
    ) -> None:
        if are_keys_lost:
            lose(keys_dir)
        Vault.objects.filter(user=alice).delete()
        Vault.objects.filter(pk=mine.vault_id).update(user=alice)
        self.refused(alice)

    def test_cannot_put_their_own_key_and_locks_under_anothers_vault(
        self, alice: User, mine: OpenedVault, theirs: OpenedVault
    ) -> None:
        Vault.objects.filter(user=alice).update(public_key=mine.public)
        for lock in KeySlot.objects.filter(vault_id=mine.vault_id):
            KeySlot.objects.filter(vault_id=theirs.vault_id, slot=lock.slot).update(sealed=lock.sealed)
        self.refused(alice)

    def test_cannot_swap_the_public_key_under_the_owners_locks(
        self, alice: User, theirs: OpenedVault, keys_dir: Path
    ) -> None:
        lose(keys_dir)
        Vault.objects.update(public_key=make_key_pair().public)
        self.refused(alice)
        with pytest.raises(KeyAltered):
            open_vault(user=alice, passphrase=PASSPHRASE)

    def test_who_reads_the_keystore_too_and_makes_a_lock_for_a_key_of_theirs_has_it_bound_by_nobody(
        self, alice: User, theirs: OpenedVault
    ) -> None:
        pair, key = make_key_pair(), bytes(ErasureKey.objects.get(vault_id=theirs.vault_id).key)
        place: dict[str, Any] = {"vault_id": theirs.vault_id, "public": pair.public, "erasure_key": key}
        made = wrap_with_recovery(pair.private, CODE, **place)
        Vault.objects.update(public_key=pair.public)
        KeySlot.objects.filter(slot="recovery").update(sealed=made)
        self.refused(alice)
        with pytest.raises(KeyAltered):
            open_vault(user=alice, passphrase=PASSPHRASE)
        assert not is_bound(vault_of(alice))

    def test_cannot_have_anothers_erasure_key_destroyed_with_a_vault_of_their_own(
        self, alice: User, bob: User, mine: OpenedVault, theirs: OpenedVault
    ) -> None:
        Vault.objects.filter(user=bob).update(former=theirs.vault_id)
        erase_vault(user=bob)
        assert open_vault(user=alice, passphrase=PASSPHRASE) == theirs

    def test_gains_nothing_by_spoiling_a_binding(self, alice: User, theirs: OpenedVault) -> None:
        Vault.objects.update(binding=bytes(32))
        assert open_vault(user=alice, passphrase=PASSPHRASE) == theirs
        assert is_bound(vault_of(alice))


def test_keys_are_foreign_when_no_vault_is_bound_with_them(alice: User, bob: User, keys_dir: Path) -> None:
    assert not are_keys_foreign()
    make_vault(alice)
    assert not are_keys_foreign()
    lose(keys_dir)
    assert are_keys_foreign()
    make_vault(bob)
    assert not are_keys_foreign()


def test_keys_are_foreign_when_one_is_missing(alice: User, keys_dir: Path) -> None:
    make_vault(alice)
    (keys_dir / "signing.keys").unlink()
    assert are_keys_foreign()
    assert not (keys_dir / "signing.keys").exists()


def test_accepted_keys_are_foreign_no_more_and_others_are(alice: User, keys_dir: Path) -> None:
    make_vault(alice)
    lose(keys_dir)
    rotation.accept_keys()
    assert not are_keys_foreign()
    rotation.announce_keys(["binding"])
    rotation.activate_keys(["binding"], now=0)
    rotation.destroy_retired_keys(now=rotation.now_seconds())
    assert not are_keys_foreign(), "what follows an accepted key is accepted"
    lose(keys_dir)
    assert are_keys_foreign()
