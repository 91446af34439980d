"""New keys write at once, old ones read until nothing needs them, and then they are gone."""

import time
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from allauth.mfa.models import Authenticator
from django.core import signing
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.test import Client

from accounts.allauth_internals import TOTP
from accounts.models import User
from tests.vault.journal.people import append
from tests.vaults import hold_open_in, make_vault
from vault.crypto.errors import Damaged
from vault.crypto.frames import open_frames, seal_frames
from vault.crypto.key_pairs import make_key_pair
from vault.crypto.keys import rotation
from vault.crypto.keys.files import read_key_file
from vault.crypto.keys.loader import server_keys
from vault.crypto.second_factors import open_seed
from vault.journal.entries import OpenedVault
from vault.journal.reading import read_journal
from vault.models import Vault
from vault.services.binding import rebind_vaults
from vault.services.key_maintenance import destroy_retired_keys, renew_frame_keys

pytestmark = pytest.mark.django_db

NAMES = list(rotation.KEY_NAMES)


@pytest.fixture(autouse=True)
def _own_keys(tmp_path: Path, settings: Any) -> None:
    settings.KEYS_DIR = tmp_path / "keys"
    server_keys()
    settings.SECRET_KEY_FILE = settings.KEYS_DIR / "secret-key"
    settings.SECRET_KEY_FILE.write_text(settings.SECRET_KEY)


@pytest.fixture
def opened(alice: User) -> OpenedVault:
    return make_vault(alice)


def rotate(*names: str) -> None:
    call_command("rotate_keys", wait=0, only=list(names) or None, stdout=StringIO())


def later(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    moment = time.time() + seconds
    monkeypatch.setattr(rotation, "now_seconds", lambda: int(moment))


def test_everything_sealed_before_reads_after(opened: OpenedVault) -> None:
    before, entry_id = server_keys(), append(opened)
    capture = {"capture_id": uuid4(), "vault_id": opened.vault_id}
    blobs, sealed_key = seal_frames([b"x"], **capture, recipient_public=before.frame_public)
    rotate()
    after = server_keys()
    assert after.signing_key != before.signing_key
    assert (after.frame_public, after.binding[0]) != (before.frame_public, before.binding[0])
    again = append(opened)
    assert {entry.id for entry in read_journal(opened).entries} == {entry_id, again}
    assert open_frames(blobs, sealed_key, private=after.frame_private(sealed_key), **capture) == [b"x"]


def test_a_former_signing_key_can_check_and_not_sign(opened: OpenedVault) -> None:
    before = server_keys()
    rotate()
    after = server_keys()
    assert after.verify_keys[1:] == before.verify_keys
    assert before.signing_key not in after.signing
    assert len(after.signing) == 1


def test_an_announced_key_reads_and_does_not_write() -> None:
    before = server_keys()
    rotation.announce_keys(NAMES)
    announced = server_keys()
    assert (announced.signing_key, announced.frame_public) == (before.signing_key, before.frame_public)
    rotation.activate_keys(NAMES, now=0)
    assert server_keys().frame_public != before.frame_public
    assert server_keys().frames[0] == announced.frames[1]


def test_a_frame_key_is_destroyed_a_quarter_of_an_hour_later(
    opened: OpenedVault, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, sealed_key = seal_frames(
        [b"x"], capture_id=uuid4(), vault_id=opened.vault_id, recipient_public=server_keys().frame_public
    )
    rotate("frames")
    later(monkeypatch, 15 * 60)
    destroy_retired_keys()
    assert server_keys().frame_private(sealed_key)
    later(monkeypatch, 17 * 60)
    destroy_retired_keys()
    with pytest.raises(Damaged):
        server_keys().frame_private(sealed_key)


def test_vaults_are_bound_anew_and_the_former_binding_key_goes(
    opened: OpenedVault, monkeypatch: pytest.MonkeyPatch
) -> None:
    binding = bytes(Vault.objects.get().binding)
    rotate("binding")
    assert bytes(Vault.objects.get().binding) != binding
    later(monkeypatch, 3 * 60 * 60)
    destroy_retired_keys()
    assert len(server_keys().binding) == 1
    append(opened)


def test_a_vault_made_with_the_former_key_meanwhile_is_bound_before_that_goes(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = server_keys()
    rotate("binding")
    with monkeypatch.context() as patched:
        patched.setattr("vault.services.binding.server_keys", lambda: before)
        opened = make_vault(alice)
    later(monkeypatch, 3 * 60 * 60)
    destroy_retired_keys()
    append(opened)


def test_a_swapped_public_key_is_not_bound_anew(opened: OpenedVault) -> None:
    foreign = make_key_pair().public
    Vault.objects.update(public_key=foreign)
    binding = bytes(Vault.objects.get().binding)
    rotate("binding")
    assert rebind_vaults() == 0
    assert bytes(Vault.objects.get().binding) == binding


def test_what_follows_an_accepted_key_is_accepted() -> None:
    rotation.accept_keys()
    accepted = server_keys().binding[0]
    rotate("binding")
    assert server_keys().binding[0] != accepted
    rotation.destroy_retired_keys(now=rotation.now_seconds() + 3 * 60 * 60)
    assert rotation.are_keys_accepted()


def test_what_follows_a_key_that_was_not_accepted_is_not() -> None:
    rotate("binding")
    assert not rotation.are_keys_accepted()


def test_frame_keys_grow_old_by_themselves() -> None:
    before = server_keys().frame_public
    renew_frame_keys()
    assert server_keys().frame_public == before
    renew_frame_keys()
    assert server_keys().frame_public != before


def test_signed_in_people_stay_signed_in(alice_client: Client, settings: Any) -> None:
    old, signed = settings.SECRET_KEY, signing.dumps("x")
    # Open pages tell by it whether somebody else is signed in.
    person = alice_client.get("/api/v1/session/").json()["person"]
    for _ in range(2):
        rotate("secret")
        assert alice_client.get("/you/").status_code == 200
        assert alice_client.get("/api/v1/session/").json()["person"] == person
    assert old != settings.SECRET_KEY
    assert old in settings.SECRET_KEY_FALLBACKS
    assert signing.loads(signed) == "x"


def test_an_open_vault_stays_open(alice: User, alice_client: Client, opened: OpenedVault) -> None:
    hold_open_in(alice_client, alice, opened)
    for _ in range(2):
        rotate()
        assert alice_client.get("/vault/check/").status_code == 200


def test_former_secret_keys_are_accepted_for_four_days(
    alice_client: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = settings.SECRET_KEY
    rotate("secret")
    later(monkeypatch, 5 * 24 * 60 * 60)
    rotation.destroy_retired_keys(now=rotation.now_seconds())
    alice_client.get("/healthz")
    assert settings.SECRET_KEY_FALLBACKS == []
    assert old not in (settings.KEYS_DIR / "secret-key").read_text()


def test_a_secret_key_of_the_environment_is_left_to_whoever_set_it(settings: Any, capsys: Any) -> None:
    settings.SECRET_KEY_FILE = None
    call_command("rotate_keys", wait=0)
    said = capsys.readouterr().out
    assert "WELLBEING_SECRET_KEY_FALLBACKS" in said
    assert "frames: a new key is in use; the one before reads for 16 minutes more." in said


def test_a_folder_that_takes_no_writes_is_named(settings: Any, tmp_path: Path) -> None:
    settings.KEYS_DIR = tmp_path / "nowhere"
    with pytest.raises(CommandError, match="nowhere"):
        call_command("rotate_keys", wait=0, only=["frames"])
    renew_frame_keys()
    destroy_retired_keys()


def test_old_lines_are_kept_in_order(settings: Any) -> None:
    for _ in range(3):
        rotate("frames")
    lines = read_key_file(settings.KEYS_DIR / "frames.keys")
    assert [line.retired_at is None for line in lines] == [True, False, False, False]


def test_second_factors_are_sealed_anew_before_the_former_key_goes(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = TOTP.activate(alice, "JBSWY3DPEHPK3PXP").instance
    sealed = row.data["secret"]
    rotate("accounts")
    later(monkeypatch, 3 * 60 * 60)
    destroy_retired_keys()
    row.refresh_from_db()
    assert len(server_keys().accounts) == 1
    assert row.data["secret"] != sealed
    assert open_seed(row.data["secret"], server_keys().accounts) == "JBSWY3DPEHPK3PXP"


@pytest.mark.parametrize("data", [{"secret": "bm90IHNlYWxlZA=="}, {"secret": "é"}, {"secret": 5}, {"seed": ["x"]}, [1]])
def test_a_second_factor_that_does_not_open_is_named_and_holds_up_nothing(
    data: Any, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    spoilt = Authenticator.objects.create(user=bob, type=Authenticator.Type.TOTP, data=data)
    row = TOTP.activate(alice, "JBSWY3DPEHPK3PXP").instance
    rotate()
    later(monkeypatch, 3 * 60 * 60)
    destroy_retired_keys()
    call_command("rotate_keys", destroy=True, stdout=StringIO())
    row.refresh_from_db()
    spoilt.refresh_from_db()
    keys = server_keys()
    assert [len(kind) for kind in (keys.frames, keys.binding, keys.accounts)] == [1, 1, 1]
    assert (open_seed(row.data["secret"], keys.accounts), spoilt.data) == ("JBSWY3DPEHPK3PXP", data)
    assert any(line.startswith(f"second factor {spoilt.pk} is not sealed") for line in caplog.messages) is (data != [1])


@pytest.mark.parametrize(("work", "kind"), [("rebind_vaults", "binding"), ("reseal_second_factors", "accounts")])
def test_where_one_kind_cannot_be_made_anew_only_its_retired_keys_stay(
    work: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> int:
        raise OperationalError("the database is locked")

    rotate()
    later(monkeypatch, 3 * 60 * 60)
    with monkeypatch.context() as broken:
        broken.setattr(f"vault.services.key_maintenance.{work}", fail)
        destroy_retired_keys()
        kept = {name: len(getattr(server_keys(), name)) for name in ("frames", "binding", "accounts")}
        assert kept == {"frames": 1, "binding": 1, "accounts": 1} | {kind: 2}
        with pytest.raises(CommandError, match=rf"made anew \({kind}\), so these keys are kept"):
            call_command("rotate_keys", wait=0, only=["frames"], stdout=StringIO())
        assert len(server_keys().frames) == 2, "the others are exchanged all the same"
    destroy_retired_keys()
    assert len(getattr(server_keys(), kind)) == 1
