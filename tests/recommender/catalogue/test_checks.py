import re
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from recommender.catalogue.checks import check_contents, find_gaps
from recommender.catalogue.models import Activity
from recommender.catalogue.services.catalogue import load_catalogue, read_shipped
from recommender.ranking import suggest

Contents = list[dict[str, Any]]


@pytest.fixture(scope="module")
def shipped() -> Contents:
    return read_shipped()["activities"]


def test_the_shipped_catalogue_has_nothing_to_mend(shipped: Contents) -> None:
    assert check_contents(shipped, languages=["de"]) == []


def test_it_holds_at_least_eighty_activities_of_eight_categories_mostly_short(shipped: Contents) -> None:
    ranked = [item for item in shipped if item["safety"] == "normal"]
    assert len(ranked) >= 95
    counts = {item["category"]: 0 for item in ranked}
    for item in ranked:
        counts[item["category"]] += 1
    assert len(counts) == 8
    assert min(counts.values()) >= 8
    assert sum(item["minutes"] <= 15 for item in ranked) / len(ranked) > 0.85


def test_no_reference_is_called_verified_before_whoever_runs_the_site_has_opened_it(shipped: Contents) -> None:
    assert [item["slug"] for item in shipped if item["reference_verified"]] == []


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"title": "A"}, "title has 1 characters, not 3 to 60"),
        ({"body": "Short."}, "body has 6 characters, not 40 to 400"),
        ({"effect_note": "It helps people a little bit"}, "effect_note does not end like a sentence"),
        ({"body": "When you are sad, go outside and look at a tree."}, "body says 'you are sad'"),
        ({"body": "Go to go/calm and look at a tree for a minute."}, "body says 'go/calm'"),
        ({"doi": "doi:10.1/x"}, "'doi:10.1/x' is not a DOI"),
        ({"evidence_grade": "A", "reference": "", "doi": ""}, "graded without a reference"),
        ({"reference": "Somebody. Something."}, "the reference names no year"),
        (
            {"reference_verified": True, "reference": "", "doi": "", "evidence_grade": "D"},
            "verified without a reference",
        ),
        ({"translations": {}}, "not told in de"),
    ],
)
def test_each_rule_finds_what_breaks_it(shipped: Contents, changes: dict[str, Any], problem: str) -> None:
    broken = {**shipped[0], **changes}
    assert check_contents([broken, *shipped[1:]], languages=["de"])[0] == f"{broken['slug']}: {problem}"


def test_twins_are_found(shipped: Contents) -> None:
    twin = {**shipped[0], "slug": "twin", "title": shipped[0]["title"].upper()}
    problems = check_contents([*shipped, twin], languages=["de"])
    assert [problem.partition(":")[0] for problem in problems] == [
        "the same title 2 times", "the same body 2 times", "the same title in de",
    ]  # fmt: skip


def test_a_moment_with_too_little_to_offer_is_a_gap(shipped: Contents) -> None:
    no_disgust = [item for item in shipped if "disgust" not in item["targets"]]
    gaps = find_gaps(no_disgust)
    assert gaps[0] == "too little for disgust, desk, morning: 0"
    assert all(gap.startswith("too little for disgust") for gap in gaps)
    assert len(gaps) == 5 * 4 * 9


@pytest.mark.django_db
def test_the_command_checks_what_is_live_and_fails_on_what_to_mend(capsys: pytest.CaptureFixture[str]) -> None:
    load_catalogue()
    call_command("check_catalogue")
    assert capsys.readouterr().out.endswith("activities, nothing to mend.\n")
    Activity.objects.filter(slug="micro-break").update(doi="nonsense")
    with pytest.raises(CommandError, match="1 to mend"):
        call_command("check_catalogue")
    assert "micro-break: 'nonsense' is not a DOI" in capsys.readouterr().err


@pytest.mark.django_db
def test_the_command_says_how_much_an_offer_tells_of_a_mood(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    load_catalogue()
    call_command("check_catalogue")
    assert re.search(
        r"No chance differs more between two moods than that of [\w-]+: [23]\.\d\d times likelier at .+ than at .+ \(",
        capsys.readouterr().out,
    )
    monkeypatch.setattr(suggest, "hold_chances", lambda wanted, blind: wanted)
    with pytest.raises(CommandError, match="1 to mend"):
        call_command("check_catalogue")
    assert re.search(r"[\w-]+: \d+\.\d\d times likelier at .+ than at .+, more than 3 times", capsys.readouterr().err)
