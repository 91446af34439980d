"""New keys for a vault whose old ones somebody may know: the whole journal moves, or nothing does."""

import secrets
import uuid
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from core.exceptions import NotFound
from emotion.models import Capture
from emotion.services.vault_captures import SnapshotWaiting
from tests.crashes import Crash, dying_at
from tests.entries import checkin
from tests.responses import ClientResponse
from tests.signed import tell_vault
from tests.vault.journal.people import NOON, append, by_id, ids
from tests.vaults import CODE, erase_vault, hold_open_in, make_vault
from vault.crypto.errors import VaultError
from vault.crypto.key_pairs import make_key_pair, public_of
from vault.crypto.key_slots import open_key_slot
from vault.crypto.recovery import split_groups
from vault.forms import asked_places
from vault.journal.compaction import JournalDamaged, compact_inbox
from vault.journal.entries import OpenedVault
from vault.journal.kinds import Audit
from vault.journal.pages import open_page_store
from vault.journal.reading import read_journal
from vault.keystore.keys import ErasureKeyKept, keep_erasure_key
from vault.keystore.models import ErasureKey
from vault.models import Entry, KeySlot, Manifest, Page, Vault
from vault.services import rekey
from vault.services.key_slots import WrongPassphrase
from vault.services.lifecycle import (
    VaultDraft,
    create_vault,
    open_vault,
    recover_vault,
)
from vault.services.rekey import draft_renewal, keep_renewed
from vault.services.strength import WeakPassphrase

PASSPHRASE = "quilted otter drums vivid canyon"
NEXT_PASSPHRASE = "mellow anchor tulip frosty gecko"
NEXT_CODE = b"n" * 32
#: What a database administrator copied the day before.
TABLES = (Vault, KeySlot, Entry, Page, Manifest)

pytestmark = pytest.mark.django_db


def drafted(former: OpenedVault) -> VaultDraft:
    """As the page makes one, without Argon2."""
    return VaultDraft(
        vault_id=uuid.uuid4(),
        is_new=False,
        private=make_key_pair().private,
        erasure_key=secrets.token_bytes(32),
        code=NEXT_CODE,
        passphrase_slot=b"no lock",
        former=former,
    )


@pytest.fixture
def opened(alice: User) -> OpenedVault:
    """Two months in pages, and one entry that came a moment ago."""
    opened = make_vault(alice)
    append(opened, NOON - timedelta(days=31))
    append(opened, NOON)
    compact_inbox(opened)
    append(opened, timezone.now(), entry=checkin())
    return opened


def unlocks(user: User, code: bytes) -> bool:
    """Whether this recovery code opens the vault this person has now."""
    vault = Vault.objects.get(user=user)
    lock = KeySlot.objects.get(vault=vault, slot="recovery")
    key = ErasureKey.objects.get(pk=vault.pk).key
    public, sealed = bytes(vault.public_key), bytes(lock.sealed)
    try:
        open_key_slot(sealed, code, slot="recovery", vault_id=vault.pk, public=public, erasure_key=bytes(key))
    except VaultError:
        return False
    return True


def test_the_whole_journal_moves_and_the_old_keys_open_nothing(alice: User, opened: OpenedVault, bob: User) -> None:
    make_vault(bob)
    tell_vault(alice, keep_days=200, created_on=NOON.date())
    before, yesterday = by_id(opened), [list(model.objects.all()) for model in TABLES]
    renewed = keep_renewed(user=alice, draft=drafted(opened))
    assert by_id(renewed) == before
    assert len(before) == 3
    vault = Vault.objects.get(user=alice)
    assert (vault.pk, vault.keep_days, vault.created_on, vault.former) == (renewed.vault_id, 200, NOON.date(), None)
    assert (unlocks(alice, NEXT_CODE), unlocks(alice, CODE), unlocks(bob, CODE)) == (True, False, True)
    # The old private key, learnt from a copy, opens nothing of what is there now ...
    assert not open_page_store(replace(renewed, private=opened.private)).is_listed
    assert read_journal(replace(renewed, private=opened.private)).entries == ()
    # ... and yesterday's locks lack their erasure key.
    assert not ErasureKey.objects.filter(pk=opened.vault_id).exists()
    Vault.objects.filter(user=alice).delete()
    for rows in yesterday:
        for row in rows:
            row.save(force_insert=not type(row)._default_manager.filter(pk=row.pk).exists())
    assert Vault.objects.get(user=alice).pk == opened.vault_id
    with pytest.raises(ErasureKey.DoesNotExist):
        unlocks(alice, CODE)


def test_new_keys_change_nothing_of_anybody_else(alice: User, opened: OpenedVault, bob: User) -> None:
    make_vault(bob)
    theirs = [Vault.objects.filter(user=bob), KeySlot.objects.filter(vault__user=bob).order_by("slot")]
    before = [list(rows.values()) for rows in theirs]
    tell_vault(alice, keep_days=200)
    keep_renewed(user=alice, draft=drafted(opened))
    assert [list(rows.values()) for rows in theirs] == before
    assert unlocks(bob, CODE)


@pytest.mark.django_db(transaction=True)
def test_cut_off_at_any_write_one_of_the_two_vaults_is_there_and_opens(alice: User, opened: OpenedVault) -> None:
    before = set(ids(opened))
    outcomes = []
    for number in range(200):
        draft = drafted(opened)
        renewed = OpenedVault(draft.vault_id, draft.private, public_of(draft.private))
        try:
            with dying_at(number, "default", "keystore"):
                keep_renewed(user=alice, draft=draft)
        except Crash:
            pass
        else:
            break
        is_new = Vault.objects.get(user=alice).pk == renewed.vault_id
        assert (unlocks(alice, NEXT_CODE), unlocks(alice, CODE)) == (is_new, not is_new)
        assert set(ids(renewed if is_new else opened)) == before
        outcomes.append(is_new)
        if is_new:
            break
    assert outcomes == [False] * (len(outcomes) - 1) + [True], "the journal moves in one write's time"
    assert len(outcomes) >= 10, "locks, pages, manifest, inbox and keys are separate writes"


def test_a_renewal_cut_off_before_and_tried_again_is_refused_and_harms_no_key(alice: User, opened: OpenedVault) -> None:
    draft, before = drafted(opened), set(ids(opened))
    keep_erasure_key(draft.vault_id, draft.erasure_key, owner=alice.pk, public=b"p" * 32)
    with pytest.raises(ErasureKeyKept):
        keep_renewed(user=alice, draft=draft)
    assert (unlocks(alice, CODE), set(ids(opened))) == (True, before)
    keep_renewed(user=alice, draft=drafted(opened))
    assert unlocks(alice, NEXT_CODE)


def test_a_renewal_that_is_done_and_sent_again_is_refused_and_harms_no_key(alice: User, opened: OpenedVault) -> None:
    draft = drafted(opened)
    keep_renewed(user=alice, draft=draft)
    with pytest.raises(ErasureKeyKept):
        keep_renewed(user=User.objects.get(pk=alice.pk), draft=draft)
    assert unlocks(alice, NEXT_CODE)


def test_an_old_erasure_key_that_was_left_goes_at_the_next_opening(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    former, _ = create_vault(user=alice, passphrase=PASSPHRASE)
    draft = draft_renewal(user=alice, passphrase=PASSPHRASE, new_passphrase=NEXT_PASSPHRASE)
    with monkeypatch.context() as cut_off:
        cut_off.setattr(rekey, "forget_former", lambda vault_id: None)
        keep_renewed(user=alice, draft=VaultDraft.from_bytes(draft.to_bytes()))
    alice = User.objects.get(pk=alice.pk)
    assert ErasureKey.objects.count() == 2
    assert open_vault(user=alice, passphrase=NEXT_PASSPHRASE).vault_id == draft.vault_id
    assert set(ErasureKey.objects.values_list("pk", flat=True)) == {draft.vault_id}
    assert Vault.objects.get(user=alice).former is None
    with pytest.raises(WrongPassphrase):
        open_vault(user=alice, passphrase=PASSPHRASE)
    assert former.vault_id != draft.vault_id


def test_a_snapshot_on_its_way_is_waited_for(alice: User, opened: OpenedVault) -> None:
    capture = Capture.objects.create(id=uuid4(), vault_id=opened.vault_id, sealed_key=b"key")
    with pytest.raises(SnapshotWaiting):
        keep_renewed(user=alice, draft=drafted(opened))
    assert (len(ids(opened)), ErasureKey.objects.count()) == (3, 1)
    Capture.objects.filter(pk=capture.pk).update(
        state=Capture.State.RECORDED, sealed_key=None, finished_at=timezone.now()
    )
    renewed = keep_renewed(user=alice, draft=drafted(opened))
    assert len(ids(renewed)) == 3


def test_what_was_sealed_to_the_old_key_a_moment_ago_comes_along(alice: User, opened: OpenedVault) -> None:
    draft = drafted(opened)
    late: UUID = append(opened, timezone.now())
    assert late in ids(keep_renewed(user=alice, draft=draft))


def test_a_damaged_journal_stays_where_it_is(alice: User, opened: OpenedVault) -> None:
    read_journal(opened)
    Page.objects.first().delete()  # type: ignore[union-attr]
    with pytest.raises(JournalDamaged):
        keep_renewed(user=alice, draft=drafted(opened))
    assert Vault.objects.get(user=alice).pk == opened.vault_id
    assert ErasureKey.objects.count() == 1


def test_a_vault_that_is_gone_or_anothers_gets_no_new_keys(alice: User, bob: User, opened: OpenedVault) -> None:
    bobs = make_vault(bob)
    with pytest.raises(NotFound):
        keep_renewed(user=alice, draft=drafted(bobs))
    assert (len(ids(opened)), ErasureKey.objects.count()) == (3, 2)


def test_new_keys_are_for_who_knows_the_passphrase_and_chooses_another(alice: User) -> None:
    create_vault(user=alice, passphrase=PASSPHRASE)
    with pytest.raises(WeakPassphrase):
        draft_renewal(user=alice, passphrase=PASSPHRASE, new_passphrase=PASSPHRASE)
    with pytest.raises(WrongPassphrase):
        draft_renewal(user=alice, passphrase=NEXT_PASSPHRASE, new_passphrase=PASSPHRASE)
    with pytest.raises(WeakPassphrase):
        draft_renewal(user=alice, passphrase=PASSPHRASE, new_passphrase="password1")


def renew_in(client: Client) -> str:
    """The new recovery code, shown and not typed back yet."""
    form = {"passphrase": PASSPHRASE, "new_passphrase": NEXT_PASSPHRASE, "again": NEXT_PASSPHRASE}
    assert client.post("/vault/renew/", form).headers["Location"] == "/vault/code/"
    code: str = client.get("/vault/code/").context["draft"].recovery_code
    return code


def type_back(client: Client, code: str) -> ClientResponse:
    groups = split_groups(code)
    answers = {f"group_{place}": groups[place - 1] for place in asked_places(code)}
    return client.post("/vault/code/check/", answers, follow=True)


def test_the_page_gives_new_keys_notes_it_and_closes_other_browsers(alice: User, alice_client: Client) -> None:
    opened, old_code = create_vault(user=alice, passphrase=PASSPHRASE)
    elsewhere = Client()
    elsewhere.force_login(alice)
    hold_open_in(elsewhere, alice, opened)
    assert elsewhere.get("/vault/").wsgi_request.opened_vault is not None  # type: ignore[attr-defined]
    type_back(alice_client, renew_in(alice_client))
    assert elsewhere.get("/vault/").wsgi_request.opened_vault is None  # type: ignore[attr-defined]
    alice = User.objects.get(pk=alice.pk)
    renewed = open_vault(user=alice, passphrase=NEXT_PASSPHRASE)
    assert read_journal(renewed).of(Audit)[-1].data.event == "vault_renewed"
    with pytest.raises(WrongPassphrase):
        recover_vault(user=alice, code=old_code, passphrase="tidy marble wagon lunar fern")


def test_the_code_on_paper_stays_good_while_a_snapshot_is_waited_for(alice: User, alice_client: Client) -> None:
    create_vault(user=alice, passphrase=PASSPHRASE)
    code = renew_in(alice_client)
    capture = Capture.objects.create(id=uuid4(), vault=Vault.objects.get(), sealed_key=b"key")
    waited = type_back(alice_client, code)
    assert waited.redirect_chain == [("/vault/code/check/", 302)]
    assert str(SnapshotWaiting.detail) in waited.content.decode()
    assert alice_client.get("/vault/code/").context["draft"].recovery_code == code
    capture.delete()
    done = type_back(alice_client, code)
    assert "Your vault has new keys, and is open." in done.content.decode()
    alice = User.objects.get(pk=alice.pk)
    assert recover_vault(user=alice, code=code, passphrase="tidy marble wagon lunar fern").former is None


def test_after_a_renewal_that_was_cut_off_the_page_leads_to_starting_again(alice: User, alice_client: Client) -> None:
    create_vault(user=alice, passphrase=PASSPHRASE)
    code = renew_in(alice_client)
    draft = alice_client.get("/vault/code/").context["draft"]
    keep_erasure_key(draft.vault_id, draft.erasure_key, owner=alice.pk, public=b"p" * 32)
    again = type_back(alice_client, code)
    assert (again.status_code, again.redirect_chain[0]) == (200, ("/vault/", 302))
    assert str(ErasureKeyKept.detail) in again.content.decode()
    assert 'href="/vault/renew/"' in again.content.decode()
    type_back(alice_client, renew_in(alice_client))
    assert open_vault(user=User.objects.get(pk=alice.pk), passphrase=NEXT_PASSPHRASE).vault_id != draft.vault_id


def test_a_draft_that_can_never_be_kept_is_dropped(alice: User, alice_client: Client) -> None:
    create_vault(user=alice, passphrase=PASSPHRASE)
    code = renew_in(alice_client)
    erase_vault(user=alice)
    gone = type_back(alice_client, code)
    assert gone.redirect_chain[0] == ("/vault/", 302)
    assert str(NotFound.detail) in gone.content.decode()
    assert alice_client.get("/vault/code/").headers["Location"] == "/vault/"
