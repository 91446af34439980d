"""What a proxy's log, the network and the rows of the database show of a day: nothing of its person's mood."""

import pytest

from recommender.catalogue.services.catalogue import load_catalogue
from tests.outside import Visitor, make_person, spend_a_day

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("has_script", [True, False], ids=["script", "no script"])
def test_a_calm_and_a_low_month_leave_the_same_lines_and_sizes(has_script: bool) -> None:
    load_catalogue()
    logs = {}
    for seed in range(4):
        for low in (False, True):
            visitor = Visitor.of(*make_person(f"{seed}-{low}", low=low, seed=seed), has_script=has_script)
            spend_a_day(visitor, is_asked=low)
            logs[seed, low] = visitor.lines
    assert len(logs[0, False]) > 40
    assert {key: log for key, log in logs.items() if log != logs[0, False]} == {}
