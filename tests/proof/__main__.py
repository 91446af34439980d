"""`python -m tests.proof`: run the proof and write its report."""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from research.load.site_processes import Stack
    from tests.proof.attack import Attack
    from tests.proof.day import Day

ROOT = Path(__file__).parent.parent.parent
REPORT, FIGURES = ROOT / "docs" / "privacy-proof.md", ROOT / "docs" / "measurements" / "privacy-proof.json"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.proof", description="Try to read what employees recorded.")
    parser.add_argument("--report", type=Path, default=REPORT)
    parser.add_argument("--json", type=Path, default=FIGURES)
    options = parser.parse_args()
    result = run()
    options.json.write_text(json.dumps(result, indent=2) + "\n")
    from tests.proof.report import write_markdown

    options.report.write_text(write_markdown(result))
    print(json.dumps(result["figures"], indent=2))
    for line in result["failed"]:
        print(f"FAILED: {line}", file=sys.stderr)
    return int(bool(result["failed"]))


def run() -> dict[str, Any]:
    from research.load.site_processes import Stack

    began = time.monotonic()
    # In a short path: a Unix socket of Valkey's is in there.
    with (
        tempfile.TemporaryDirectory(prefix="wb-proof-") as folder,
        Stack(Path(folder), {"WELLBEING_CAPTURES_PER_HOUR": "100000"}) as stack,
    ):
        result = _attack(stack)
    return result | {"seconds": round(time.monotonic() - began, 1)}


def _attack(stack: "Stack") -> dict[str, Any]:
    os.environ.update(stack.environment)
    os.environ["DJANGO_SETTINGS_MODULE"] = "wellbeing.settings"
    import django

    django.setup()
    from tests.proof.day import live_a_day

    began = datetime.now(tz=UTC)
    _say("a day of work")
    day = live_a_day(stack)
    attacks = []
    for attack in _every_attack(day):
        try:
            done = attack()
        except Exception:  # noqa: BLE001 -- an attack that breaks off proves nothing, and the others go on
            done = _broken_off(attack)
        if done is not None:
            attacks.append(done)
            _say(f"{done.name}: {done.attempts} attempts, {len(done.read)} read, {len(done.accepted)} believed")
    return {
        "began": began.isoformat(timespec="seconds"),
        "figures": _sum_up(day, attacks),
        "failed": [line for attack in attacks for line in attack.failed_proof],
        "attacks": [attack.as_json() for attack in attacks],
    }


def _every_attack(day: "Day") -> "Iterator[Callable[[], Attack | None]]":
    from functools import partial

    from tests.proof import acting, insiders, outsiders, writers

    yield partial(outsiders.steal_database, day)
    yield partial(outsiders.steal_postgresql, day)
    yield partial(outsiders.steal_valkey, day)
    yield partial(insiders.hold_every_secret, day)
    yield partial(insiders.crawl_the_admin, day)
    yield partial(insiders.impersonate, day)
    for role in insiders.ROLES:
        yield partial(insiders.ask_every_address, day, role)
    yield partial(writers.substitute_keys, day)
    yield partial(writers.hand_over_a_vault, day)
    yield partial(writers.weaken_key_derivation, day)
    yield writers.alter_histories
    yield writers.flip_bits
    yield writers.compare_equal_days
    yield partial(writers.change_passphrase, day)
    yield acting.take_over
    yield acting.read_proxy_log
    yield acting.measure_sizes
    yield acting.write_honey
    yield acting.forge_rows
    yield acting.open_closed_account
    yield partial(writers.restore_backup, day)
    yield partial(outsiders.read_logs, day)
    yield partial(outsiders.scan_memory, day)


def _broken_off(attack: "Callable[[], Attack | None]") -> "Attack":
    import traceback

    from tests.proof.attack import Attack

    print(traceback.format_exc(), file=sys.stderr)
    return Attack(str(getattr(attack, "func", attack)), "", accepted=[traceback.format_exc(limit=-1)])


def _sum_up(day: "Day", attacks: "list[Attack]") -> dict[str, Any]:
    from tests.proof.insiders import ROLES

    matrix = [attack for attack in attacks if attack.name.startswith("Every address")]
    return {
        "people": len(day.everybody),
        "captures": sum(len(person.captures) for person in day.everybody),
        "checkins": sum(len(person.notes) for person in day.everybody),
        "needles": len(day.needles),
        "entries": day.entry_count,
        "read": sum(len(attack.read) for attack in attacks if attack.in_scope),
        "told_apart": sum(attack.figures.get("told_apart", 0) for attack in attacks),
        "sealed_to_another": sum(attack.figures.get("sealed_to_another", 0) for attack in attacks),
        "attempts": sum(attack.attempts for attack in attacks),
        "flips": sum(attack.attempts for attack in attacks if attack.name == "Bit flips"),
        "mutations": sum(attack.attempts for attack in attacks if "altered histories" in attack.name),
        "accepted": sum(len(attack.accepted) for attack in attacks),
        "addresses": max((attack.figures["addresses"] for attack in matrix), default=0),
        "requests": sum(attack.figures["requests"] for attack in matrix),
        "roles": ", ".join(ROLES),
        "leaks": sum(attack.figures["leaks"] for attack in matrix),
    }


def _say(line: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {line}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
