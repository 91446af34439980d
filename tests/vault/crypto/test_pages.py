from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.vault.crypto.flips import KEY, PAGE_ID, count_flips, make_manifest, make_page
from tests.vault.crypto.people import ALICE, MALLORY, OTHER_VAULT, VAULT
from vault.crypto.errors import Damaged
from vault.crypto.pages import (
    MANIFEST_LEAST,
    MAX_ANCESTORS,
    PAGE_LEAST,
    Manifest,
    Page,
    PageNote,
    derive_page_key,
    manifest_mark,
    open_manifest,
    open_noted_page,
    open_page,
    padded_length,
    page_digest,
    seal_manifest,
    seal_page,
)

OTHER_PAGE = UUID(int=32)
OVERHEAD = 29


@given(body=st.binary(max_size=40_000), month=st.integers(101, 999912), version=st.integers(0, 2**64 - 1))
@settings(max_examples=40, deadline=None)
def test_a_page_opens_as_it_was_sealed(body: bytes, month: int, version: int) -> None:
    page = Page(month, version, body)
    assert open_page(seal_page(page, key=KEY, page_id=PAGE_ID), key=KEY, page_id=PAGE_ID) == page


_notes = st.builds(
    PageNote,
    st.uuids(),
    st.integers(101, 999912),
    st.integers(0, 2**64 - 1),
    st.integers(0, 2**32 - 1),
    st.binary(min_size=32, max_size=32),
)


@given(
    version=st.integers(0, 2**64 - 1),
    notes=st.lists(_notes, max_size=130),
    ancestors=st.lists(st.binary(min_size=8, max_size=8), max_size=600),
)
@settings(max_examples=30, deadline=None)
def test_a_manifest_opens_as_it_was_sealed_with_the_newest_of_its_trail(
    version: int, notes: list[PageNote], ancestors: list[bytes]
) -> None:
    manifest = Manifest(version, tuple(notes), tuple(ancestors))
    opened = open_manifest(seal_manifest(manifest, key=KEY), key=KEY)
    assert opened == replace(manifest, ancestors=tuple(ancestors[-MAX_ANCESTORS:]))


@pytest.mark.parametrize(
    ("size", "padded"), [(0, 10), (1, 10), (10, 10), (11, 20), (20, 20), (21, 40), (40, 40), (41, 80), (1000, 1280)]
)
def test_lengths_double(size: int, padded: int) -> None:
    assert padded_length(size, 10) == padded


def test_a_length_tells_a_power_of_two() -> None:
    room = PAGE_LEAST - 16
    sizes = {
        body: len(seal_page(make_page(body=bytes(body)), key=KEY, page_id=PAGE_ID)) for body in (0, room, room + 1)
    }
    assert list(sizes.values()) == [PAGE_LEAST + OVERHEAD, PAGE_LEAST + OVERHEAD, 2 * PAGE_LEAST + OVERHEAD]
    five_years = Manifest(9999, (PageNote(PAGE_ID, 202603, 1, 1, bytes(32)),) * 60, (bytes(8),) * MAX_ANCESTORS)
    assert (
        len(seal_manifest(five_years, key=KEY)) == len(seal_manifest(Manifest(), key=KEY)) == MANIFEST_LEAST + OVERHEAD
    )


def test_the_same_page_twice_shares_no_ciphertext() -> None:
    first, second = (seal_page(make_page(), key=KEY, page_id=PAGE_ID) for _ in range(2))
    windows = {first[at : at + 8] for at in range(1, len(first) - 7)}
    assert windows.isdisjoint(second[at : at + 8] for at in range(1, len(second) - 7))


def test_a_page_belongs_to_one_vault_one_key_and_one_row() -> None:
    sealed = seal_page(make_page(), key=KEY, page_id=PAGE_ID)
    for key, page_id in (
        (KEY, OTHER_PAGE),
        (derive_page_key(ALICE.private, vault_id=OTHER_VAULT), PAGE_ID),
        (derive_page_key(MALLORY.private, vault_id=VAULT), PAGE_ID),
        (replace(KEY, vault_id=OTHER_VAULT), PAGE_ID),
    ):
        with pytest.raises(Damaged):
            open_page(sealed, key=key, page_id=page_id)


def test_a_manifest_belongs_to_one_vault_and_one_key_and_is_no_page() -> None:
    sealed = seal_manifest(Manifest(3), key=KEY)
    for key in (
        derive_page_key(ALICE.private, vault_id=OTHER_VAULT),
        derive_page_key(MALLORY.private, vault_id=VAULT),
        replace(KEY, vault_id=OTHER_VAULT),
    ):
        with pytest.raises(Damaged):
            open_manifest(sealed, key=key)
    with pytest.raises(Damaged):
        open_page(sealed, key=KEY, page_id=VAULT)
    with pytest.raises(Damaged):
        open_manifest(seal_page(make_page(), key=KEY, page_id=PAGE_ID), key=KEY)


def test_only_the_version_the_manifest_names_is_believed() -> None:
    old, new = (seal_page(make_page(version=version), key=KEY, page_id=PAGE_ID) for version in (3, 4))
    (note,) = make_manifest(new).notes
    assert open_noted_page(new, key=KEY, note=note).version == 4
    again = seal_page(make_page(version=4), key=KEY, page_id=PAGE_ID)
    for sealed in (old, again, b"", new[:-1]):
        with pytest.raises(Damaged):
            open_noted_page(sealed, key=KEY, note=note)
    for wrong in (replace(note, month=202604), replace(note, version=5)):
        with pytest.raises(Damaged):
            open_noted_page(new, key=KEY, note=wrong)
    with pytest.raises(Damaged):
        open_noted_page(old, key=KEY, note=replace(note, digest=page_digest(old)))


@pytest.mark.parametrize("size", [0, 1, 12, 28, 29, 45, 16 * 1024, 16 * 1024 + 28])
def test_cut_short_is_refused(size: int) -> None:
    with pytest.raises(Damaged):
        open_page(seal_page(make_page(), key=KEY, page_id=PAGE_ID)[:size], key=KEY, page_id=PAGE_ID)
    with pytest.raises(Damaged):
        open_manifest(seal_manifest(Manifest(), key=KEY)[: min(size, MANIFEST_LEAST + 28)], key=KEY)


def test_a_mark_names_one_sealing() -> None:
    first, second = (seal_manifest(Manifest(), key=KEY) for _ in range(2))
    assert manifest_mark(first) == manifest_mark(first) != manifest_mark(second)
    assert len(manifest_mark(first)) == 8


def test_no_key_in_a_repr() -> None:
    assert repr(KEY) == f"PageKey(vault_id={VAULT!r})"
    assert "thirty" not in repr(make_page())


def test_of_the_bits_that_were_flipped_none_was_accepted() -> None:
    counts = count_flips(quick=True)
    assert {name: count["accepted"] for name, count in counts.items()} == dict.fromkeys(counts, 0)
    assert counts["entry"]["tried"] == 8584
    assert counts["passphrase lock"]["tried"] == 1832
    assert counts["page"]["tried"] == PAGE_LEAST + OVERHEAD
    assert counts["manifest"]["tried"] == MANIFEST_LEAST + OVERHEAD
