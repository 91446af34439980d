"""Attackers with a copy: of the database, of Valkey, of logs and files, of a process's memory."""

import os
import re
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psutil
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR

from research.load.postgresql import find_programs
from tests.postgresql import start_cluster
from tests.proof.attack import Attack, read_file, require
from tests.proof.day import Day, dump_valkey, label_needles
from tests.proof.searching import Needles, pieces_of

ROOT = Path(__file__).parent.parent.parent
#: Tables with rows about people; the catalogue's own names expressions and activities for everybody.
PERSONAL = re.compile(r"^(account|vault|emotion|django_session|mfa|socialaccount|cache|django_admin_log)")
_WINDOWS_TRIED = 30_000


def steal_database(day: Day) -> Attack:
    attack = Attack(
        "Database dump", "the SQLite file of the main database with its write-ahead log, and every cell of it"
    )
    files = [read_file(path) for path in sorted(day.stack.data_dir.glob("wellbeing.sqlite3*"))]
    attack.read += day.needles.find(*files)
    attack.tried.append(f"every byte of {len(files)} files, as it stands, in Base64 and inflated")
    cells = dict(_cells(day.stack.data_dir / "wellbeing.sqlite3"))
    labels = label_needles()
    for table, values in cells.items():
        attack.attempts += len(values)
        found = day.needles.find(*values) + (labels.find(*values) if PERSONAL.match(table) else [])
        attack.read += [f"{what} in {table}" for what in found]
    attack.tried.append(f"{attack.attempts} cells of {len(cells)} tables")
    attack.learned += _tell_from_database(day.stack.data_dir / "wellbeing.sqlite3")
    everything = b"\n".join(files)
    attack.control = require(all(p.email.encode() in everything for p in day.victims), "their e-mail addresses")
    return attack


def _cells(path: Path) -> Iterator[tuple[str, list[bytes]]]:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            rows = database.execute(f'SELECT * FROM "{table}"').fetchall()
            yield table, [_bytes(value) for row in rows for value in row if value is not None]


def _bytes(value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


def _tell_from_database(path: Path) -> list[str]:
    """What the rows say to somebody who can open nothing."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:

        def count(sql: str) -> int:
            return int(database.execute(sql).fetchone()[0])

        lines = [
            f"that {count('SELECT count(*) FROM accounts_user')} people have an account, and their addresses",
            f"that {count('SELECT count(*) FROM vault_vault')} of them have a vault, who, and since which day",
            f"who agreed to snapshots and when ({count('SELECT count(*) FROM emotion_consent')} receipts)",
            f"when snapshots of the last day came and ended ({count('SELECT count(*) FROM emotion_capture')} rows), "
            "never with what",
            f"how many sealed entries wait, and of which day ({count('SELECT count(*) FROM vault_entry')} rows)",
        ]
        tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master")}
        if "vault_page" in tables:
            sizes = database.execute("SELECT length(sealed), count(*) FROM vault_page GROUP BY 1").fetchall()
            told = ", ".join(f"{number} of {size} bytes" for size, number in sizes) or "none yet"
            lines.append(f"how many sealed pages there are, in coarse sizes ({told})")
        lines.append(f"who is signed in now ({count('SELECT count(*) FROM accounts_session')} sessions)")
    return lines


_FILL = """
import secrets
from django.utils import timezone
from vault.journal.entries import append_entry
from vault.journal.kinds import CheckIn
from vault.services.lifecycle import create_vault
from accounts.models import User
for number in range(2):
    user = User.objects.create_user(f"postgres-{{number}}@example.org", "correct horse battery")
    create_vault(user=user, passphrase={passphrase!r})
    for note in {notes!r}:
        said = CheckIn(pleasantness=0.0, energy=0.0, words=("calm",), note=note)
        append_entry(vault=user.vault, entry=said, at=timezone.now())
"""


def steal_postgresql(day: Day) -> Attack | None:
    """The same with PostgreSQL where it is installed: two employees, and what pg_dump writes."""
    programs = find_programs()
    if programs is None:
        return None
    attack = Attack("PostgreSQL dump", "what pg_dump writes of the main database")
    url, notes, passphrase = (
        start_cluster(),
        [f"heliotrope-{n}-{os.urandom(6).hex()}" for n in range(5)],
        "quilted otter drums vivid canyon",
    )
    with tempfile.TemporaryDirectory(prefix="wellbeing-proof-") as folder:
        environment = day.stack.environment | {"WELLBEING_DATA_DIR": folder, "WELLBEING_DATABASE_URL": url}
        for command in (("setup",), ("shell", "-v", "0", "-c", _FILL.format(passphrase=passphrase, notes=notes))):
            subprocess.run(
                [sys.executable, "manage.py", *command],
                cwd=ROOT,
                env=environment,
                check=True,
                stdout=subprocess.DEVNULL,
            )
    dump = subprocess.run([programs / "pg_dump", url], capture_output=True, check=True).stdout
    # Bytes stand there in hexadecimal.
    raw = b"\n".join(bytes.fromhex(run.decode()) for run in re.findall(rb"\\\\x((?:[0-9a-f]{2})+)", dump))
    needles = Needles()
    for note in notes:
        needles.add("note", note)
    needles.add("passphrase", passphrase)
    attack.read += needles.find(dump, raw)
    attack.attempts = len(needles)
    attack.tried.append(f"{len(dump)} bytes of SQL, hexadecimal columns decoded")
    attack.learned.append("the same as from SQLite")
    attack.control = require(dump.count(b"postgres-1@example.org") and raw, "their e-mail addresses")
    return attack


def steal_valkey(day: Day) -> Attack:
    attack = Attack("Valkey dump and MONITOR", "every key while snapshots waited and afterwards, and all that was said")
    after = dump_valkey()
    held = [day.monitored, *day.waiting.keys(), *day.waiting.values(), *after.keys(), *after.values()]
    people = Needles()
    for person in day.everybody:
        people.add(f"who {person.name} is", person.email)
        people.add(f"which vault {person.name} has", str(person.user.vault.pk))
    for needles in (day.needles, label_needles(), people):
        attack.read += needles.find(*held)
    frames = [value for name, value in day.waiting.items() if b"wb:frames:" in name]
    attack.tried.append(
        f"{len(day.monitored)} bytes of MONITOR, {len(day.waiting)} keys at work, {len(after)} afterwards"
    )
    _try_windows_as_keys(attack, frames, b"\n".join(held))
    left = sum(b"wb:frames:" in name for name in after)
    attack.figures["frames_waiting"], attack.figures["frames_left_afterwards"] = len(frames), left
    attack.learned += ["ids and times of snapshots under way, and how large each is; not whose"]
    attack.control = require(
        len(frames) >= len(day.everybody) and all(p.captures[0].encode() in day.monitored for p in day.victims),
        "the ids of their snapshots, and a sealed frame of each while it waited",
    )
    return attack


def _try_windows_as_keys(attack: Attack, frames: list[bytes], held: bytes) -> None:
    """Any 32 bytes of Valkey might be the key to a frame: does one make a picture begin in it?"""
    tried = 0
    for frame in frames:
        # The field's name, a line break, and the length that stands before each blob.
        blob = frame.partition(b"\n")[2][4:]
        for start in range(min(len(held) - 32, _WINDOWS_TRIED // len(frames))):
            tried += 1
            attack.read += ["a frame"] if _begins_a_picture(held[start : start + 32], blob) else []
    attack.attempts += tried
    attack.tried.append(f"{tried} stretches of 32 bytes as the key to a waiting frame")
    key, nonce = os.urandom(32), os.urandom(12)
    require(_begins_a_picture(key, b"\x01" + nonce + AESGCM(key).encrypt(nonce, b"\xff\xd8\xff", None)), "a right key")


def _begins_a_picture(key: bytes, blob: bytes) -> bool:
    """GCM is CTR from the second counter on, whatever was authenticated with it."""
    decryptor = Cipher(AES(key), CTR(blob[1:13] + b"\0\0\0\2")).decryptor()
    return decryptor.update(blob[13:16]) == b"\xff\xd8\xff"


def read_logs(day: Day) -> Attack:
    attack = Attack(
        "Logs, mails and files", "the log of every process, mails printed there, all temporary and data files"
    )
    # A mail that carries a link, as every forgotten password makes one.
    day.victims[0].browser.ask("post", "/accounts/password/reset/", {"email": day.victims[0].email})
    day.victims[0].browser.ask("post", "/vault/open/", {"passphrase": "not " + day.victims[0].passphrase[::-1]})
    folder = day.stack.log.parent
    keys = day.stack.data_dir / "keys"
    files = [p for p in sorted(folder.rglob("*")) if p.is_file() and "static" not in p.parts and keys not in p.parents]
    labels = label_needles()
    for path in files:
        content = read_file(path)
        found = day.needles.find(content)
        if not path.name.startswith("wellbeing.sqlite3"):
            found += labels.find(content) + (["a JPEG"] if b"JFIF" in content else [])
        attack.read += [f"{what} in {path.name}" for what in found]
    attack.attempts = len(files)
    attack.tried.append(f"{len(files)} files, {sum(path.stat().st_size for path in files)} bytes")
    attack.learned += ["ids of snapshots and vaults with times", "that somebody asked for a new password, and the mail"]
    log = day.stack.log.read_bytes()
    attack.control = require(
        day.victims[0].captures[0].encode() in log and b"Subject:" in log,
        "ids of snapshots, and the mail with its link",
    )
    return attack


def scan_memory(day: Day) -> Attack:
    """Not promised, measured all the same: what a memory image of the processes shows after the day."""
    attack = Attack(
        "Memory of web and worker, after the day",
        "/proc/PID/mem of each, as the machine's own root",
        in_scope=False,
    )
    few, seen = _few(day), 0
    for name, group in day.stack.processes().items():
        if name not in {"web", "worker"}:
            continue
        for process in (psutil.Process(group), *psutil.Process(group).children(recursive=True)):
            size, found = _scan(process.pid, few)
            seen += size
            attack.read += [f"{what} in {name}" for what in found]
            attack.attempts += 1
    attack.read = sorted(set(attack.read))
    attack.tried.append(f"{seen >> 20} MiB of {attack.attempts} processes; another user may not even look")
    attack.figures["snapshots_found"] = sum("snapshot" in what for what in attack.read)
    attack.control = (
        require(seen > 1 << 20 or os.geteuid() != 0, "memory to look at") if seen else "not allowed to look"
    )
    return attack


def _few(day: Day) -> dict[str, list[bytes]]:
    """Searching hundreds of MiB takes its time: of each kind one, and two stretches of each last snapshot."""
    chosen = {}
    for person in day.victims:
        chosen[f"a note of {person.name}"] = [person.notes[0].encode()]
        chosen[f"the passphrase of {person.name}"] = [person.passphrase.encode()]
        chosen[f"the private key of {person.name}"] = list(day.needles.forms[f"private key of {person.name}"])
        chosen[f"a snapshot of {person.name}"] = pieces_of(person.jpegs[-1])[10:12]
    return chosen


def _scan(pid: int, needles: dict[str, list[bytes]]) -> tuple[int, set[str]]:
    found: set[str] = set()
    size = 0
    try:
        maps = Path(f"/proc/{pid}/maps").read_text().splitlines()
        with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
            for line in maps:
                span, rights, _, _, inode, *_ = line.split()
                if not rights.startswith("rw") or inode != "0":
                    continue
                start, end = (int(part, 16) for part in span.split("-"))
                try:
                    memory.seek(start)
                    content = memory.read(end - start)
                except (OSError, ValueError, OverflowError):
                    continue
                size += len(content)
                found |= {name for name, forms in needles.items() if any(form in content for form in forms)}
    except PermissionError:
        return 0, set()
    return size, found
