from typing import Any

import pytest
from allauth.mfa.models import Authenticator

from accounts.models import User
from core.exceptions import NotFound, TooOften
from tests.passkeys import in_text, make_passkey
from tests.vaults import CODE_TEXT, make_vault
from vault.crypto.key_slots import Cost, check_key_slot
from vault.journal.entries import OpenedVault
from vault.keystore.keys import read_erasure_key
from vault.models import KeySlot, Vault
from vault.services import rekey
from vault.services.key_slots import WrongPassphrase
from vault.services.lifecycle import change_passphrase, create_vault, keep_vault, open_vault, recover_vault
from vault.services.passkeys import NoSecret, add_passkey, find_opening, make_salt, open_by_passkey, remove_passkey

PASSPHRASE = "quilted otter drums vivid canyon"
NEXT_PASSPHRASE = "mellow anchor tulip frosty gecko"
SECRET, OTHER_SECRET = in_text(b"p" * 32), in_text(b"q" * 32)

pytestmark = pytest.mark.django_db


@pytest.fixture
def opened(alice: User) -> OpenedVault:
    return create_vault(user=alice, passphrase=PASSPHRASE)[0]


@pytest.fixture
def passkey(alice: User, opened: OpenedVault) -> str:
    """One that opens the vault with `SECRET`."""
    credential = make_passkey(alice)
    add_passkey(user=alice, opened=opened, credential=credential, secret=SECRET)
    return credential


def does_open(user: User, credential: str, secret: str = SECRET) -> bool:
    try:
        open_by_passkey(user=user, credential=credential, secret=secret)
    except WrongPassphrase:
        return False
    return True


def test_a_passkey_opens_the_vault_with_its_own_secret_alone(alice: User, opened: OpenedVault, passkey: str) -> None:
    assert open_by_passkey(user=alice, credential=passkey, secret=SECRET) == opened
    for secret in (OTHER_SECRET, "", "p" * 43, in_text(b"p" * 31), "ö" * 43):
        assert not does_open(alice, passkey, secret)
    assert open_vault(user=alice, passphrase=PASSPHRASE) == opened


def test_its_lock_has_no_cost_and_holds_no_secret(alice: User, opened: OpenedVault, passkey: str) -> None:
    sealed = bytes(KeySlot.objects.get(slot="passkey").sealed)
    place: dict[str, Any] = {
        "vault_id": opened.vault_id,
        "public": opened.public,
        "erasure_key": read_erasure_key(opened.vault_id),
    }
    assert check_key_slot(sealed, slot="passkey", **place) == Cost(0, 0, 0)
    assert len(sealed) == 226
    assert b"p" * 32 not in sealed


def test_several_passkeys_open_one_vault(alice: User, opened: OpenedVault, passkey: str) -> None:
    phone = make_passkey(alice, "Phone", raw_id=b"j" * 16)
    assert not does_open(alice, phone, OTHER_SECRET)
    add_passkey(user=alice, opened=opened, credential=phone, secret=OTHER_SECRET)
    names = {passkey: "Laptop", phone: "Phone", "another": "Key"}
    assert find_opening(Vault.objects.get(), names) == {passkey: "Laptop", phone: "Phone"}
    assert does_open(alice, passkey)
    assert does_open(alice, phone, OTHER_SECRET)
    assert not does_open(alice, phone)
    assert remove_passkey(user=alice, credential=passkey)
    assert not does_open(alice, passkey)
    assert does_open(alice, phone, OTHER_SECRET)


def test_only_a_passkey_of_ones_own_can_be_added(alice: User, bob: User, root: User, opened: OpenedVault) -> None:
    for other in (bob, root):
        with pytest.raises(NotFound):
            add_passkey(user=alice, opened=opened, credential=make_passkey(other), secret=SECRET)
    assert not KeySlot.objects.filter(slot="passkey").exists()


def test_nobody_else_opens_or_removes_by_it(alice: User, bob: User, root: User, passkey: str) -> None:
    for other in (bob, root):
        make_vault(other)
        assert not does_open(other, passkey)
        assert not remove_passkey(user=other, credential=passkey)
    assert does_open(alice, passkey)


def test_removing_takes_no_other_lock(alice: User, opened: OpenedVault, passkey: str) -> None:
    assert not remove_passkey(user=alice, credential="")
    assert not remove_passkey(user=alice, credential="another")
    assert KeySlot.objects.count() == 3


def test_a_passkey_that_left_the_account_opens_nothing(alice: User, passkey: str) -> None:
    Authenticator.objects.all().delete()
    assert not does_open(alice, passkey)


def test_a_passkey_that_gave_nothing_is_not_added(alice: User, opened: OpenedVault) -> None:
    credential = make_passkey(alice)
    for secret in ("", "short", in_text(b"p" * 33)):
        with pytest.raises(NoSecret):
            add_passkey(user=alice, opened=opened, credential=credential, secret=secret)


def test_wrong_secrets_are_counted_and_the_owner_is_told(alice: User, passkey: str) -> None:
    for _ in range(5):
        assert not does_open(alice, passkey, OTHER_SECRET)
    with pytest.raises(TooOften):
        open_by_passkey(user=alice, credential=passkey, secret=SECRET)


def test_a_change_of_passphrase_keeps_the_passkey(alice: User, opened: OpenedVault, passkey: str) -> None:
    change_passphrase(user=alice, passphrase=PASSPHRASE, new_passphrase=NEXT_PASSPHRASE)
    assert open_by_passkey(user=alice, credential=passkey, secret=SECRET) == opened


def test_recovering_ends_the_passkey_when_the_new_code_is_on_paper(alice: User, bob: User) -> None:
    opened = make_vault(alice)
    credential = make_passkey(alice)
    add_passkey(user=alice, opened=opened, credential=credential, secret=SECRET)
    draft = recover_vault(user=alice, code=CODE_TEXT, passphrase=NEXT_PASSPHRASE)
    assert does_open(alice, credential)
    keep_vault(user=alice, draft=draft)
    assert not does_open(alice, credential)


def test_new_keys_end_the_passkey_and_ask_it_for_another_secret(alice: User, passkey: str) -> None:
    salt = make_salt(Vault.objects.get())
    draft = rekey.draft_renewal(user=alice, passphrase=PASSPHRASE, new_passphrase=NEXT_PASSPHRASE)
    rekey.keep_renewed(user=alice, draft=draft)
    assert not does_open(alice, passkey)
    assert len(salt) == 43
    assert make_salt(Vault.objects.get()) != salt
