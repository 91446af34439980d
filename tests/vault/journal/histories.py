"""Plays somebody who writes to the database against a journal, some hundred times: was anything false believed?

`play(set_scene(opened, other), rounds)` needs two vaults and month_pages them as the scene set them.
"""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeVar
from uuid import UUID, uuid4

from django.db import transaction

from tests.entries import checkin
from tests.vault.journal.people import NOON, append
from vault.crypto.entries import seal_entry
from vault.journal.contents import AnyEntry
from vault.journal.entries import OpenedVault, append_entry
from vault.journal.kinds import CheckIn
from vault.journal.reading import read_head, read_journal
from vault.models import Entry, Manifest, Page, Vault
from vault.rollback import KnownHead, is_behind

Row = TypeVar("Row", Entry, Page)
Rows = list[Entry | Page | Manifest]


@dataclass(slots=True)
class Score:
    """`accepted` are histories in which something false was shown, or something was missing without a word."""

    tried: Counter[str] = field(default_factory=Counter)
    accepted: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        return self.tried.total()


@dataclass(slots=True)
class Scene:
    """Two journals, what a device of Alice saw last, and a copy of hers from before that."""

    opened: OpenedVault
    other: OpenedVault
    rng: random.Random
    genuine: dict[UUID, AnyEntry]
    seen: KnownHead
    earlier: Rows

    def pages(self, of: OpenedVault | None = None) -> list[Page]:
        return list(Page.objects.filter(vault_id=(of or self.opened).vault_id).order_by("pk"))

    def rows(self) -> list[Entry]:
        return list(Entry.objects.filter(vault_id=self.opened.vault_id).order_by("pk"))

    def pick(self, rows: list[Row]) -> Row:
        return self.rng.choice(rows)


def set_scene(opened: OpenedVault, other: OpenedVault, *, seed: int = 1) -> Scene:
    """Three months of both, three entries in Alice's inbox, and everything as it stood a month earlier."""
    for vault in (opened, other):
        for months in (3, 2, 1):
            append(vault, NOON - timedelta(days=30 * months))
    read_journal(other)
    read_journal(opened)
    earlier = _copy(opened)
    append(opened, NOON - timedelta(days=30))
    append(opened, NOON)
    genuine = read_journal(opened).entries
    tip = read_head(opened)
    # These wait: a page row would say nothing of them yet.
    for minute in range(3):
        _wait_in_inbox(opened, minute)
    genuine = read_journal(opened).entries
    return Scene(
        opened, other, random.Random(seed), {e.id: e for e in genuine}, KnownHead(tip.version, tip.mark), earlier
    )


def play(scene: Scene, rounds: int) -> Score:
    """One to three alterations a round, drawn from `ALTERATIONS`."""
    score = Score()
    for number in range(rounds):
        chosen = [list(ALTERATIONS)[number % len(ALTERATIONS)]]
        chosen += scene.rng.sample(list(ALTERATIONS), k=scene.rng.choice([0, 0, 1, 2]))
        with transaction.atomic():
            altered = [name for name in chosen if ALTERATIONS[name](scene)]
            if altered:
                score.tried["+".join(altered)] += 1
                if not _is_refused_or_reported(scene):
                    score.accepted.append("+".join(altered))
            transaction.set_rollback(True)
    return score


def _is_refused_or_reported(scene: Scene) -> bool:
    is_rolled_back = is_behind(scene.seen, read_head(scene.opened))
    journal = read_journal(scene.opened)
    shown = {entry.id: entry for entry in journal.entries}
    if len(shown) != len(journal.entries) or not shown.items() <= scene.genuine.items():
        return False
    reported = bool(journal.damage) or is_rolled_back
    return reported or shown == scene.genuine


def _copy(opened: OpenedVault) -> Rows:
    rows: Rows = []
    for model in (Entry, Page, Manifest):
        rows += model.objects.filter(vault_id=opened.vault_id)
    return rows


def _wait_in_inbox(opened: OpenedVault, minute: int) -> None:
    from django.utils import timezone

    vault = Vault.objects.get(pk=opened.vault_id)
    append_entry(vault=vault, entry=checkin(minute / 10), at=timezone.now() + timedelta(minutes=5 + minute))


def _flip(row: Page | Entry | Manifest, bit: int) -> bool:
    changed = bytearray(row.sealed)
    changed[bit // 8] ^= 1 << bit % 8
    row.sealed = bytes(changed)
    row.save()
    return True


def _flip_page(scene: Scene) -> bool:
    page = scene.pick(scene.pages()) if scene.pages() else None
    return page is not None and _flip(page, scene.rng.randrange(8 * len(page.sealed)))


def _flip_entry(scene: Scene) -> bool:
    row = scene.pick(scene.rows())
    return _flip(row, scene.rng.randrange(8 * len(row.sealed)))


def _flip_manifest(scene: Scene) -> bool:
    manifest = Manifest.objects.filter(vault_id=scene.opened.vault_id).first()
    return manifest is not None and _flip(manifest, scene.rng.randrange(8 * len(manifest.sealed)))


def _cut_page(scene: Scene) -> bool:
    page = scene.pick(scene.pages()) if scene.pages() else None
    if page is None:
        return False
    return bool(Page.objects.filter(pk=page.pk).update(sealed=page.sealed[: scene.rng.randrange(len(page.sealed))]))


def _cut_entry(scene: Scene) -> bool:
    row = scene.pick(scene.rows())
    return bool(Entry.objects.filter(pk=row.pk).update(sealed=row.sealed[: scene.rng.randrange(len(row.sealed))]))


def _swap_pages(scene: Scene) -> bool:
    pages = scene.pages()
    if len(pages) < 2:
        return False
    first, second = scene.rng.sample(pages, 2)
    first.sealed, second.sealed = second.sealed, first.sealed
    first.save()
    second.save()
    return True


def _swap_entries(scene: Scene) -> bool:
    first, second = scene.rng.sample(scene.rows(), 2)
    first.sealed, second.sealed = second.sealed, first.sealed
    first.save()
    second.save()
    return True


def _delete_page(scene: Scene) -> bool:
    return bool(scene.pages()) and bool(Page.objects.filter(pk=scene.pick(scene.pages()).pk).delete())


def _delete_manifest(scene: Scene) -> bool:
    return bool(scene.pages()) and bool(Manifest.objects.filter(vault_id=scene.opened.vault_id).delete()[0])


def _delete_all_pages(scene: Scene) -> bool:
    return bool(Page.objects.filter(vault_id=scene.opened.vault_id).delete()[0])


def _empty_the_journal(scene: Scene) -> bool:
    """As if it had never been compacted: only a device that saw it can tell."""
    return _delete_all_pages(scene) and bool(Manifest.objects.filter(vault_id=scene.opened.vault_id).delete())


def _splice_page(scene: Scene) -> bool:
    if not scene.pages():
        return False
    theirs = scene.pick(scene.pages(scene.other))
    return bool(Page.objects.filter(pk=scene.pick(scene.pages()).pk).update(sealed=theirs.sealed))


def _splice_manifest(scene: Scene) -> bool:
    theirs = Manifest.objects.get(vault_id=scene.other.vault_id)
    return bool(Manifest.objects.filter(vault_id=scene.opened.vault_id).update(sealed=theirs.sealed))


def _splice_entry(scene: Scene) -> bool:
    append(scene.other, NOON)
    row = Entry.objects.filter(vault_id=scene.other.vault_id).last()
    return row is not None and bool(Entry.objects.filter(pk=row.pk).update(vault_id=scene.opened.vault_id))


def _move_row(scene: Scene) -> bool:
    row = scene.pick(scene.rows())
    days = timedelta(days=scene.rng.choice([-400, -31, -1, 1, 31]))
    return bool(Entry.objects.filter(pk=row.pk).update(day=row.day + days))


def _rename_row(scene: Scene) -> bool:
    row = scene.pick(scene.rows())
    return bool(Entry.objects.filter(pk=row.pk).update(id=uuid4()))


def _duplicate_row(scene: Scene) -> bool:
    row = scene.pick(scene.rows())
    Entry.objects.create(id=uuid4(), vault_id=row.vault_id, day=row.day, sealed=row.sealed)
    return True


def _duplicate_page(scene: Scene) -> bool:
    if not scene.pages():
        return False
    Page.objects.create(vault_id=scene.opened.vault_id, sealed=scene.pick(scene.pages()).sealed)
    return True


def _forge_entry(scene: Scene) -> bool:
    entry_id, vault = uuid4(), Vault.objects.get(pk=scene.opened.vault_id)
    plain = b'{"v":1,"kind":"%s","at":%d,"data":{}}' % (CheckIn.kind.encode(), NOON.timestamp())
    forger = scene.rng.randbytes(32)
    public = bytes(vault.public_key)
    sealed = seal_entry(plain, public=public, vault_id=vault.pk, entry_id=entry_id, signing_key=forger)
    Entry.objects.create(id=entry_id, vault=vault, day=NOON.date(), sealed=sealed)
    return True


def _invent_page(scene: Scene) -> bool:
    Page.objects.create(vault_id=scene.opened.vault_id, sealed=b"\x01" + scene.rng.randbytes(16 * 1024 + 28))
    return True


def _restore(scene: Scene, *models: type) -> bool:
    """Put rows back as they stood a month earlier."""
    for row in scene.earlier:
        if isinstance(row, models):
            type(row).objects.filter(pk=row.pk).delete()
            type(row).objects.create(**{f.attname: getattr(row, f.attname) for f in row._meta.concrete_fields})
    return True


def _roll_page_back(scene: Scene) -> bool:
    return _restore(scene, Page)


def _roll_manifest_back(scene: Scene) -> bool:
    return _restore(scene, Manifest)


def _roll_everything_back(scene: Scene) -> bool:
    return _delete_all_pages(scene) and _restore(scene, Page, Manifest)


ALTERATIONS: dict[str, Callable[[Scene], bool]] = {
    "flip a bit of a page": _flip_page,
    "flip a bit of an entry": _flip_entry,
    "flip a bit of the manifest": _flip_manifest,
    "cut a page": _cut_page,
    "cut an entry": _cut_entry,
    "swap two pages": _swap_pages,
    "swap two entries": _swap_entries,
    "delete a page": _delete_page,
    "delete every page": _delete_all_pages,
    "delete the manifest": _delete_manifest,
    "empty the journal": _empty_the_journal,
    "splice in a page of another": _splice_page,
    "splice in a manifest of another": _splice_manifest,
    "splice in an entry of another": _splice_entry,
    "move an entry to another day": _move_row,
    "give an entry another id": _rename_row,
    "double an entry": _duplicate_row,
    "double a page": _duplicate_page,
    "forge an entry": _forge_entry,
    "invent a page": _invent_page,
    "roll the pages back": _roll_page_back,
    "roll the manifest back": _roll_manifest_back,
    "roll everything back": _roll_everything_back,
}
