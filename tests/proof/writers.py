"""Attackers who write: into the database, into sealed bytes, and from an old backup."""

import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db import connections, transaction
from django.utils import timezone

from accounts.models import User
from emotion.models import Capture
from tests.entries import checkin
from tests.proof.attack import Attack, read_file, require
from tests.proof.day import Day
from tests.proof.searching import shared_windows
from tests.vault.crypto.flips import count_flips
from tests.vault.journal.histories import ALTERATIONS, play, set_scene
from tests.vaults import make_vault
from vault.crypto.binding import bind_public_key
from vault.crypto.errors import DamagedKeySlot, VaultError
from vault.crypto.key_pairs import make_key_pair
from vault.crypto.key_slots import Cost, open_key_slot, wrap_with_passphrase
from vault.journal.entries import KeyAltered, OpenedVault, append_entry
from vault.journal.reading import read_journal
from vault.keystore.models import ErasureKey
from vault.models import Entry, KeySlot, Vault
from vault.services.lifecycle import open_vault

ROUNDS = 18 * len(ALTERATIONS)


def flip_bits() -> Attack:
    attack = Attack("Bit flips", "one of everything that is sealed: locks, entry, page, manifest, frame, session")
    counts = count_flips()
    whole = counts.pop("all")
    attack.attempts = whole["tried"]
    attack.figures = {"tried": whole["tried"], "accepted": whole["accepted"], "each": counts}
    attack.accepted += [f"a flipped bit of the {name}" for name, count in counts.items() if count["accepted"]]
    attack.tried.append("every single bit of each, one at a time")
    attack.control = require(whole["tried"] > 4000 and len(counts) >= 8, "each of them opens as long as it is whole")
    return attack


def alter_histories() -> Attack:
    """Against two fresh journals of three months each, because the day's own must stay whole."""
    attack = Attack("Writer to the database: altered histories", "rights to write into every table but the keystore")
    opened, other = (make_vault(User.objects.create_user(f"{name}@example.org")) for name in ("history-a", "history-b"))
    score = play(set_scene(opened, other), ROUNDS)
    attack.attempts = score.total
    attack.accepted += score.accepted
    attack.figures = {"tried": score.total, "accepted": len(score.accepted), "kinds": len(ALTERATIONS)}
    attack.tried.append(f"{len(ALTERATIONS)} kinds, up to three at once: {', '.join(ALTERATIONS)}")
    attack.learned.append("nothing; but it can destroy, and then the page says that something is missing")
    attack.control = require(
        score.total > 400 and read_journal(opened).entries and not read_journal(opened).damaged,
        "the same journal opens whole when nothing was altered",
    )
    return attack


def substitute_keys(day: Day) -> Attack:
    """Puts a key of its own in the place of Bea's, so that new entries would be sealed to it."""
    attack = Attack("Writer to the database: key substitution", "rights to write, and a vault of its own")
    person, mine, curious = day.victim("bea"), make_key_pair(), Vault.objects.get(user=day.curious.user)
    vault = Vault.objects.get(user=person.user)
    guessed = bind_public_key(mine.public, vault_id=vault.pk, owner=str(vault.user_id), binding_keys=[bytes(32)])
    ways: dict[str, dict[str, Any]] = {
        "another public key": {"public_key": mine.public},
        "another public key and a made-up binding": {"public_key": mine.public, "binding": guessed},
        "key and binding of the curious employee": {"public_key": curious.public_key, "binding": curious.binding},
        "key, binding and owner": {
            "public_key": curious.public_key,
            "binding": curious.binding,
            "created_on": "2020-01-01",
        },
        "an empty binding": {"public_key": mine.public, "binding": b""},
    }
    said = {"act": "checkin", "pleasantness": "0", "energy": "0", "note": "swapped"}
    for name, change in ways.items():
        with _changed(vault, change):
            before = set(Entry.objects.values_list("pk", flat=True))
            with suppress(RuntimeError):
                person.browser.ask("post", "/today/", said)
            with suppress(KeyAltered):
                append_entry(vault=Vault.objects.get(pk=vault.pk), entry=checkin(), at=timezone.now())
            with suppress(RuntimeError):
                person.capture(person.jpegs[0])
                _wait_for(person.captures.pop())
            attack.attempts += 3
            fresh = Entry.objects.exclude(pk__in=before)
            attack.accepted += [f"an entry sealed after {name}" for _ in fresh]
            fresh.delete()
    attack.tried.append(f"{', '.join(ways)}; each time a check-in, a call of our own API and a snapshot")
    person.check_in(person.notes[0])
    last = Entry.objects.filter(vault=vault).order_by("day").last()
    attack.control = require(last, "an entry, once her own key stood there again")
    return attack


def hand_over_a_vault(day: Day) -> Attack:
    """Puts its own vault in the place of Bea's and opens it as Bea, so that her entries would be sealed to it."""
    attack = Attack(
        "Writer to the database: a vault handed over", "rights to write, a vault of its own, and Bea's password"
    )
    bea, mine = day.victim("bea").user, Vault.objects.get(user=day.curious.user)
    # The crawl of every address typed wrong passphrases.
    KeySlot.objects.filter(vault=mine).update(failures=0, closed_until=None)
    with transaction.atomic():
        Vault.objects.filter(user=bea).delete()
        for binding in (bytes(mine.binding), b"", bytes(32)):
            Vault.objects.filter(pk=mine.pk).update(user=bea, binding=binding)
            attack.attempts += 2
            with suppress(KeyAltered):
                open_vault(user=bea, passphrase=day.curious.passphrase)
                attack.accepted.append("the vault, as one of Bea's")
            with suppress(KeyAltered):
                append_entry(vault=Vault.objects.get(pk=mine.pk), entry=checkin(), at=timezone.now())
                attack.accepted.append("an entry of Bea's, sealed to it")
        transaction.set_rollback(True)
    attack.tried.append(
        "its own binding, an empty and a made-up one; each time opening it with its passphrase, and a call"
    )
    opened = open_vault(user=day.curious.user, passphrase=day.curious.passphrase)
    attack.control = require(opened.vault_id == mine.pk, "the same vault opens for who made it")
    return attack


@contextmanager
def _changed(vault: Vault, change: dict[str, Any]) -> Iterator[None]:
    kept = {name: getattr(vault, name) for name in change}
    Vault.objects.filter(pk=vault.pk).update(**change)
    try:
        yield
    finally:
        Vault.objects.filter(pk=vault.pk).update(**kept)


def _wait_for(capture_id: str) -> None:
    from tests.proof.day import _wait_for_the_worker

    _wait_for_the_worker()
    Capture.objects.filter(pk=capture_id).delete()


def weaken_key_derivation(day: Day) -> Attack:
    """Writes locks that would be cheap to guess, with the keystore's help; then the right passphrase is typed in."""
    attack = Attack("Writer to the database: cheaper key derivation", "rights to write, and the keystore")
    person = day.victim("bea")
    vault, pair = Vault.objects.get(user=person.user), make_key_pair()
    erasure_key = bytes(ErasureKey.objects.get(vault_id=vault.pk).key)
    place: dict[str, Any] = {"vault_id": vault.pk, "public": bytes(vault.public_key), "erasure_key": erasure_key}
    costs = [Cost(8, 1, 1), Cost(64, 3, 1), Cost(65_535, 3, 1), Cost(65_536, 2, 1), Cost(65_536, 1, 4)]
    for cost in costs:
        lock = wrap_with_passphrase(pair.private, person.passphrase, cost=cost, **place)
        attack.attempts += 1
        with suppress(DamagedKeySlot):
            open_key_slot(lock, person.passphrase, slot="passphrase", **place)
            attack.accepted.append(f"a lock of {cost}")
    attack.tried.append(f"{len(costs)} weaker costs of Argon2id, down to 8 KiB and one pass")
    attack.control = require(day.opened("bea").private, "her own lock opens with the same passphrase")
    return attack


def restore_backup(day: Day) -> Attack:
    """Dora erases everything in the evening. Somebody kept yesterday's backup, and even knows her passphrase."""
    attack = Attack("Old backup after an erasure", "a backup from before, today's keystore, and the right passphrase")
    dora, alice = day.victim("dora"), day.victim("alice")
    vaults = {name: Vault.objects.get(user=day.victim(name).user) for name in ("dora", "alice")}
    gone = bytes(ErasureKey.objects.get(vault_id=vaults["dora"].pk).key)
    backup = day.stack.log.parent / "backup.sqlite3"
    _back_up(day.stack.data_dir / "wellbeing.sqlite3", backup)
    dora.confirm_password()
    dora.browser.post("/vault/erase/", {"confirmation": "erase everything", "secret": dora.passphrase})
    keys = [bytes(key) for key in ErasureKey.objects.values_list("key", flat=True)]
    attack.read += _open_from_backup(attack, backup, vaults["dora"], dora.passphrase, keys)
    attack.tried.append(f"her locks of the backup with her passphrase and each of the {len(keys)} keys in the keystore")
    found = [path.name for path in sorted(day.stack.data_dir.glob("keystore*")) if gone in read_file(path)]
    attack.read += [f"her erasure key in {name}" for name in found]
    attack.attempts += 1
    attack.tried.append("every byte of the keystore's files for the destroyed key")
    attack.learned += ["that she had a vault, and on which days something was sealed"]
    others = _open_from_backup(attack, backup, vaults["alice"], alice.passphrase, keys)
    attack.control = require(others, "Alice's lock of the same backup, with her passphrase")
    backup.unlink()
    return attack


def _back_up(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(target)) as copy:
        live.backup(copy)


def _open_from_backup(attack: Attack, backup: Path, vault: Vault, passphrase: str, keys: list[bytes]) -> list[str]:
    with closing(sqlite3.connect(backup)) as database:
        query = "SELECT sealed FROM vault_keyslot WHERE vault_id = ? AND slot = 'passphrase'"
        locks = [bytes(sealed) for (sealed,) in database.execute(query, (vault.pk.hex,))]
    assert locks, "the backup holds the lock"
    opened = []
    for lock in locks:
        for key in keys:
            attack.attempts += 1
            with suppress(VaultError):
                place: dict[str, Any] = {"vault_id": vault.pk, "public": bytes(vault.public_key), "erasure_key": key}
                open_key_slot(lock, passphrase, slot="passphrase", **place)
                opened.append(f"the vault {vault.pk}")
    return opened


def compare_equal_days() -> Attack:
    """Two employees whose days are equal to the letter: does anything of what is stored say so?"""
    attack = Attack("Comparing two equal days", "the database; both days hold the same 40 entries at the same times")
    # Old enough to be folded.
    at = timezone.now() - timedelta(days=1)
    vaults = [make_vault(User.objects.create_user(f"{name}@example.org")) for name in ("equal-a", "equal-b")]
    for opened in vaults:
        row = Vault.objects.get(pk=opened.vault_id)
        for number in range(40):
            append_entry(vault=row, entry=checkin(0.5, 0.0, "calm", note=f"the same {number % 2}"), at=at)
    for stage in ("waiting", "folded"):
        sealed = [_sealed(opened) for opened in vaults]
        lengths = [sorted(map(len, rows)) for rows in sealed]
        shared = shared_windows(sealed[0], sealed[1])
        attack.attempts += sum(map(len, sealed[0]))
        attack.figures[stage] = {
            "rows": len(sealed[0]),
            "lengths": sorted(set(lengths[0])),
            "shared_8_byte_stretches": shared,
        }
        attack.accepted += [f"{shared} stretches of 8 equal bytes ({stage})"] if shared else []
        attack.accepted += [f"different lengths ({stage})"] if lengths[0] != lengths[1] else []
        for opened in vaults:
            _fold(opened)
    attack.tried.append("every stretch of 8 bytes of one against every one of the other, before and after folding")
    attack.control = require(shared_windows([b"12345678901"], [b"xx2345678900"]), "a stretch that two texts do share")
    return attack


def _sealed(opened: OpenedVault) -> list[bytes]:
    from tests.proof.insiders import sealed_rows

    return [bytes(row.sealed) for row in sealed_rows(opened.vault_id)]


def _fold(opened: OpenedVault) -> None:
    from vault.journal.compaction import compact_inbox

    compact_inbox(opened)


def change_passphrase(day: Day) -> Attack:
    """Not an attack: what a change of passphrase writes."""
    attack = Attack("A changed passphrase", "the old passphrase, which somebody saw")
    person, before = day.victim("carl"), _digest_entries()
    from core.exceptions import WellbeingError
    from vault.services.lifecycle import change_passphrase as change

    # The crawl of every address typed wrong passphrases wherever one is asked for; the minute's wait is over.
    KeySlot.objects.filter(vault__user=person.user).update(failures=0, closed_until=None)
    old, person.passphrase = person.passphrase, secrets.token_urlsafe(24)
    change(user=person.user, passphrase=old, new_passphrase=person.passphrase)
    changed = len(before ^ _digest_entries())
    attack.figures["entries_rewritten"] = changed
    attack.accepted += [f"{changed} rows rewritten"] if changed else []
    attack.attempts = 1
    with suppress(WellbeingError):
        open_vault(user=person.user, passphrase=old)
        attack.read.append("Carl's vault with the old passphrase")
    attack.tried.append("opening with the old passphrase")
    attack.control = require(read_journal(day.opened("carl")).entries, "his entries, with the new one")
    return attack


def _digest_entries() -> set[tuple[str, bytes]]:
    found: set[tuple[str, bytes]] = set()
    connection = connections["default"]
    existing = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for table in {"vault_entry", "vault_page"} & existing:
            cursor.execute(f"SELECT id, sealed FROM {table}")
            found |= {(str(row[0]), bytes(row[1])) for row in cursor.fetchall()}
    return found
