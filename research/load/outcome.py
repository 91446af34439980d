"""The fate of the captures that a stack accepted, from its database and with the employees' keys."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.conf import settings

from emotion.models import Capture
from emotion.valkey import connect
from research.load.people import Employee
from vault.journal.kinds import Reading
from vault.journal.reading import read_journal

_SHARES = (50, 95, 99)


def measure_outcome(accepted: Mapping[UUID, int], employees: Sequence[Employee]) -> dict[str, Any]:
    """`lost`: accepted, but neither recorded nor reported as failed. `twice`: with several readings in the journal."""
    states = dict(Capture.objects.values_list("pk", "state"))
    read, damaged = _read_journals(employees)
    ended = {pk for pk, state in states.items() if state != Capture.State.QUEUED}
    recorded = {pk for pk, state in states.items() if state == Capture.State.RECORDED}
    return {
        "states": dict(Counter(states.values())),
        "reasons": dict(Counter(Capture.objects.exclude(reason="").values_list("reason", flat=True))),
        "recorded": len(recorded & accepted.keys()),
        "told_otherwise": len((ended - recorded) & accepted.keys()),
        "lost": len(accepted.keys() - ended),
        "recorded_without_entry": len(recorded - read.keys()),
        "entry_of_another_state": len(read.keys() - recorded),
        "in_the_wrong_journal": sum(accepted[pk] not in owners for pk, owners in read.items() if pk in accepted),
        "twice": sum(len(owners) > 1 for owners in read.values()),
        "damaged": damaged,
        "keys_left": Capture.objects.exclude(sealed_key=None).count(),
        "frames_left": _count_frames(),
        "entries": sum(map(len, read.values())),
        "tries": _count_tries(accepted),
        **_measure_speed(),
    }


def _read_journals(employees: Sequence[Employee]) -> tuple[dict[UUID, list[int]], int]:
    """The employees in whose journals there is a reading of each capture, and how many rows do not open."""
    found: dict[UUID, list[int]] = {}
    damaged = 0
    for owner, employee in enumerate(employees):
        journal = read_journal(employee.open_vault())
        damaged += len(journal.damaged)
        for entry in journal.of(Reading):
            found.setdefault(entry.data.capture, []).append(owner)
    return found, damaged


def _count_tries(accepted: Mapping[UUID, int]) -> dict[str, int]:
    """Number of captures by number of claims."""
    rows = Capture.objects.values_list("pk", "attempts")
    attempts = Counter(times for pk, times in rows if pk in accepted)
    return {str(times): count for times, count in sorted(attempts.items())}


def _measure_speed() -> dict[str, Any]:
    rows = Capture.objects.filter(state=Capture.State.RECORDED).values_list("queued_at", "finished_at")
    times = [(queued, finished) for queued, finished in rows if finished]
    if not times:
        return {"seconds": 0.0, "accept_to_entry_seconds": {}}
    waits = sorted((finished - queued).total_seconds() for queued, finished in times)
    span = max(finished for _, finished in times) - min(queued for queued, _ in times)
    return {
        "seconds": round(span.total_seconds(), 2),
        "accept_to_entry_seconds": {f"p{share}": round(waits[(len(waits) - 1) * share // 100], 3) for share in _SHARES},
    }


def _count_frames() -> int:
    """Captures with a blob; looks at all of them."""
    with connect(settings.BLOBS_URL) as client:
        return sum(1 for _ in client.scan_iter(match="wb:frames:*", count=2000))
