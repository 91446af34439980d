import threading
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import numpy as np
import pytest
from django.db import connection, connections
from pytest_django.fixtures import Settings

from accounts.models import User
from accounts.selectors import get_local_now
from core.exceptions import NotFound
from recommender.catalogue.models import Activity
from recommender.dashboard.services.suggestions import (
    OFFERS_A_DAY,
    AnswerInvalid,
    OfferedActivity,
    answer_suggestion,
    choose_activity,
    offer_suggestions,
)
from recommender.dashboard.services.today import read_today
from recommender.mood.observations import observe
from recommender.mood.summary import summarise
from recommender.ranking.history import History, Situation
from tests.entries import checkin, feedback, suggestion
from tests.recommender.activities import make_activity, make_catalogue
from tests.recommender.conftest import PASSPHRASE, Append, ReadFace
from vault.journal.compaction import delete_entry
from vault.journal.contents import Journal
from vault.journal.entries import OpenedVault
from vault.journal.kinds import Display, Feedback, Suggestion
from vault.journal.reading import read_journal
from vault.models import Entry
from vault.services.lifecycle import create_vault

pytestmark = pytest.mark.django_db


def look(alice: User, opened: OpenedVault, seed: int = 0) -> Sequence[OfferedActivity]:
    return read_today(user=alice, opened=opened, rng=np.random.default_rng(seed)).suggestions


def slugs(suggestions: Iterable[OfferedActivity]) -> list[str]:
    return [offered.activity.slug for offered in suggestions]


def test_two_activities_of_two_categories_are_offered_and_noted(alice: User, opened: OpenedVault) -> None:
    make_catalogue()
    offered = look(alice, opened)
    assert len({item.activity.category_id for item in offered}) == 2
    noted = read_journal(opened).of(Suggestion)
    assert {(entry.id, entry.data.activity) for entry in noted} == {(o.id, o.activity.slug) for o in offered}
    for entry in noted:
        assert entry.data.reason == {"days": 7, "grade": "B", "rule": "few", "readings": 0}
        assert 0 < (entry.data.propensity or 0) <= 1
    assert sorted(entry.data.slot for entry in noted) == [0, 1]


def test_asking_again_offers_the_same_and_notes_nothing(alice: User, opened: OpenedVault) -> None:
    make_catalogue()
    first = look(alice, opened, seed=1)
    assert look(alice, opened, seed=2) == first
    assert Entry.objects.count() == 2


def test_an_answered_one_makes_room_for_one_other(alice: User, opened: OpenedVault) -> None:
    make_catalogue()
    first = look(alice, opened)
    answer_suggestion(user=alice, opened=opened, suggestion_id=first[1].id, answer="not_now")
    second = look(alice, opened)
    assert slugs(second)[0] == slugs(first)[0]
    assert slugs(second)[1] not in slugs(first)


def test_the_same_answer_twice_is_noted_once_and_another_answer_counts(alice: User, opened: OpenedVault) -> None:
    make_catalogue()
    suggestion_id = look(alice, opened)[0].id
    for answer, helped in (("did", None), ("did", None), ("did", 2), ("did", None), ("never", None), ("never", None)):
        answer_suggestion(user=alice, opened=opened, suggestion_id=suggestion_id, answer=answer, helped=helped)
    said = [(entry.data.answer, entry.data.helped) for entry in read_journal(opened).of(Feedback)]
    assert said == [("did", None), ("did", 2), ("did", None), ("never", None)]


def test_switching_an_activity_off_takes_it_from_the_page_at_once(alice: User, opened: OpenedVault) -> None:
    make_catalogue()
    first = look(alice, opened)
    Activity.objects.filter(slug=slugs(first)[0]).update(active=False)
    second = look(alice, opened)
    assert slugs(first)[0] not in slugs(second)
    assert len(second) == 2
    Activity.objects.all().delete()
    assert look(alice, opened) == ()


def test_deleting_what_was_offered_offers_something_again(alice: User, opened: OpenedVault) -> None:
    make_catalogue()
    first = look(alice, opened)
    delete_entry(opened, first[0].id)
    assert len(look(alice, opened)) == 2
    delete_entry(opened, first[1].id)
    assert len(look(alice, opened)) == 2


def test_never_holds_for_as_long_as_entries_are_kept(
    alice: User, opened: OpenedVault, append: Append, settings: Settings
) -> None:
    settings.KEEP_DAYS = 3660
    make_activity("walk")
    make_activity("tea", "rest")
    long_ago = get_local_now(alice) - timedelta(days=3600)
    offer = append(suggestion("walk"), long_ago)
    append(feedback(offer, "never"), long_ago)
    append(Display(trends=False), long_ago)
    append(checkin(0.5, 0.5, "zonked"), long_ago)
    page = read_today(user=alice, opened=opened)
    assert (slugs(page.suggestions), page.shows_trends, page.own_words) == (["tea"], False, ())


def test_a_day_has_an_end(alice: User, opened: OpenedVault) -> None:
    for index in range(20):
        make_activity(f"activity-{index}", f"kind-{index}")
    while offered := look(alice, opened):
        answer_suggestion(user=alice, opened=opened, suggestion_id=offered[0].id, answer="not_now")
    assert len(read_journal(opened).of(Suggestion)) == OFFERS_A_DAY


def test_ids_tell_nothing_without_the_key(alice: User, opened: OpenedVault, bob: User) -> None:
    make_catalogue()
    stranger = create_vault(user=bob, passphrase=PASSPHRASE)[0]
    hers, his = look(alice, opened), look(bob, stranger)
    assert not {item.id for item in hers} & {item.id for item in his}
    assert {item.id.version for item in (*hers, *his)} == {4}


def test_a_suggestion_of_somebody_else_is_not_found(alice: User, opened: OpenedVault, bob: User) -> None:
    make_catalogue()
    stranger = create_vault(user=bob, passphrase=PASSPHRASE)[0]
    suggestion_id = look(alice, opened)[0].id
    for missing in (suggestion_id, uuid4()):
        with pytest.raises(NotFound):
            answer_suggestion(user=bob, opened=stranger, suggestion_id=missing, answer="did")
    assert read_journal(opened).of(Feedback) == ()


def test_only_a_suggestion_can_be_answered(alice: User, opened: OpenedVault, read_face: ReadFace) -> None:
    with pytest.raises(NotFound):
        answer_suggestion(user=alice, opened=opened, suggestion_id=read_face("fear"), answer="did")


@pytest.mark.parametrize(("answer", "helped"), [("", None), ("Did", None), ("did", 3), ("did", -3), ("not_now", 0)])
def test_answers_that_make_no_sense_are_refused(
    alice: User, opened: OpenedVault, answer: str, helped: int | None
) -> None:
    make_catalogue()
    suggestion_id = look(alice, opened)[0].id
    with pytest.raises(AnswerInvalid):
        answer_suggestion(user=alice, opened=opened, suggestion_id=suggestion_id, answer=answer, helped=helped)


def test_two_pages_that_saw_the_same_empty_journal_offer_the_same_two(alice: User, opened: OpenedVault) -> None:
    make_catalogue()
    now = get_local_now(alice)
    mood, situation = summarise(observe(Journal(), zone=now.tzinfo), now=now), Situation(now=now)
    first, second = (
        offer_suggestions(
            user=alice,
            opened=opened,
            history=History(),
            taste=None,
            mood=mood,
            situation=situation,
            rng=np.random.default_rng(seed),
        )
        for seed in (1, 2)
    )
    assert [item.id for item in first] == [item.id for item in second]
    assert slugs(first) == slugs(second)
    assert Entry.objects.count() == 2


def test_what_somebody_picks_joins_the_page_until_it_is_answered(alice: User, opened: OpenedVault) -> None:
    make_catalogue()
    suggested = look(alice, opened)
    slug = next(a.slug for a in Activity.objects.all() if a.slug not in slugs(suggested))
    picked = choose_activity(user=alice, opened=opened, slug=slug)
    assert choose_activity(user=alice, opened=opened, slug=slug) == picked
    assert slugs(look(alice, opened)) == [*slugs(suggested), slug]
    entry = next(entry for entry in read_journal(opened).of(Suggestion) if entry.id == picked)
    reason = {"rule": "chosen", "grade": "B"}
    assert entry.data == suggestion(slug, 2, reason=reason, propensity=None, chosen=True)
    answer_suggestion(user=alice, opened=opened, suggestion_id=picked, answer="did", helped=1, before=-1, after=1)
    assert slugs(look(alice, opened)) == slugs(suggested)
    (said,) = read_journal(opened).of(Feedback)
    assert (said.data.helped, said.data.before, said.data.after) == (1, -1, 1)


@pytest.mark.parametrize("changes", [{"active": False}, {"safety": "support"}, {"safety": "crisis"}])
def test_only_what_may_be_offered_can_be_picked(alice: User, opened: OpenedVault, changes: dict[str, Any]) -> None:
    make_activity("walk", **changes)
    for slug in ("walk", "unknown"):
        with pytest.raises(NotFound):
            choose_activity(user=alice, opened=opened, slug=slug)
    assert Entry.objects.count() == 0


threads_only = pytest.mark.skipif(
    connection.vendor == "sqlite", reason="SQLite in memory does not wait for its turn between threads"
)


@threads_only
@pytest.mark.django_db(transaction=True)
def test_pages_loaded_at_once_offer_the_same_two(alice: User, opened: OpenedVault) -> None:
    make_catalogue()
    seen: list[list[UUID]] = []

    def load(seed: int) -> None:
        seen.append([item.id for item in look(alice, opened, seed=seed)])
        connections.close_all()

    threads = [threading.Thread(target=load, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 4
    assert Entry.objects.count() == 2
    assert {tuple(ids) for ids in seen} == {tuple(seen[0])}


@threads_only
@pytest.mark.django_db(transaction=True)
def test_a_double_click_is_one_answer(alice: User, opened: OpenedVault) -> None:
    make_catalogue()
    suggestion_id = look(alice, opened)[0].id

    def click() -> None:
        answer_suggestion(user=alice, opened=opened, suggestion_id=suggestion_id, answer="did", helped=1)
        connections.close_all()

    threads = [threading.Thread(target=click) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(read_journal(opened).of(Feedback)) == 1
