"""The table for spreadsheets."""

import csv
import io
from datetime import UTC, datetime
from uuid import UUID

import pytest

from rights.export_csv import write_csv
from rights.export_json import Document
from tests.entries import checkin
from vault.journal.contents import Journal, JournalEntry


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_a_note_that_begins_like_a_formula_is_defused(start: str) -> None:
    note = f"{start}HYPERLINK(1)"
    at = datetime(2026, 3, 1, tzinfo=UTC)
    journal = Journal((JournalEntry(UUID(int=1), at, checkin(note=note)),))
    text = write_csv(Document(at, {}, (), None, None, journal), described=(), zone=UTC).decode("utf-8-sig")
    [row] = csv.DictReader(io.StringIO(text, newline=""))
    assert row["note"] == f"'{note}"
