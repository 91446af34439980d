"""A fault run that was cut off goes on where it ended, and two runs share one file."""

import json
from pathlib import Path

from tests.chaos.plans import Figures
from tests.chaos.run import DOSES, _choose, _keep

SOUND, BROKEN = {"recorded": 5}, {"failed": "AssertionError: 1 lost"}


def test_figures_of_two_databases_come_together_in_one_file(tmp_path: Path) -> None:
    out = tmp_path / "chaos.json"
    assert _keep(out, "full", "sqlite") == {}
    _keep(out, "full", "sqlite", {"no_fault": BROKEN})
    _keep(out, "full", "postgresql", {"no_fault": SOUND})
    assert _keep(out, "full", "sqlite", {"no_fault": SOUND}) == {"no_fault": SOUND}
    assert json.loads(out.read_text()) == {
        "dose": "full",
        "sqlite": {"no_fault": SOUND},
        "postgresql": {"no_fault": SOUND},
    }


def test_figures_of_another_dose_are_not_kept(tmp_path: Path) -> None:
    out = tmp_path / "chaos.json"
    _keep(out, "quick", "sqlite", {"no_fault": SOUND, "poison": SOUND})
    _keep(out, "full", "sqlite", {"no_fault": SOUND})
    assert json.loads(out.read_text()) == {"dose": "full", "sqlite": {"no_fault": SOUND}}


def test_what_failed_or_was_not_run_is_run_again() -> None:
    known: dict[str, Figures] = {"no_fault": SOUND, "poison": BROKEN, "disk_full": {"skipped": "no disk"}}
    left = _choose("full", None, known)
    assert set(left) == set(DOSES["full"]) - {"no_fault", "disk_full"}
    assert set(_choose("full", ["no_fault", "poison"], known)) == {"poison"}


def test_both_doses_have_every_plan() -> None:
    from tests.chaos.plans import PLANS

    assert set(DOSES["quick"]) == set(DOSES["full"]) == set(PLANS)
