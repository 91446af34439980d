"""Every vault is bound again by the newest key, each to its own public key and owner."""

from pathlib import Path
from typing import Any

import pytest

from accounts.models import User
from tests.vaults import make_vault
from vault.crypto.keys import rotation
from vault.crypto.keys.loader import server_keys
from vault.journal.entries import is_bound
from vault.models import Vault
from vault.services.binding import bind_anew, rebind_vaults

pytestmark = pytest.mark.django_db


def test_each_vault_gets_a_binding_of_its_own(alice: User, bob: User, tmp_path: Path, settings: Any) -> None:
    settings.KEYS_DIR = tmp_path / "keys"
    server_keys()
    for user in (alice, bob):
        make_vault(user)
    rotation.announce_keys(["binding"])
    rotation.activate_keys(["binding"], now=0)
    assert rebind_vaults() == 2
    rotation.destroy_retired_keys(now=rotation.now_seconds())
    assert len(server_keys().binding) == 1
    assert [is_bound(vault) for vault in Vault.objects.all()] == [True, True]


@pytest.mark.parametrize("done", [0, 1])
@pytest.mark.parametrize("harm", [None, {"public_key": b"k" * 32}])
def test_one_that_is_bound_already_or_never_does_not_end_the_work(
    harm: dict[str, bytes] | None, done: int, alice: User, bob: User, tmp_path: Path, settings: Any
) -> None:
    settings.KEYS_DIR = tmp_path / "keys"
    server_keys()
    for user in (alice, bob):
        make_vault(user)
    rotation.announce_keys(["binding"])
    rotation.activate_keys(["binding"], now=0)
    vaults = list(Vault.objects.all())
    rows = Vault.objects.filter(pk=vaults[done].pk)
    if harm:
        rows.update(**harm)
        assert rebind_vaults() == 1
    else:
        bind_anew(vaults[done])
        assert rebind_vaults() == 1
    assert [is_bound(vault) for vault in Vault.objects.order_by("pk")] == [
        not harm or vault != vaults[done] for vault in Vault.objects.order_by("pk")
    ]
    assert rebind_vaults() == 0
