"""The dashboard reads the journal once, and what was said holds as long as it says."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from accounts.models import User
from emotion import displayed_journal
from recommender.dashboard.services import today
from recommender.dashboard.services.today import read_today
from recommender.mood.observations import observe
from recommender.ranking.history import find_low_days
from tests.entries import checkin, suggestion, taste
from tests.recommender.conftest import Append, ReadFace
from vault.journal.compaction import compact_inbox
from vault.journal.contents import Journal
from vault.journal.entries import OpenedVault
from vault.journal.kinds import CameraKept, LowDays
from vault.journal.reading import read_journal
from vault.services.retention import set_keep_days

pytestmark = pytest.mark.django_db


def test_the_journal_is_read_split_and_observed_once(
    alice: User, opened: OpenedVault, append: Append, read_face: ReadFace, monkeypatch: pytest.MonkeyPatch
) -> None:
    for entry in (checkin(), suggestion(), taste("rest")):
        append(entry)
    read_face("happiness")
    calls: Counter[str] = Counter()

    def counted(name: str, really: Callable[..., Any]) -> Callable[..., Any]:
        def count(*args: Any, **options: Any) -> Any:
            calls[name] += 1
            return really(*args, **options)

        return count

    monkeypatch.setattr(displayed_journal, "read_journal", counted("read", read_journal))
    monkeypatch.setattr(today, "observe", counted("observe", observe))
    split = Journal.__dict__["_by_kind"]
    monkeypatch.setattr(split, "func", counted("split", split.func))
    page = read_today(user=alice, opened=opened)
    assert (page.mood.coverage.readings, page.mood.coverage.checkins, page.asks_about_taste) == (1, 1, False)
    assert calls == {"read": 1, "split": 1, "observe": 1}


def test_an_answer_about_low_days_holds_where_entries_are_kept_for_a_week(
    alice: User, opened: OpenedVault, append: Append
) -> None:
    append(LowDays(low=True), datetime.now(tz=UTC) - timedelta(days=8))
    append(CameraKept(), datetime.now(tz=UTC) - timedelta(days=29))
    set_keep_days(user=alice, days=7, opened=opened)
    compact_inbox(opened)
    page = read_today(user=alice, opened=opened)
    assert page.situation.gentle
    journal = read_journal(opened)
    assert find_low_days(journal, now=page.now) == LowDays(low=True)
    assert today._was_kept(journal, page.now)
