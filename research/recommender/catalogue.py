"""The starter catalogue as candidates for ranking, from its file, so that no database is needed."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Final

from recommender.catalogue.checks import read_candidate
from recommender.ranking.reward_model import Candidate

PATH: Final = Path(__file__).parents[2] / "recommender" / "catalogue" / "data" / "activities.json"


def read_options(path: Path = PATH) -> list[Candidate]:
    """All activities, with no review due: ranking is measured, not the calendar."""
    items = json.loads(path.read_text(encoding="utf-8"))["activities"]
    return [replace(read_candidate(item), review_due=date(2099, 1, 1)) for item in items]
