"""No catalogue, however it is built, makes an activity tell a mood: see `recommender.ranking.bound`."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emotion.labels import EXPRESSIONS
from recommender.choices import Daypart, Limit, Place
from recommender.ranking import suggest as ranking
from recommender.ranking.bound import FACTOR, LEAST, deal, hold_chances
from recommender.ranking.exposure import measure_exposure
from recommender.ranking.history import History, Situation
from recommender.ranking.reward_model import Candidate
from recommender.ranking.suggest import SLOTS, suggest, weigh_piles
from tests.recommender.people import NOW, SAD, SITUATION, candidate, days_ago, mood_of, offer
from vault.journal.kinds import AnswerWord, Taste

ROUNDING = 1 + 1e-9
OTHERS = sorted({*EXPRESSIONS} - {"sadness"})


def make_honey(others: int = 40) -> list[Candidate]:
    """One activity for sad people alone, that never rests, among others that are for everybody else."""
    honey = candidate("badge-in", category="somatic", targets=frozenset({"sadness"}), minutes=3, cooldown_hours=0)
    targets = [frozenset({OTHERS[i % 6], OTHERS[(i + 1) % 6]}) for i in range(others)]
    return [honey, *(candidate(f"other-{i}", category=f"kind-{i % 7}", targets=targets[i]) for i in range(others))]


def make_hostile(rng: np.random.Generator) -> list[Candidate]:
    """Anything that can be saved: few or many, one mood targeted by one or by some, every restriction."""

    def some(words: Sequence[str], chance: float) -> frozenset[str]:
        return frozenset(rng.choice(words, size=2).tolist()) if rng.random() < chance else frozenset()

    shown, strict = float(rng.random()), float(rng.random()) / 3
    return [
        candidate(
            f"a-{i}",
            category=f"kind-{rng.integers(1 + i % 6)}",
            targets=frozenset({"sadness"}) if rng.random() < shown / 4 else some(EXPRESSIONS, shown),
            minutes=int(rng.integers(1, 12)),
            grade=str(rng.choice(list("ABCD"))),
            places=some(Place.values, strict),
            dayparts=some(Daypart.values, strict),
            limits=some(Limit.values, strict),
            cooldown_hours=int(rng.integers(0, 744)),
        )
        for i in range(int(rng.integers(2, 45)))
    ]


def make_past(rng: np.random.Generator) -> History:
    answers: list[AnswerWord | None] = ["did", "did", "not_now", "never", None]
    return History(
        tuple(
            offer(f"a-{rng.integers(45)}", days_ago(float(rng.integers(1, 40))), answers[rng.integers(5)])
            for _ in range(int(rng.integers(0, 25)))
        )
    )


def make_needs(rng: np.random.Generator) -> dict[str, float] | None:
    if rng.random() < 0.2:
        return None
    return dict(zip(EXPRESSIONS, rng.dirichlet(np.full(7, 0.3)).tolist(), strict=True))


def find_page_chances(
    candidates: Sequence[Candidate],
    needs: Mapping[str, float] | None,
    situation: Situation,
    history: History,
    *,
    taste: Taste | None = None,
    count: int = SLOTS,
    shown: Sequence[str] = (),
    deals: int = 2,
) -> dict[str, float]:
    chances: dict[str, float] = defaultdict(float)
    for seed in range(deals):
        rng = np.random.default_rng(seed)
        for pile, held in weigh_piles(
            candidates,
            needs=needs,
            situation=situation,
            history=history,
            rng=rng,
            taste=taste,
            count=count,
            shown=shown,
        ):
            for one, chance in zip(pile, held, strict=True):
                chances[one.slug] += float(chance) / deals
    return chances


@given(seed=st.integers(0, 1_000_000), low=st.tuples(st.booleans(), st.booleans()), count=st.integers(1, 4))
@settings(max_examples=60, deadline=None)
def test_no_chance_on_a_page_differs_between_two_moods_by_more_than_the_factor(
    seed: int, low: tuple[bool, bool], count: int
) -> None:
    rng = np.random.default_rng(seed)
    candidates, history = make_hostile(rng), make_past(rng)
    situation = Situation(
        now=NOW.replace(hour=int(rng.integers(24))),
        place=[None, "desk"][rng.integers(2)],
        minutes=[None, 10][rng.integers(2)],
        avoid=frozenset(["walking"][: rng.integers(2)]),
    )
    shown = [f"a-{rng.integers(45)}" for _ in range(rng.integers(3))]
    taste = Taste(likes=("kind-1",), minutes=10, company="alone")
    one, other = (
        find_page_chances(
            candidates,
            make_needs(rng),
            replace(situation, gentle=gentle),
            history,
            taste=taste,
            count=count,
            shown=shown,
        )
        for gentle in low
    )
    assert one.keys() == other.keys()
    assert all(one[slug] <= FACTOR * other[slug] * ROUNDING for slug in one)
    assert sum(one.values()) == pytest.approx(sum(other.values()))


def test_a_honey_activity_is_drawn_hardly_more_often_in_the_mood_it_targets() -> None:
    """Were chances not held, it would be on 90 of 100 sad pages and on one in 200 of others."""
    moods = {name: mood_of({name: 0.5, "neutral": 0.5}, leading=name) for name in ("sadness", "happiness", "anger")}
    pages = 600
    seen = {}
    for name, mood in moods.items():
        rng = np.random.default_rng(3)
        drawn = [
            suggest(make_honey(), mood=mood, situation=SITUATION, history=History(), rng=rng) for _ in range(pages)
        ]
        seen[name] = sum("badge-in" in {one.slug for one in page} for page in drawn)
    assert seen["sadness"] < 0.2 * pages
    assert min(seen.values()) > 0.03 * pages
    assert max(seen.values()) < 4 * min(seen.values())


def test_what_fits_a_mood_is_still_drawn_more_often() -> None:
    candidates = [
        candidate(f"a-{i}", category=f"kind-{i % 5}", targets=frozenset({"sadness" if i % 3 else "happiness"}))
        for i in range(30)
    ]
    sad = find_page_chances(candidates, {name: float(name == "sadness") for name in EXPRESSIONS}, SITUATION, History())
    happy = find_page_chances(
        candidates, {name: float(name == "happiness") for name in EXPRESSIONS}, SITUATION, History()
    )
    fitting = {one.slug for one in candidates if "sadness" in one.targets}
    assert sum(sad[slug] for slug in fitting) > 1.5
    assert sum(happy[slug] for slug in fitting) < 0.9


@pytest.mark.parametrize(
    ("wanted", "blind", "held"),
    [
        ([0.5, 0.5], [0.5, 0.5], [0.5, 0.5]),
        ([0.6, 0.4], [0.5, 0.5], [0.6, 0.4]),
        ([0.99, 0.01], [0.5, 0.5], [0.7, 0.3]),
        ([0.98, 0.01, 0.01], [0.1, 0.45, 0.45], [0.18, 0.41, 0.41]),
        ([0.001, 0.998, 0.001], [0.6, 0.2, 0.2], [0.36, 0.36, 0.28]),
        ([1.0], [1.0], [1.0]),
    ],
)
def test_chances_are_held_near_those_without_a_mood(wanted: list[float], blind: list[float], held: list[float]) -> None:
    found = hold_chances(np.array(wanted), np.array(blind))
    assert found.sum() == pytest.approx(1)
    assert found == pytest.approx(held, abs=0.001)


@given(st.integers(1, 60), st.integers(0, 10_000))
def test_held_chances_are_chances_within_the_bound(count: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    wanted, blind = rng.dirichlet(np.full(count, 0.3), 2) + 1e-4
    wanted, blind = wanted / wanted.sum(), blind / blind.sum()
    found = hold_chances(wanted, blind)
    assert found.sum() == pytest.approx(1)
    assert (found >= LEAST * blind / ROUNDING).all()
    assert (found <= FACTOR * LEAST * blind * ROUNDING).all()


def slugs_of(piles: list[list[Candidate]]) -> list[list[str]]:
    return [[one.slug for one in pile] for pile in piles]


def test_categories_are_dealt_in_turn_and_never_to_two_places() -> None:
    ranked = [candidate(f"{kind}{i}", category=kind) for i in range(2) for kind in "xyz"]
    assert slugs_of(deal(ranked, count=2)) == [["x0", "x1", "z0", "z1"], ["y0", "y1"]]


def test_what_is_on_the_page_or_waits_is_dealt_last() -> None:
    ranked = [candidate(kind, category=kind) for kind in "xyz"]
    assert slugs_of(deal(ranked, count=1, on_page="x", waiting="y")) == [["z"]]
    assert slugs_of(deal(ranked, count=2, on_page="x", waiting="y")) == [["z"], ["y"]]
    assert slugs_of(deal(ranked, count=4, on_page="x", waiting="y")) == [["z"], ["y"], ["x"]]


def test_one_category_is_split_where_there_is_no_other() -> None:
    ranked = [candidate(f"x{i}", category="x") for i in range(4)]
    assert slugs_of(deal(ranked, count=2)) == [["x0", "x2"], ["x1", "x3"]]
    assert deal([], count=2) == []


def test_the_measure_finds_a_catalogue_that_tells_when_nothing_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    held = measure_exposure(make_honey(), [SITUATION])
    monkeypatch.setattr(ranking, "hold_chances", lambda wanted, blind: wanted)
    loose = measure_exposure(make_honey(), [SITUATION], deals=20)
    assert held is not None
    assert 1 < held.factor <= FACTOR * ROUNDING
    assert loose is not None
    assert loose.factor > 20


def test_nothing_to_offer_tells_nothing() -> None:
    assert measure_exposure([candidate(review_due=NOW.date() - timedelta(days=1))], [SITUATION]) is None


def test_a_single_activity_is_offered_in_every_mood() -> None:
    for mood in (SAD, mood_of({"happiness": 1.0})):
        (only,) = suggest(
            [candidate()], mood=mood, situation=SITUATION, history=History(), rng=np.random.default_rng(1)
        )
        assert only.propensity == 1.0
