from typing import Any

import pytest

from research.training.plan import TrainingPlan


@pytest.mark.parametrize("wrong", [{"frozen_blocks": 9}, {"frozen_blocks": -1}, {"refit_copies": -1}])
def test_blocks_and_copies_there_cannot_be_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="frozen_blocks must be 0 to 5, refit_copies at least 0"):
        TrainingPlan(out="", **wrong)


def test_a_share_of_no_network_is_refused() -> None:
    with pytest.raises(ValueError, match="start_share is a share under 1 of the network"):
        TrainingPlan(out="", start_share=0.5)
