"""A day at work: four employees with vaults, one of whom is curious about the others, and two administrators."""

import os
import secrets
import signal
import socket
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from redis import Redis

from accounts.allauth_internals import TOTP, generate_totp_secret
from accounts.models import User
from emotion.labels import EXPRESSIONS
from emotion.models import Capture
from research.load.site_processes import Stack
from tests.faces import smile, to_jpeg
from tests.proof.browsing import Browser, Employee
from tests.proof.searching import Needles, pieces_of
from tests.valkey import read_value
from vault.crypto.passphrases import suggest_passphrase
from vault.journal.contents import AnyEntry
from vault.journal.entries import OpenedVault
from vault.journal.kinds import Look
from vault.journal.reading import read_journal
from vault.services.lifecycle import open_vault

#: Whose days are to stay theirs. The last one erases everything in the evening.
VICTIMS = ("alice", "bea", "carl", "dora")
CURIOUS = "mallory"
_PATIENCE_SECONDS = 60
_TRIES = 20
#: A share that begins in the middle of another number is a piece of a time of day: MONITOR is full of them.
_BEFORE_A_NUMBER = ' [(,:="'


@dataclass
class Day:
    stack: Stack
    victims: list[Employee]
    curious: Employee
    #: All that was said to Valkey, and its content while snapshots waited in it.
    monitored: bytes = b""
    waiting: dict[bytes, bytes] = field(default_factory=dict)
    entries: dict[str, tuple[AnyEntry, ...]] = field(default_factory=dict)
    needles: Needles = field(default_factory=Needles)

    @property
    def everybody(self) -> list[Employee]:
        return [*self.victims, self.curious]

    def victim(self, name: str) -> Employee:
        return next(person for person in self.victims if person.name == name)

    def opened(self, name: str) -> OpenedVault:
        """With her passphrase, as only she can."""
        person = self.victim(name)
        return open_vault(user=person.user, passphrase=person.passphrase)

    @property
    def entry_count(self) -> int:
        return sum(map(len, self.entries.values()))


def live_a_day(stack: Stack) -> Day:
    people = [_make_employee(name, stack.url) for name in (*VICTIMS, CURIOUS)]
    day = Day(stack, people[:-1], people[-1])
    _make_administrators()
    with _monitor_valkey() as heard:
        for person in people:
            person.sign_up()
            person.make_vault()
            person.agree()
        _spend_the_day(day)
        day.waiting = _send_while_the_worker_sleeps(day)
        _wait_for_the_worker()
        for person in people:
            person.look_and_answer()
            person.lock()
        day.monitored = heard()
    for person in day.victims:
        day.entries[person.name] = read_journal(day.opened(person.name)).entries
    day.needles = _gather_needles(day)
    return day


def _make_employee(name: str, url: str) -> Employee:
    return Employee(name, suggest_passphrase(), secrets.token_urlsafe(12), [], Browser(url))


def _make_administrators() -> None:
    for name, rights in (("sam", {}), ("root", {"is_superuser": True})):
        user = User.objects.create_user(f"{name}@example.org", secrets.token_urlsafe(12), is_staff=True, **rights)
        TOTP.activate(user, generate_totp_secret())


def _spend_the_day(day: Day) -> None:
    """Two snapshots and two check-ins each."""
    for number, person in enumerate(day.everybody):
        for turn in range(2):
            person.capture(_face(3 * number + turn))
            person.check_in(f"marmalade-{secrets.token_hex(6)}")


def _send_while_the_worker_sleeps(day: Day) -> dict[bytes, bytes]:
    """What Valkey holds while snapshots wait in it, every key with all that is in it."""
    group = _put_the_worker_to_sleep(day)
    try:
        for number, person in enumerate(day.everybody):
            person.capture(_face(3 * number + 2))
        return dump_valkey()
    finally:
        os.killpg(group, signal.SIGCONT)


def _put_the_worker_to_sleep(day: Day) -> int:
    """Between two transactions: one left open would keep everybody from writing. Returns its process group."""
    _wait_for_the_worker()
    group = day.stack.processes()["worker"]
    for _ in range(_TRIES):
        os.killpg(group, signal.SIGSTOP)
        if _takes_writes(day.stack.data_dir / "wellbeing.sqlite3"):
            return group
        os.killpg(group, signal.SIGCONT)
        time.sleep(0.2)
    raise TimeoutError("the worker was never between two transactions")


def _takes_writes(path: Path) -> bool:
    with closing(sqlite3.connect(path, timeout=1)) as database:
        try:
            database.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return False
        database.rollback()
        return True


def _face(number: int) -> bytes:
    """A face of its own: nearer, farther, to one side, in another light."""
    whole, shift = smile(1024, 768), 24 * (number % 5)
    light = 200 + 4 * number
    near = whole.crop((40 + shift, shift, 860 + shift, 615 + shift)).resize((640, 480))
    return to_jpeg(near.point(lambda value: value * light // 256))


def _wait_for_the_worker() -> None:
    end = time.monotonic() + _PATIENCE_SECONDS
    while Capture.objects.filter(state=Capture.State.QUEUED).exists():
        if time.monotonic() > end:
            raise TimeoutError("the worker did not read the snapshots")
        time.sleep(0.2)


def _gather_needles(day: Day) -> Needles:
    needles = Needles()
    for person in day.victims:
        for note in person.notes:
            needles.add(f"note of {person.name}", note)
        needles.add(f"passphrase of {person.name}", person.passphrase)
        needles.add(f"password of {person.name}", person.password)
        needles.add(f"recovery code of {person.name}", person.code)
        needles.add(f"recovery code of {person.name}", person.code.replace("-", ""))
        for half in person.browser.cookies.get(settings.VAULT_COOKIE_NAME, set()) - {""}:
            needles.add(f"vault cookie of {person.name}", half)
        needles.add_piece(f"private key of {person.name}", day.opened(person.name).private)
        for jpeg in person.jpegs:
            for piece in pieces_of(jpeg):
                needles.add_piece(f"snapshot of {person.name}", piece)
        for entry in day.entries[person.name]:
            for share in (entry.data.p if isinstance(entry.data, Look) else None) or ():
                if len(str(share)) >= 7:
                    for before in _BEFORE_A_NUMBER:
                        needles.add(f"reading of {person.name}", f"{before}{share}")
    return needles


def label_needles() -> Needles:
    """The seven expressions, for places where no catalogue names them too."""
    needles = Needles()
    for label in EXPRESSIONS:
        needles.add(f"expression {label}", label)
    return needles


def valkey(database: int) -> Redis:
    return Redis(unix_socket_path=str(settings.VALKEY_SOCKET), db=database)


def dump_valkey() -> dict[bytes, bytes]:
    found: dict[bytes, bytes] = {}
    for database in (0, 1):
        with valkey(database) as client:
            found |= {b"%d:%s" % (database, name): b"\n".join(read_value(client, name)) for name in client.scan_iter()}
    return found


@contextmanager
def _monitor_valkey() -> Iterator[Callable[[], bytes]]:
    """MONITOR as an operator would run it; the function gives all that was heard, with its escapes undone."""
    heard, stop = bytearray(), threading.Event()
    line = socket.socket(socket.AF_UNIX)
    line.connect(str(Path(settings.VALKEY_SOCKET)))
    line.settimeout(0.2)
    line.sendall(b"MONITOR\r\n")

    def listen() -> None:
        while not stop.is_set():
            try:
                heard.extend(line.recv(1 << 20))
            except TimeoutError:
                continue

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    try:
        yield lambda: _unescape(bytes(heard))
    finally:
        stop.set()
        thread.join()
        line.close()


def _unescape(text: bytes) -> bytes:
    from codecs import escape_decode

    return escape_decode(text)[0]
