import sqlite3
import uuid
from pathlib import Path

import pytest
from django.db import connections

from vault.keystore.keys import (
    ErasureKeyGone,
    ErasureKeyKept,
    destroy_erasure_key,
    is_known,
    keep_erasure_key,
    make_erasure_key,
    read_erasure_key,
)


@pytest.mark.django_db
def test_a_key_is_kept_until_it_is_destroyed() -> None:
    vault_id, key = uuid.uuid4(), make_erasure_key()
    keep_erasure_key(vault_id, key, owner=1, public=b"p" * 32)
    assert read_erasure_key(vault_id) == key
    destroy_erasure_key(vault_id)
    with pytest.raises(ErasureKeyGone):
        read_erasure_key(vault_id)


@pytest.mark.django_db
def test_destroying_twice_or_another_key_harms_nothing() -> None:
    mine, theirs = uuid.uuid4(), uuid.uuid4()
    keep_erasure_key(mine, make_erasure_key(), owner=1, public=b"p" * 32)
    keep_erasure_key(theirs, make_erasure_key(), owner=1, public=b"p" * 32)
    destroy_erasure_key(theirs)
    destroy_erasure_key(theirs)
    assert len(read_erasure_key(mine)) == 32


@pytest.mark.django_db
def test_a_key_is_never_kept_in_the_place_of_another() -> None:
    vault_id, key = uuid.uuid4(), make_erasure_key()
    keep_erasure_key(vault_id, key, owner=7, public=b"p" * 32)
    for other in (key, make_erasure_key()):
        with pytest.raises(ErasureKeyKept):
            keep_erasure_key(vault_id, other, owner=8, public=b"q" * 32)
    assert read_erasure_key(vault_id) == key
    assert is_known(vault_id, owner=7, public=b"p" * 32)
    assert not is_known(vault_id, owner=8, public=b"p" * 32)
    assert not is_known(vault_id, owner=7, public=b"q" * 32)


@pytest.mark.django_db(transaction=True)
def test_a_destroyed_key_is_on_no_page_of_the_file(tmp_path: Path) -> None:
    connection = connections["keystore"]
    if connection.vendor != "sqlite":
        pytest.skip("only SQLite keeps its pages in a file of ours")
    vault_id, key = uuid.uuid4(), make_erasure_key()
    keep_erasure_key(vault_id, key, owner=1, public=b"p" * 32)
    destroy_erasure_key(vault_id)
    copy = sqlite3.connect(tmp_path / "copy.sqlite3")
    connection.connection.backup(copy)
    copy.close()
    assert key not in (tmp_path / "copy.sqlite3").read_bytes()


@pytest.mark.django_db
def test_key_of_somebody_elses_vault_is_not_destroyed_with_ones_own() -> None:
    theirs, mine = uuid.uuid4(), uuid.uuid4()
    keep_erasure_key(theirs, make_erasure_key(), owner=8, public=b"p" * 32)
    keep_erasure_key(mine, make_erasure_key(), owner=7, public=b"p" * 32)
    for vault_id in (theirs, mine):
        destroy_erasure_key(vault_id, owner=7)
    assert read_erasure_key(theirs)
    with pytest.raises(ErasureKeyGone):
        read_erasure_key(mine)
