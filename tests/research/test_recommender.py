"""Small and seeded: that the measures measure. The figures that count come from the command at full size."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from research.recommender import rankings
from research.recommender.catalogue import read_options
from research.recommender.drops import measure_drops
from research.recommender.mixes import measure_mixes, weigh
from research.recommender.off_policy import judge_off_policy
from research.recommender.people import ANY, WEAK, MatrixFaces, RealFaces
from research.recommender.plots import draw_bars, draw_lines
from research.recommender.rankings import DAYS, SEEDS, measure_exploration, measure_rankings, measure_worlds
from research.recommender.report import write_report
from research.recommender.rules import check_rules
from research.recommender.world import PLAIN, Logged, Ours, World, all_knowing, at_random, live, make_colleague


@pytest.mark.slow
def test_a_weak_classifier_is_corrected_to_about_half_the_error_of_counting() -> None:
    figures = measure_mixes(
        MatrixFaces.of(WEAK, ANY), prior=ANY, faint_below=0.0, people=25, seed=4, cases=[("alike", 60), ("another", 60)]
    )
    alike, another = (figures["desk"][differ]["60"] for differ in ("alike", "another"))
    assert alike["known"] <= alike["counted"] / 2
    assert 0.9 <= alike["new_covered"] <= 1.0
    # Eight weeks of somebody else mislead, but not much.
    assert another["known"] <= 1.1 * another["counted"]


@pytest.mark.slow
def test_who_knows_the_usual_and_how_weeks_differ_errs_least() -> None:
    figures = measure_mixes(
        MatrixFaces.of(WEAK, ANY), prior=ANY, faint_below=0.0, people=10, seed=4, cases=[("alike", 60), ("some", 60)]
    )
    alike, some = (figures["like a desk"][differ]["60"] for differ in ("alike", "some"))
    assert alike["best"] == 0.0
    assert 0.0 < some["best"] < some["known"] < some["new"]


def test_mixes_are_weighed_by_how_well_they_explain_the_readings() -> None:
    mixes = np.array([[0.8, 0.2], [0.4, 0.6]])
    assert weigh(np.eye(2)[[0, 0, 1]], mixes) == pytest.approx((0.128 * mixes[0] + 0.096 * mixes[1]) / 0.224)


def test_a_camera_that_never_errs_is_read_without_error() -> None:
    faces = RealFaces(np.eye(7), np.arange(7))
    seen, labels = faces.read(np.array([3, 4, 0]), np.random.default_rng(1))
    assert labels.tolist() == [3, 4, 0]
    assert seen.argmax(axis=1).tolist() == [3, 4, 0]


@pytest.mark.slow
def test_alarms_keep_their_budget() -> None:
    figures = measure_drops(people=150, seed=2)
    for name in ("fresh", "settled"):
        assert figures[name]["stable_alarmed_in_30_days"] <= 0.19
        assert figures[name]["drop_caught_in_14_days"] >= 0.45


def test_no_rule_is_broken_and_no_category_fills_half() -> None:
    figures = check_rules(read_options(), people=2, days=60, seed=1)
    assert figures["offers"] == 2 * 60 * 2
    assert figures["broken"] == {}
    assert figures["largest_category"] <= 0.5


def test_suggestions_learn_more_than_chance_and_less_than_knowing() -> None:
    options = read_options()
    gains = {}
    for name, policy in (("random", at_random), ("ours", Ours), ("best", None)):
        people = [make_colleague(options, np.random.default_rng(seed)) for seed in range(4)]
        gains[name] = np.mean(
            [
                live(person, policy(np.random.default_rng(9)) if policy else all_knowing(), options, days=25)[
                    -8:
                ].mean()
                for person in people
            ]
        )
    assert gains["random"] * 1.1 < gains["ours"] < gains["best"]


def test_the_log_alone_tells_what_another_policy_would_gain() -> None:
    rng = np.random.default_rng(3)
    log = []
    for number in range(400):
        first = rng.random() < 0.8
        gain = float(rng.random() < (0.2 if first else 0.6))
        log.append(Logged(number, 0, int(not first), 0.8 if first else 0.2, (0, 1), gain, (0.2, 0.6), 1))
    alike, _ = judge_off_policy(log)
    assert alike["truth"] == 0.4
    assert alike["low"] < 0.4 < alike["high"]
    assert abs(alike["estimate"] - 0.4) < 0.1


@pytest.mark.slow
def test_what_can_be_set_is_tried_and_the_best_setting_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rankings, "find_rivals", lambda: {"Stubborn": {"a": rankings.OTHERS["table"]}})
    figures = measure_rankings(read_options(), people=2, rivals_people=1, seed=5)
    assert figures["ours"]["people"] == 2 * SEEDS
    assert len(figures["ours"]["by_seed"]) == SEEDS
    assert len(figures["ours"]["curve"]) == DAYS
    assert figures["mabwiser"]["Stubborn"]["setting"] == "a"
    assert figures["mabwiser"]["Stubborn"]["people"] == SEEDS
    assert [row["logged"] for row in figures["off_policy"]] == [2 * SEEDS * DAYS] * 2


@pytest.mark.slow
def test_other_worlds_and_other_shares_are_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rankings, "LONG", 30)
    monkeypatch.setattr(rankings, "EXPLORATION", (0.25,))
    monkeypatch.setattr(rankings, "WORLDS", {"as above": PLAIN, "dumb": World(answered=0.0)})
    worlds = measure_worlds(read_options(), people=1, seed=5)
    assert set(worlds["dumb"]) == {"ours", *rankings.OTHERS}
    assert worlds["dumb"]["ours"] < worlds["as above"]["ours"]
    tried = measure_exploration(read_options(), people=1, seed=5)
    assert tried["shipped"] == {"share": 0.25}
    assert tried["0.25"]["day_30"] == tried["0.25"]["day_90"]


def test_the_same_people_are_found_in_one_process_and_in_two() -> None:
    alone, together = (check_rules(read_options(), people=2, days=5, seed=3, processes=n) for n in (1, 2))
    assert alone == together


def test_people_are_made_up_alike_from_the_same_seed(tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("one.jsonl", "two.jsonl")]
    for file in files:
        call_command("simulate_people", people=2, days=5, seed=7, drop_at=3, out=file)
    assert files[0].read_text() == files[1].read_text()
    people = [json.loads(line) for line in files[0].read_text().splitlines()]
    assert [(person["person"], person["drop_at"], len(person["days"])) for person in people] == [(0, 3, 5), (1, 3, 5)]
    for day in people[0]["days"]:
        assert len(day["shown"]) == len(day["readings"]) == (6 if day["observed"] else 0)


def test_people_as_a_table_have_a_reading_a_row(tmp_path: Path) -> None:
    call_command("simulate_people", people=1, days=6, format="csv", out=tmp_path / "people.csv")
    rows = list(csv.DictReader((tmp_path / "people.csv").read_text().splitlines()))
    assert rows
    assert all(abs(sum(float(row[name]) for name in list(row)[5:]) - 1) < 0.001 for row in rows)


def test_nobody_cannot_be_made_up() -> None:
    with pytest.raises(CommandError, match="at least one person"):
        call_command("simulate_people", people=0)


@pytest.mark.parametrize(
    "draw",
    [
        lambda: draw_lines({"ours": [0.1, 0.3], "R & D": [0.2, 0.2]}, title="Gain <1>", across="day", up="share"),
        lambda: draw_bars({"day": {"ours": 0.1, "R & D": 0.2}}, title="Gain <1>", up="share"),
    ],
    ids=["lines", "bars"],
)
def test_a_plot_is_words_and_the_same_bytes_every_time(draw: Callable[[], str]) -> None:
    text = draw()
    words = {element.text for element in ElementTree.fromstring(text).iter("{http://www.w3.org/2000/svg}text")}
    assert words >= {"Gain <1>", "share", "day", "ours", "R & D"}
    assert draw() == text
    assert "date" not in text


def test_a_report_holds_only_what_was_measured(tmp_path: Path) -> None:
    rules = {"people": 3, "days": 9, "offers": 54, "broken": {}, "largest_category": 0.25}
    write_report({"rules": rules}, tmp_path / "report.md")
    text = (tmp_path / "report.md").read_text()
    assert "3 people over 9 days, 54 offers; constraints and cooldowns broken: none." in text
    assert "## Speed" not in text


#: Ours and the best there is by how much weeks differ, where counting errs by 0.1.
CASES = (("little", 0.05, 0.04), ("some", 0.06, 0.05), ("much", 0.07, 0.06), ("another", 0.09, 0.055))


def test_a_report_says_where_half_the_error_of_counting_is_reached(tmp_path: Path) -> None:
    def row(known: float, best: float) -> dict[str, dict[str, float]]:
        parts = {"counted": 0.1, "faultless": 0.07, "new": 0.08, "known": known, "best": best}
        return {"60": parts | {"new_covered": 0.95, "known_covered": 0.96}}

    kinds = [
        {differ: row(known + off, best) for differ, known, best in CASES} | {"alike": row(0.04 + off, 0.0)}
        for off in (-0.01, 0.01)
    ]
    for kind in kinds:
        for differ in ("alike", "some"):
            kind[differ] |= dict.fromkeys(("30", "200"), kind[differ]["60"])
        kind["much"]["60"]["known_covered"] = 0.91
    write_report({"mixes_of_labels": dict(zip(("one", "other"), kinds, strict=True))}, tmp_path / "report.md")
    text = (tmp_path / "report.md").read_text()
    assert "| 0.80 (95.0 %) | 0.40 (96.0 %) | 0.50 (96.0 %) | 0.60 (96.0 %) |" in text
    assert "matrix for weeks all alike and weeks a little different (0.25). In a first window" in text
    assert "above half for weeks very different (1.0) and a week like another person's: no arithmetic" in text
    assert "table, except for labels as wrong as its confusion matrix, weeks very different (1.0): 91.0 %.\n" in text
