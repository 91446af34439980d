"""The expected reward in figures, so that a weight that is changed is changed on purpose."""

import numpy as np
import pytest

from emotion.labels import EXPRESSIONS
from recommender.ranking.history import History
from recommender.ranking.reward_model import Candidate, Posterior, expect_rewards, weigh_mood
from tests.recommender.people import candidate, days_ago, offer
from vault.journal.kinds import Company, Taste

#: Of grade B, never offered before.
PLAIN = 0.58 + 0.03


def expect(activity: Candidate, *, taste: Taste | None = None) -> float:
    return float(expect_rewards([activity], history=History(), taste=taste).means[0])


@pytest.mark.parametrize(("grade", "mean"), [("A", 0.62), ("B", 0.58), ("C", 0.54), ("D", 0.50), ("", 0.50)])
def test_the_grade_of_the_evidence_is_where_it_starts(grade: str, mean: float) -> None:
    assert expect(candidate(grade=grade)) == pytest.approx(PLAIN - 0.58 + mean)


@pytest.mark.parametrize(
    ("taste", "effect"),
    [
        (Taste(likes=(), minutes=None, company="either"), 0.0),
        (Taste(likes=("somatic",), minutes=None, company="either"), 0.1),
        (Taste(likes=("rest",), minutes=None, company="either"), 0.0),
        (Taste(likes=(), minutes=9, company="either"), -0.1),
        (Taste(likes=(), minutes=10, company="either"), 0.0),
        (Taste(likes=("somatic",), minutes=9, company="either"), 0.0),
    ],
)
def test_taste_moves_it_a_little(taste: Taste, effect: float) -> None:
    assert expect(candidate(minutes=10), taste=taste) == pytest.approx(PLAIN + effect)


@pytest.mark.parametrize(
    ("company", "shared", "alone"), [("with", 0.08, 0.0), ("alone", -0.08, 0.0), ("either", 0.0, 0.0)]
)
def test_company_is_for_who_likes_it(company: Company, shared: float, alone: float) -> None:
    taste = Taste(likes=(), minutes=None, company=company)
    assert expect(candidate(limits=("company",)), taste=taste) == pytest.approx(PLAIN + shared)
    assert expect(candidate(), taste=taste) == pytest.approx(PLAIN + alone)


@pytest.mark.parametrize(
    ("activity", "effect"),
    [
        (candidate(minutes=10), 0.1),
        (candidate(minutes=11), 0.0),
        (candidate(minutes=10, limits=("effort",)), 0.0),
    ],
)
def test_low_days_favour_ten_minutes_without_effort(activity: Candidate, effect: float) -> None:
    plain = weigh_mood([activity], needs=None)
    assert weigh_mood([activity], needs=None, gentle=True) - plain == pytest.approx([effect])


def test_a_mood_moves_it_by_at_most_an_eighth_up_or_down() -> None:
    needs: dict[str, float] = {name: float(name == "sadness") for name in EXPRESSIONS}
    others = [candidate(), candidate("laugh", targets=frozenset({"happiness"}))]
    assert weigh_mood(others, needs=needs) == pytest.approx([0.125, -0.125])


def test_what_was_offered_before_is_no_news() -> None:
    before = History((offer("walk", days_ago(9)),))
    assert expect_rewards([candidate()], history=before).means == pytest.approx([PLAIN - 0.03])


def test_two_answers_count_by_their_weights() -> None:
    answered = History((offer("walk", days_ago(9), "did", 2), offer("walk", days_ago(4), "not_now")))
    after = expect_rewards([candidate()], history=answered)
    # 1 of weight 1 and 0.25 of weight 0.75, against 0.58; the activity and its category vary by 0.15 each.
    residual = (1 + 0.25 * 0.75) / 1.75 - 0.58
    gain = 0.045 / (0.045 + 0.0625 / 1.75)
    assert after.means == pytest.approx([PLAIN - 0.03 + gain * residual])
    assert after.covariance[0, 0] == pytest.approx(0.045 * (1 - gain))


def test_draws_have_the_means_and_a_share_of_the_deviations_and_of_what_goes_together() -> None:
    posterior = Posterior(np.array([0.2, 0.7]), np.array([[0.04, 0.03], [0.03, 0.09]]))
    draws = posterior.draw(200_000, np.random.default_rng(1), scale=0.5)
    assert draws.shape == (200_000, 2)
    assert draws.mean(axis=0) == pytest.approx([0.2, 0.7], abs=1e-3)
    assert np.cov(draws.T) == pytest.approx(posterior.covariance / 4, abs=3e-4)


def test_after_a_thousand_answers_there_is_still_something_to_draw() -> None:
    offers = tuple(offer(slug, days_ago(9), "did", 1) for slug in ("walk", "tidy") for _ in range(500))
    posterior = expect_rewards([candidate(), candidate("tidy"), candidate("call")], history=History(offers))
    assert np.linalg.eigvalsh(posterior.covariance).min() > 1e-4 / 2
    assert posterior.draw(3, np.random.default_rng(1)).shape == (3, 3)
