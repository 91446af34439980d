import hashlib
import logging
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from redis import Redis

from accounts.models import User
from core.exceptions import NotFound, TooOften, VaultRequired
from emotion import frame_store
from emotion.models import Capture, PersonalSettings
from tests.crashes import Crash, dying_at
from tests.entries import reading
from tests.vaults import CODE, erase_vault, make_vault
from vault.crypto.errors import VaultError
from vault.crypto.key_slots import open_key_slot
from vault.crypto.recovery import format_recovery_code
from vault.journal.compaction import compact_inbox
from vault.journal.entries import append_entry
from vault.journal.reading import read_journal
from vault.keystore.keys import ErasureKeyGone, ErasureKeyKept, keep_erasure_key, read_erasure_key
from vault.keystore.models import ErasureKey
from vault.models import Entry, KeySlot, Manifest, Page, Vault
from vault.services import key_slots, lifecycle
from vault.services.key_slots import KeySlotDamaged, WrongPassphrase
from vault.services.lifecycle import (
    VaultDraft,
    VaultExists,
    change_passphrase,
    create_vault,
    draft_vault,
    forget_former,
    keep_vault,
    open_vault,
    recover_vault,
)
from vault.services.strength import WeakPassphrase

PASSPHRASE = "quilted otter drums vivid canyon"
NEXT_PASSPHRASE = "mellow anchor tulip frosty gecko"
RIGHT_CODE, WRONG_CODE = format_recovery_code(CODE), format_recovery_code(b"w" * 32)

pytestmark = pytest.mark.django_db


def append(user: User) -> None:
    vault = Vault.objects.get(user=user)
    append_entry(vault=vault, entry=reading(), at=datetime.now(tz=UTC))


@pytest.mark.usefixtures("real_argon2")
def test_a_vault_opens_with_its_passphrase_alone(alice: User) -> None:
    opened, _ = create_vault(user=alice, passphrase=PASSPHRASE)
    append(alice)
    again = open_vault(user=alice, passphrase=f" {PASSPHRASE} ")
    assert again == opened
    assert len(read_journal(again).entries) == 1
    with pytest.raises(WrongPassphrase):
        open_vault(user=alice, passphrase=NEXT_PASSPHRASE)


def test_a_new_sign_in_password_opens_nothing(alice: User) -> None:
    create_vault(user=alice, passphrase=PASSPHRASE)
    alice.set_password("an administrator chose this")
    alice.save()
    with pytest.raises(WrongPassphrase):
        open_vault(user=alice, passphrase="an administrator chose this")


def test_a_passphrase_that_is_easily_guessed_is_refused(alice: User) -> None:
    for passphrase in ("password", "alice", "x" * 257):
        with pytest.raises(WeakPassphrase):
            draft_vault(user=alice, passphrase=passphrase)
    assert Vault.objects.count() == 0


def test_a_passphrase_of_256_characters_is_taken_and_a_longer_one_is_not(alice: User) -> None:
    longest = "".join(hashlib.sha256(bytes([number])).hexdigest() for number in range(4))
    with pytest.raises(WeakPassphrase) as refusal:
        create_vault(user=alice, passphrase=f"{longest}-")
    assert (str(refusal.value.detail), Vault.objects.count()) == ("Please use at most 256 characters.", 0)
    create_vault(user=alice, passphrase=longest)
    assert Vault.objects.count() == 1


def test_a_person_has_one_vault(alice: User) -> None:
    draft = draft_vault(user=alice, passphrase=PASSPHRASE)
    make_vault(alice)
    with pytest.raises(VaultExists):
        keep_vault(user=alice, draft=draft)
    with pytest.raises(VaultExists):
        draft_vault(user=alice, passphrase=PASSPHRASE)
    assert ErasureKey.objects.count() == 1


def test_nothing_is_kept_before_the_code_is_confirmed(alice: User) -> None:
    draft = draft_vault(user=alice, passphrase=PASSPHRASE)
    assert (Vault.objects.count(), KeySlot.objects.count(), ErasureKey.objects.count()) == (0, 0, 0)
    assert VaultDraft.from_bytes(draft.to_bytes()) == draft


def test_a_vault_whose_making_was_cut_off_is_begun_again(alice: User) -> None:
    draft = draft_vault(user=alice, passphrase=PASSPHRASE)
    keep_erasure_key(draft.vault_id, draft.erasure_key, owner=alice.pk, public=b"p" * 32)
    with pytest.raises(ErasureKeyKept):
        keep_vault(user=alice, draft=draft)
    assert Vault.objects.count() == 0
    make_vault(alice)


def test_a_changed_passphrase_rewrites_no_entry_and_no_page(alice: User) -> None:
    opened, _ = create_vault(user=alice, passphrase=PASSPHRASE)
    append(alice)
    compact_inbox(opened, settled_after=timedelta(0))
    append(alice)
    before = [list(model.objects.values()) for model in (Entry, Page, Manifest)]
    assert [len(rows) for rows in before] == [1, 1, 1]
    recovery_before = KeySlot.objects.get(slot="recovery").sealed
    with CaptureQueriesContext(connections["default"]) as queries:
        change_passphrase(user=alice, passphrase=PASSPHRASE, new_passphrase=NEXT_PASSPHRASE)
    written = [query["sql"].split()[1] for query in queries if query["sql"].startswith("UPDATE")]
    assert written == ['"vault_keyslot"'] * 3, "the try that is counted, the count set back, the lock itself"
    assert [list(model.objects.values()) for model in (Entry, Page, Manifest)] == before
    assert KeySlot.objects.get(slot="recovery").sealed == recovery_before
    assert open_vault(user=alice, passphrase=NEXT_PASSPHRASE) == opened
    with pytest.raises(WrongPassphrase):
        open_vault(user=alice, passphrase=PASSPHRASE)


def test_a_changed_passphrase_touches_nobody_elses_locks(alice: User, bob: User) -> None:
    create_vault(user=alice, passphrase=PASSPHRASE)
    make_vault(bob)
    theirs = KeySlot.objects.filter(vault__user=bob).order_by("slot")
    theirs.update(failures=3, closed_until=timezone.now())
    before = list(theirs.values())
    change_passphrase(user=alice, passphrase=PASSPHRASE, new_passphrase=NEXT_PASSPHRASE)
    assert list(theirs.values()) == before
    assert len(before) == 2


def test_a_passphrase_changes_only_for_who_knows_it(alice: User) -> None:
    create_vault(user=alice, passphrase=PASSPHRASE)
    before = list(KeySlot.objects.order_by("pk").values_list("sealed", flat=True))
    with pytest.raises(WrongPassphrase):
        change_passphrase(user=alice, passphrase="something else", new_passphrase=NEXT_PASSPHRASE)
    assert list(KeySlot.objects.order_by("pk").values_list("sealed", flat=True)) == before


def test_recovery_gives_new_keys_and_kills_the_old_ones(alice: User) -> None:
    opened, code = create_vault(user=alice, passphrase=PASSPHRASE)
    draft = recover_vault(user=alice, code=code.lower(), passphrase=NEXT_PASSPHRASE)
    assert keep_vault(user=alice, draft=draft) == opened
    assert open_vault(user=alice, passphrase=NEXT_PASSPHRASE) == opened
    with pytest.raises(WrongPassphrase):
        open_vault(user=alice, passphrase=PASSPHRASE)
    with pytest.raises(WrongPassphrase):
        recover_vault(user=alice, code=code, passphrase=NEXT_PASSPHRASE)
    assert recover_vault(user=alice, code=draft.recovery_code, passphrase=NEXT_PASSPHRASE).private == opened.private


def test_a_recovery_given_up_changes_nothing(alice: User) -> None:
    make_vault(alice)
    before = list(KeySlot.objects.order_by("pk").values_list("sealed", flat=True))
    recover_vault(user=alice, code=RIGHT_CODE, passphrase=NEXT_PASSPHRASE)
    assert list(KeySlot.objects.order_by("pk").values_list("sealed", flat=True)) == before


def test_a_recovery_does_not_bring_an_erased_vault_back(alice: User) -> None:
    make_vault(alice)
    draft = recover_vault(user=alice, code=RIGHT_CODE, passphrase=NEXT_PASSPHRASE)
    erase_vault(user=alice)
    with pytest.raises(NotFound):
        keep_vault(user=alice, draft=draft)
    assert (Vault.objects.count(), ErasureKey.objects.count()) == (0, 0)


def test_a_recovery_is_not_for_another_persons_vault(alice: User, bob: User) -> None:
    make_vault(alice)
    draft = recover_vault(user=alice, code=RIGHT_CODE, passphrase=NEXT_PASSPHRASE)
    with pytest.raises(NotFound):
        keep_vault(user=bob, draft=draft)


def test_without_a_vault_there_is_nothing_to_open(bob: User) -> None:
    for act in (
        lambda: open_vault(user=bob, passphrase=PASSPHRASE),
        lambda: recover_vault(user=bob, code=RIGHT_CODE, passphrase=PASSPHRASE),
        lambda: change_passphrase(user=bob, passphrase=PASSPHRASE, new_passphrase=NEXT_PASSPHRASE),
        lambda: lifecycle.erase_vault(user=bob, secret=RIGHT_CODE),
    ):
        with pytest.raises(VaultRequired):
            act()


def guess(user: User, code: str = WRONG_CODE) -> None:
    recover_vault(user=user, code=code, passphrase=NEXT_PASSPHRASE)


def test_after_five_wrong_tries_even_the_right_one_waits(alice: User) -> None:
    make_vault(alice)
    for _ in range(5):
        with pytest.raises(WrongPassphrase):
            guess(alice)
    with pytest.raises(TooOften) as refusal:
        guess(alice, RIGHT_CODE)
    assert refusal.value.retry_after in {59, 60}
    assert str(refusal.value.detail) == "That was tried too often. Please wait a minute."


def test_each_further_wrong_try_waits_twice_as_long_up_to_an_hour(alice: User) -> None:
    make_vault(alice)
    waits = []
    for _ in range(13):
        KeySlot.objects.update(closed_until=timezone.now() - timedelta(seconds=1))
        with pytest.raises(WrongPassphrase):
            guess(alice)
        until = KeySlot.objects.get(slot="recovery").closed_until
        waits.append(round((until - timezone.now()).total_seconds() / 60) if until else 0)
    assert waits == [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_after_a_hundred_wrong_tries_the_wait_is_still_an_hour(alice: User) -> None:
    make_vault(alice)
    KeySlot.objects.filter(slot="recovery").update(failures=100)
    with pytest.raises(WrongPassphrase):
        guess(alice)
    until = KeySlot.objects.get(slot="recovery").closed_until
    assert until is not None
    assert round((until - timezone.now()).total_seconds() / 60) == 60


def test_the_right_secret_starts_the_count_anew(alice: User) -> None:
    make_vault(alice)
    for _ in range(4):
        with pytest.raises(WrongPassphrase):
            guess(alice)
    guess(alice, RIGHT_CODE)
    assert KeySlot.objects.get(slot="recovery").failures == 0


def test_a_try_is_counted_before_it_is_made(alice: User) -> None:
    make_vault(alice)
    lock = KeySlot.objects.get(slot="recovery")
    for _ in range(5):
        key_slots._count_try(lock)
    with pytest.raises(TooOften):
        key_slots._count_try(lock)


def test_guessing_at_one_vault_does_not_close_another(alice: User, bob: User) -> None:
    make_vault(alice)
    make_vault(bob)
    for _ in range(5):
        with pytest.raises(WrongPassphrase):
            guess(alice)
    guess(bob, RIGHT_CODE)


def test_what_is_no_code_at_all_is_refused_in_the_same_words(alice: User) -> None:
    make_vault(alice)
    details = []
    for code in ("", "hello", WRONG_CODE):
        with pytest.raises(WrongPassphrase) as refusal:
            guess(alice, code)
        details.append(refusal.value.detail)
    assert set(details) == {WrongPassphrase.detail}


def test_a_damaged_lock_says_so_and_the_other_still_opens(alice: User) -> None:
    make_vault(alice)
    with pytest.raises(KeySlotDamaged):
        open_vault(user=alice, passphrase=PASSPHRASE)
    guess(alice, RIGHT_CODE)


def test_a_lock_that_was_removed_says_so(alice: User) -> None:
    make_vault(alice)
    KeySlot.objects.filter(slot="passphrase").delete()
    with pytest.raises(KeySlotDamaged):
        open_vault(user=alice, passphrase=PASSPHRASE)


def test_a_lock_copied_from_ones_own_vault_does_not_open_anothers(alice: User, bob: User) -> None:
    make_vault(alice)
    make_vault(bob)
    theirs = KeySlot.objects.get(vault__user=bob, slot="recovery")
    KeySlot.objects.filter(vault__user=alice, slot="recovery").update(sealed=theirs.sealed)
    with pytest.raises(KeySlotDamaged):
        guess(alice, RIGHT_CODE)


def test_erasing_leaves_nothing_of_the_person_and_all_of_the_others(alice: User, bob: User) -> None:
    make_vault(alice)
    opened = make_vault(bob)
    for user in (alice, bob):
        append(user)
        Capture.objects.create(id=user.vault.pk, vault=user.vault)
    gone = alice.vault.pk
    erase_vault(user=alice)
    assert not Vault.objects.filter(pk=gone).exists()
    assert [model.objects.filter(vault_id=gone).count() for model in (KeySlot, Entry, Capture, ErasureKey)] == [0] * 4
    assert [
        model.objects.filter(vault_id=opened.vault_id).count() for model in (KeySlot, Entry, Capture, ErasureKey)
    ] == [
        2,
        1,
        1,
        1,
    ]
    assert User.objects.filter(pk=alice.pk).exists()


def test_erasing_forgets_that_there_was_a_resting_face(alice: User, bob: User) -> None:
    today = timezone.now().date()
    for user in (alice, bob):
        make_vault(user)
        PersonalSettings.objects.create(user=user, ask_first=False, resting_face_on=today, resting_face_model="m")
    erase_vault(user=alice)
    found = PersonalSettings.objects.order_by("user__email").values_list("resting_face_on", "resting_face_model")
    assert list(found) == [(None, ""), (today, "m")]
    assert list(PersonalSettings.objects.values_list("ask_first", flat=True)) == [False, False]


def test_erasing_destroys_the_key_of_the_vault_before_where_renewing_was_cut_off(alice: User, bob: User) -> None:
    theirs, former = make_vault(bob), uuid.uuid4()
    make_vault(alice)
    keep_erasure_key(former, b"k" * 32, owner=alice.pk, public=b"p" * 32)
    Vault.objects.filter(user=alice).update(former=former)
    erase_vault(user=alice)
    assert list(ErasureKey.objects.values_list("vault_id", flat=True)) == [theirs.vault_id]


def test_forgetting_the_vault_before_forgets_nobody_elses(alice: User, bob: User) -> None:
    formers = {}
    for user in (alice, bob):
        make_vault(user)
        formers[user.pk] = uuid.uuid4()
        keep_erasure_key(formers[user.pk], b"k" * 32, owner=alice.pk, public=b"p" * 32)
        Vault.objects.filter(user=user).update(former=formers[user.pk])
    forget_former(Vault.objects.get(user=alice).pk)
    assert dict(Vault.objects.values_list("user_id", "former")) == {alice.pk: None, bob.pk: formers[bob.pk]}
    assert read_erasure_key(formers[bob.pk]) == b"k" * 32


@pytest.mark.django_db(transaction=True)
def test_erasing_cut_off_at_any_write_leaves_a_vault_that_opens_or_none(alice: User) -> None:
    make_vault(alice)
    former = uuid.uuid4()
    keep_erasure_key(former, b"k" * 32, owner=alice.pk, public=b"p" * 32)
    Vault.objects.filter(user=alice).update(former=former)
    for number in range(50):
        try:
            with dying_at(number, "default", "keystore"):
                erase_vault(user=alice)
        except Crash:
            guess(alice, RIGHT_CODE)
        else:
            break
    assert number >= 5, "rows and both keys are separate writes"
    assert (Vault.objects.count(), ErasureKey.objects.count()) == (0, 0)


def test_erasing_takes_waiting_frames_along_and_leaves_those_of_the_others(
    alice: User, bob: User, valkey: Redis, django_capture_on_commit_callbacks: Any
) -> None:
    waiting = {}
    for user in (alice, bob):
        vault_id = make_vault(user).vault_id
        waiting[user.pk] = Capture.objects.create(id=uuid.uuid4(), vault_id=vault_id, sealed_key=b"key").pk
        frame_store.store(waiting[user.pk], b"key", [b"a sealed frame"])
    with django_capture_on_commit_callbacks(execute=True):
        erase_vault(user=alice)
    assert valkey.keys("wb:frames:*") == [f"wb:frames:{waiting[bob.pk]}".encode()]


def test_yesterdays_backup_opens_nothing_of_who_erased_and_everything_of_the_others(alice: User, bob: User) -> None:
    make_vault(alice)
    make_vault(bob)
    append(alice)
    backup = [list(model.objects.all()) for model in (Vault, KeySlot, Entry)]
    erase_vault(user=alice)
    for rows in backup:
        for row in rows:
            row.save()
    assert Entry.objects.count() == 1
    with pytest.raises(ErasureKeyGone):
        guess(alice, RIGHT_CODE)
    with pytest.raises(VaultError):
        _try_every_erasure_key(alice)
    guess(bob, RIGHT_CODE)


def _try_every_erasure_key(user: User) -> None:
    lock = KeySlot.objects.get(vault__user=user, slot="recovery")
    for key in ErasureKey.objects.values_list("key", flat=True):
        open_key_slot(
            bytes(lock.sealed),
            CODE,
            slot="recovery",
            vault_id=lock.vault_id,
            public=bytes(lock.vault.public_key),
            erasure_key=bytes(key),
        )


def test_the_erasure_key_stands_in_the_keystore_alone(alice: User) -> None:
    opened = make_vault(alice)
    assert ErasureKey.objects.using("keystore").filter(vault_id=opened.vault_id).exists()
    assert "keystore_erasurekey" not in connections["default"].introspection.table_names()
    assert "vault_vault" not in connections["keystore"].introspection.table_names()
    assert len(read_erasure_key(opened.vault_id)) == 32


def test_logs_name_ids_and_outcomes_never_a_secret(alice: User, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    opened, code = create_vault(user=alice, passphrase=PASSPHRASE)
    with pytest.raises(WrongPassphrase):
        open_vault(user=alice, passphrase=NEXT_PASSPHRASE)
    text = caplog.text
    assert f"vault {opened.vault_id}: wrong passphrase" in text
    for secret in (PASSPHRASE, NEXT_PASSPHRASE, code, opened.private.hex(), repr(opened.private)):
        assert secret not in text


@pytest.mark.django_db(transaction=True)
def test_guessing_in_parallel_gains_no_tries(alice: User) -> None:
    if connections["default"].vendor == "sqlite":
        pytest.skip("SQLite in memory serves one thread; its writers queue up anyway")
    make_vault(alice)

    def guess_once(_: int) -> type[Exception] | None:
        try:
            guess(alice)
        except (WrongPassphrase, TooOften) as error:
            return type(error)
        finally:
            connections.close_all()
        return None

    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(guess_once, range(12)))
    assert (answers.count(WrongPassphrase), answers.count(TooOften)) == (5, 7)
