import logging
from datetime import timedelta
from uuid import UUID

import pytest

from tests.vault.journal.people import NOON, append, ids
from vault.crypto.pages import Page as PlainPage
from vault.crypto.pages import seal_page
from vault.journal.compaction import compact_inbox
from vault.journal.entries import OpenedVault
from vault.journal.pages import month_before, month_of, open_page_store
from vault.models import Manifest, Page

pytestmark = pytest.mark.django_db


def read_body(opened: OpenedVault) -> bytes:
    month_page = open_page_store(opened).month_page(month_of(NOON))
    assert month_page is not None
    return month_page.to_body()


@pytest.mark.parametrize("written", [(1, 2), (2, 1)])
@pytest.mark.parametrize("numbered", [(1, 2), (2, 1)])
def test_without_its_list_the_newer_page_of_a_month_is_read(
    written: tuple[int, int], numbered: tuple[int, int], opened: OpenedVault
) -> None:
    bodies = {}
    for version in (1, 2):
        append(opened, NOON + timedelta(hours=version))
        compact_inbox(opened)
        bodies[version] = read_body(opened)
    expected, key = ids(opened), open_page_store(opened).key
    Page.objects.all().delete()
    Manifest.objects.all().delete()
    for version in written:
        page_id = UUID(int=numbered[version - 1])
        sealed = seal_page(PlainPage(month_of(NOON), version, bodies[version]), key=key, page_id=page_id)
        Page.objects.create(pk=page_id, vault_id=opened.vault_id, sealed=sealed)
    assert len(expected) == 2
    assert ids(opened) == expected


def test_what_was_saved_is_not_saved_again(opened: OpenedVault) -> None:
    append(opened, NOON)
    compact_inbox(opened)
    store = open_page_store(opened)
    month_page = store.month_page(month_of(NOON))
    assert month_page is not None
    store.write(month_page)
    store.save()
    manifest, sealed = store.manifest, bytes(Manifest.objects.get().sealed)
    store.save()
    assert (store.manifest, bytes(Manifest.objects.get().sealed)) == (manifest, sealed)


@pytest.mark.parametrize(("month", "before"), [(202603, 202602), (202602, 202601), (202601, 202512), (202512, 202511)])
def test_the_month_before_january_is_december_of_the_year_before(month: int, before: int) -> None:
    assert month_before(month) == before


def test_without_its_list_no_page_of_anybody_else_is_tried(
    opened: OpenedVault, other: OpenedVault, caplog: pytest.LogCaptureFixture
) -> None:
    mine = append(opened, NOON)
    append(other, NOON)
    for vault in (opened, other):
        compact_inbox(vault)
    Manifest.objects.filter(vault_id=opened.vault_id).delete()
    caplog.set_level(logging.ERROR)
    assert ids(opened) == [mine]
    assert caplog.messages == []
