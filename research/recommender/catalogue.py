"""The starter catalogue as candidates for ranking, from its file, so that no database is needed."""

import json
from datetime import date
from pathlib import Path
from typing import Final

from recommender.ranking.reward_model import Candidate

PATH: Final = Path(__file__).parents[2] / "recommender" / "catalogue" / "data" / "activities.json"


def read_options(path: Path = PATH) -> list[Candidate]:
    """All activities, with no review due: ranking is measured, not the calendar."""
    return [
        Candidate(
            slug=item["slug"],
            category=item["category"],
            targets=frozenset(item["targets"]),
            minutes=item["minutes"],
            grade=item["evidence_grade"],
            places=frozenset(item["places"]),
            dayparts=frozenset(item["dayparts"]),
            limits=frozenset(item["limits"]),
            cooldown_hours=item["cooldown_hours"],
            safety=item["safety"],
            review_due=date(2099, 1, 1),
        )
        for item in json.loads(path.read_text(encoding="utf-8"))["activities"]
    ]
