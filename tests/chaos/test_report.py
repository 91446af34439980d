"""The page on reliability says what was measured, what was broken and what was never tried."""

from tests.chaos.report import write

NUMBERS = dict.fromkeys(
    ("accepted", "recorded", "told_otherwise", "lost_silently", "recorded_twice", "keys_left", "frames_left"), 0
)
RUN = {
    "database": "sqlite",
    "load": "60 a second",
    "posted": 3600,
    "accepted": 3600,
    "recorded": 3600,
    "captures_per_second": 59.9,
    "accept_to_entry_seconds": {"p50": 0.1, "p95": 0.3, "p99": 0.4},
    "processor_ms_per_capture": {"web": 3.0, "all": 12.5},
    "memory_mib": {"worker": {"first": 400.0, "middle": 401.0, "last": 401.5}},
}

MACHINE = {
    "processor": "EPYC",
    "cores": 4,
    "features": {"avx2": True, "avx512_vnni": False},
    "system": "Linux, Python 3.11.7",
}


def test_nothing_measured_is_said_so() -> None:
    assert write({}, {}, {}).count("Not measured yet.") == 3


def test_each_plan_has_a_line_whether_it_held_broke_or_was_not_run() -> None:
    held = NUMBERS | {"accepted": 20, "recorded": 19, "told_otherwise": 1, "rounds": 2, "reasons": {}}
    page = write({"dose": "full", "sqlite": {"zombie": held, "poison": {"failed": "one was lost"}}}, {}, {})
    assert "The full dose." in page
    assert "| a worker asleep beyond its claim, then awake (C6) | rounds 2 | 20 | 19 | 1 | 0 | 0 | 0 | 0 |" in page
    assert "| **broken**: one was lost |" in page
    assert "| nothing (C0) | not run |" in page


def test_speed_and_growth_are_tables() -> None:
    sizes = [{"waiting": 1000, "people": 10, "accept": 3.1, "record": 0.9, "sweep": 12.0, "vacuum": 0.02}]
    burst = RUN | {"frames_per_capture": 3, "captures_per_second": 20.1, "load": "20 a second, 2 worker processes"}
    places = [{"machine": "2 cores", "runs": [RUN]}, {"machine": MACHINE, "runs": [burst]}]
    page = write({}, {"machines": places}, {"runs": [{"machine": MACHINE, "database": "postgresql", "sizes": sizes}]})
    rest = "0.1 / 0.3 / 0.4 | web: 3.0, all: 12.5 | 400.0, 401.0, 401.5 |"
    assert "On 2 cores, its processor not written down:" in page
    assert f"| SQLite | 3600 captures, 60 a second | 1 | 59.9 | 59.9 | {rest}" in page
    assert page.count("On 4 cores, EPYC (avx2), Linux, Python 3.11.7:") == 2
    assert f"| SQLite | 3600 captures, 20 a second, 2 worker processes | 3 | 20.1 | 60.3 | {rest}" in page
    assert "* SQLite, 1 picture a capture: 59.9/s" in page
    assert "* SQLite, 3 pictures a capture: 20.1/s" in page
    assert "| PostgreSQL | 1000 | 10 | 3.1 | 0.9 | 12.0 | 12.0 | 20.0 |" in page


def test_only_what_was_soon_recorded_for_a_minute_was_kept_up() -> None:
    late = RUN | {"accept_to_entry_seconds": {"p50": 1.0, "p95": 2.1, "p99": 3.0}}
    lost = RUN | {"recorded": 3599}
    flood = RUN | {"load": "as fast as they are taken, 2 worker processes"}
    page = write({}, {"machines": [{"machine": "2 cores", "runs": [late, lost, flood]}]}, {})
    assert "within 2 s:\n\n* nothing\n" in page
