"""A consent receipt tells in the terms of the standard when consent was given and when it ended."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from rights.receipts import Given, write_receipt

GIVEN_AT = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
ENDED_AT = datetime(2026, 4, 2, 17, 45, tzinfo=UTC)
ISSUED_AT = datetime(2026, 5, 3, 12, 0, tzinfo=UTC)


def statuses_of(ended_at: datetime | None) -> list[tuple[str, str, str]]:
    """Kind, date and time of indication of each status."""
    given = Given(
        id=UUID(int=1),
        person="alice@example.org",
        text_version="1",
        text_hash="0" * 64,
        given_at=GIVEN_AT,
        ended_at=ended_at,
        text=None,
        site="https://wellbeing.example.org",
    )
    statuses: list[dict[str, Any]] = write_receipt(given, issued_at=ISSUED_AT)["dpv:hasConsentStatus"]
    return [(each["@type"], each["dct:date"]["@value"], each["dpv:isIndicatedAtTime"]["@value"]) for each in statuses]


def test_a_live_consent_has_the_date_it_was_given() -> None:
    assert statuses_of(None) == [("dpv:ConsentGiven", GIVEN_AT.isoformat(), GIVEN_AT.isoformat())]


def test_an_ended_consent_has_the_date_of_its_end_as_well() -> None:
    assert statuses_of(ENDED_AT) == [
        ("dpv:ConsentGiven", GIVEN_AT.isoformat(), GIVEN_AT.isoformat()),
        ("dpv:ConsentWithdrawn", ENDED_AT.isoformat(), ENDED_AT.isoformat()),
    ]
