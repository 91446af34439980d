from __future__ import annotations

import pytest

from emotion.classifier.spec import ModelSpec
from emotion.training.seven_bits import limit_weights

pytestmark = pytest.mark.slow


def test_shipped_weights_are_within_seven_bits() -> None:
    content = ModelSpec.load().read_weights()
    assert limit_weights(content) == content
