import math
from uuid import uuid4

import pytest

from recommender.ranking.effects import FLOOR, change_of, find_effects
from recommender.ranking.history import Answer, History, Offer
from recommender.wording.trends import tell_effect
from tests.recommender.people import NOW, days_ago
from vault.journal.kinds import AnswerWord


def rated(count: int, *, helped: int = 1, slug: str = "walk") -> list[Offer]:
    return [Offer(uuid4(), slug, days_ago(i), 0, answer=Answer(NOW, "did", helped)) for i in range(count)]


def test_no_card_under_eight_ratings() -> None:
    assert find_effects(History(tuple(rated(FLOOR - 1))), grades={}) == ()
    (effect,) = find_effects(History(tuple(rated(FLOOR))), grades={"walk": "B"})
    assert effect.count == 8


def test_an_effect_is_drawn_towards_what_studies_found() -> None:
    (effect,) = find_effects(History(tuple(rated(8, helped=2))), grades={"walk": "B"})
    assert effect.change.value == pytest.approx((8 * 2 + 4 * 0.4) / 12)
    # No spread of their own, and the 4 ratings that studies stand for: variance 4 / (8 - 1 + 4), of the mean a twelfth.
    margin = 1.96 * math.sqrt(4 / 11 / 12)
    assert effect.change.low == pytest.approx(effect.change.value - margin)
    assert effect.change.high == pytest.approx(effect.change.value + margin)


def test_after_minus_before_outranks_the_guess_at_help() -> None:
    assert change_of(Answer(NOW, "did", 2, before=1, after=0)) == -1
    assert change_of(Answer(NOW, "did", 2, before=1)) == 2
    assert change_of(Answer(NOW, "did")) is None
    assert change_of(Answer(NOW, "not_now")) is None


@pytest.mark.parametrize("answer", ["not_now", "never"])
def test_what_was_not_done_is_not_rated(answer: AnswerWord) -> None:
    assert change_of(Answer(NOW, answer, 2, before=-1, after=1)) is None


def test_the_most_helpful_comes_first() -> None:
    offers = [*rated(8, helped=0, slug="call"), *rated(8, helped=2, slug="walk"), *rated(8, helped=-1, slug="tidy")]
    assert [effect.activity for effect in find_effects(History(tuple(offers)), grades={})] == ["walk", "call", "tidy"]


def test_a_card_gives_count_and_interval() -> None:
    (effect,) = find_effects(History(tuple(rated(8))), grades={"walk": "A"})
    assert (
        tell_effect(effect, "a walk")
        == "After a walk you rated +0.8, 8 times; it could as well be between +0.5 and +1.2."
    )
