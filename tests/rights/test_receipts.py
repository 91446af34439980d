"""A consent receipt tells in the terms of the standard when consent was given and when it ended."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from rights.receipts import Given, write_receipt

GIVEN_AT = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
ENDED_AT = datetime(2026, 4, 2, 17, 45, tzinfo=UTC)
ISSUED_AT = datetime(2026, 5, 3, 12, 0, tzinfo=UTC)


GIVEN = Given(
    id=UUID(int=1),
    person="alice@example.org",
    text_version="1",
    text_hash="0" * 64,
    given_at=GIVEN_AT,
    ended_at=None,
    text=None,
    site="https://wellbeing.example.org",
)


def statuses_of(ended_at: datetime | None) -> list[tuple[str, str, str]]:
    """Kind, date and time of indication of each status."""
    given = replace(GIVEN, ended_at=ended_at)
    statuses: list[dict[str, Any]] = write_receipt(given, issued_at=ISSUED_AT)["dpv:hasConsentStatus"]
    return [(each["@type"], each["dct:date"]["@value"], each["dpv:isIndicatedAtTime"]["@value"]) for each in statuses]


def test_a_live_consent_has_the_date_it_was_given() -> None:
    assert statuses_of(None) == [("dpv:ConsentGiven", GIVEN_AT.isoformat(), GIVEN_AT.isoformat())]


def test_an_ended_consent_has_the_date_of_its_end_as_well() -> None:
    assert statuses_of(ENDED_AT) == [
        ("dpv:ConsentGiven", GIVEN_AT.isoformat(), GIVEN_AT.isoformat()),
        ("dpv:ConsentWithdrawn", ENDED_AT.isoformat(), ENDED_AT.isoformat()),
    ]


def test_the_notice_holds_the_words_only_while_they_are_known() -> None:
    notice = {"@type": "dpv:ConsentNotice", "dct:hasVersion": "1", "dct:language": "en", "wb:sha256": "0" * 64}
    text = {"title": "Snapshots"}
    assert write_receipt(GIVEN, issued_at=ISSUED_AT)["dpv:hasNotice"] == notice
    receipt = write_receipt(replace(GIVEN, text=text), issued_at=ISSUED_AT)
    assert receipt["dpv:hasNotice"] == {**notice, "dct:description": text}


def test_a_receipt_says_about_the_site_only_what_is_declared() -> None:
    plain = write_receipt(GIVEN, issued_at=ISSUED_AT)
    assert plain["dpv:hasDataController"] == {"@type": "dpv:DataController", "dpv:hasContact": GIVEN.site}
    assert plain["dpv:hasProcess"]["dpv:hasLegalBasis"] == {"@id": "dpv:ExplicitlyExpressedConsent"}
    assert plain["dpv:hasProcess"].keys().isdisjoint({"dpv:hasJurisdiction", "dpv:hasImpactAssessment"})
    declaration = {"who": "Example Ltd", "legal_basis": "Article 9(2)(a)", "region": "DE", "dpia": "DPIA-7"}
    declared = write_receipt(replace(GIVEN, declaration=declaration), issued_at=ISSUED_AT)
    assert declared["dpv:hasDataController"]["dct:title"] == "Example Ltd"
    assert declared["dpv:hasProcess"]["dpv:hasLegalBasis"]["dct:description"] == "Article 9(2)(a)"
    assert declared["dpv:hasProcess"]["dpv:hasJurisdiction"] == {"dct:title": "DE"}
    assert declared["dpv:hasProcess"]["dpv:hasImpactAssessment"]["dct:identifier"] == "DPIA-7"
