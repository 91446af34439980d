"""The readable document says what the pages say."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from emotion.labels import LOW_CONFIDENCE, READING
from recommender.dashboard.entry_lines import describe_entries
from rights.export_json import Document
from rights.export_pdf import Report
from rights.report_text import make_report
from tests.entries import feedback, of_face, preferences, reading, suggestion, taste
from vault.journal.contents import Journal, JournalEntry
from vault.journal.kinds import Camera, Kind

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
SHARES = (0.01, 0.02, 0.03, 0.82, 0.04, 0.05, 0.03)


def report_of(*data: Kind) -> Report:
    """Of entries an hour apart, as the export describes them."""
    entries = tuple(JournalEntry(UUID(int=n), AT + timedelta(hours=n), each) for n, each in enumerate(data))
    document = Document(AT, {"email": "alice@example.org"}, (), None, None, Journal(entries))
    described = describe_entries(entries, zone=UTC, corrections={})
    return make_report(document, described=described, zone=UTC)


def test_what_was_offered_or_asked_is_left_out() -> None:
    used = Camera(use=UUID(int=1), trigger="manual", ended="sent")
    report = report_of(of_face("happiness"), suggestion(), feedback(UUID(int=1)), preferences("desk"), taste(), used)
    assert [moment.heading for moment in report.moments] == [
        "Your face looked happy",
        "Walk: did it",
        "You said what usually does you good",
    ]


def test_a_reading_of_low_confidence_names_no_expression() -> None:
    read, unsure = (reading(p=SHARES, outcome=outcome) for outcome in (READING, LOW_CONFIDENCE))
    report = report_of(read, unsure)
    assert dict(report.facts)["Snapshots"] == "2, of which 1 gave a reading"
    assert report.months == (("March 2026", "1", "happy", "0", "", ""),)
    assert report_of(unsure).months == (("March 2026", "0", "", "0", "", ""),)
