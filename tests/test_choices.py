"""Values that pure code names, and the words people read for them, are the same lists."""

from emotion.choices import Ending, Expression, NoReading, Trigger
from emotion.labels import EXPRESSIONS, QUALITY_REASONS
from emotion.models import Capture
from recommender import choices
from recommender.mood.affect import LEVEL_EDGES, level_of
from recommender.mood.patterns import daypart_of
from recommender.ranking.suggest import GRADES
from vault.journal.kinds import ANSWERS, COMPANIES


def test_expressions_and_reasons_are_those_of_the_classifier() -> None:
    assert tuple(Expression.values) == EXPRESSIONS
    assert tuple(NoReading.values) == QUALITY_REASONS


def test_what_a_camera_is_used_for_and_how_that_ends() -> None:
    assert Capture._meta.get_field("trigger").choices == Trigger.choices
    assert Ending.values == ["sent", "dropped", "discarded", "skipped", "denied", "failed", "stopped"]


def test_answers_company_and_grades_are_those_of_the_ranking() -> None:
    assert tuple(choices.Answer.values) == ANSWERS
    assert tuple(choices.Company.values) == COMPANIES
    assert tuple(choices.Grade.values) == GRADES
    assert [str(grade.explanation).split(".")[0] for grade in choices.Grade] == [
        "Several good studies or a review of many agree",
        "Some good studies support it",
        "Early, small or indirect studies point this way",
        "Common advice that hardly anybody has studied",
    ]


def test_every_hour_is_in_a_part_of_the_day() -> None:
    hours = [0, 10, 11, 13, 14, 17, 18, 23]
    assert [daypart_of(hour) for hour in hours] == [part for part in choices.Daypart.values for _ in range(2)]


def test_every_level_has_a_letter_and_words() -> None:
    levels = [level_of(value) for value in (-1, *LEVEL_EDGES)]
    assert levels == list(range(len(choices.LEVELS))) == list(range(len(choices.ENERGY_WORDS)))
    assert [str(letter) for letter, _ in choices.LEVELS] == ["U", "u", "n", "p", "P"]


def test_ratings_go_from_minus_two_to_two() -> None:
    assert choices.Felt.values == choices.Helped.values == [-2, -1, 0, 1, 2]
