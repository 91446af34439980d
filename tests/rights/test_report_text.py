"""The readable document says what the pages say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from recommender.dashboard.entry_lines import Line as DescribedLine
from rights.export_json import Document, Line
from rights.export_pdf import Report
from rights.report_text import make_report

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
SHARES = [0.01, 0.02, 0.03, 0.82, 0.04, 0.05, 0.03]


def report_of(*entries: tuple[str, dict[str, Any]]) -> Report:
    """Of entries an hour apart, each described by the name of its kind."""
    lines = tuple(Line(UUID(int=n), kind, AT + timedelta(hours=n), data) for n, (kind, data) in enumerate(entries))
    document = Document(AT, {"email": "alice@example.org"}, (), None, None, lines, ())
    described = [DescribedLine(line.id, line.kind, line.at, heading=line.kind) for line in lines]
    return make_report(document, described=described, zone=UTC)


def test_what_was_offered_or_asked_is_left_out() -> None:
    kinds = ["reading", "suggestion", "feedback", "preferences", "taste", "camera"]
    report = report_of(*((kind, {}) for kind in kinds))
    assert [moment.heading for moment in report.moments] == ["reading", "feedback", "taste", "camera"]


def test_a_reading_of_low_confidence_names_no_expression() -> None:
    read, unsure = (("reading", {"outcome": outcome, "p": SHARES}) for outcome in ("reading", "low_confidence"))
    report = report_of(read, unsure)
    assert dict(report.facts)["Snapshots"] == "2, of which 1 gave a reading"
    assert report.months == (("March 2026", "1", "happy", "0", "", ""),)
    assert report_of(unsure).months == (("March 2026", "0", "", "0", "", ""),)
