"""The table for spreadsheets."""

import csv
import io
from datetime import UTC, datetime
from uuid import UUID

import pytest

from rights.export_csv import _guard, write_csv
from rights.export_json import Document
from tests.entries import checkin
from vault.journal.contents import Journal, JournalEntry


@pytest.mark.parametrize(
    "start",
    [
        *"=+-@",
        *"\uff1d\uff0b\uff0d\uff20",
        "\t",
        "\r",
        "\n",
        "\n=",
        " =",
        "\r\n+",
        "\N{ZERO WIDTH SPACE}=",
        "\N{BYTE ORDER MARK}@",
        "\N{NO-BREAK SPACE}\uff1d",
    ],
)
def test_a_note_that_begins_like_a_formula_is_defused(start: str) -> None:
    note = f"{start}HYPERLINK(1)"
    at = datetime(2026, 3, 1, tzinfo=UTC)
    journal = Journal((JournalEntry(UUID(int=1), at, checkin(note=note)),))
    text = write_csv(Document(at, {}, (), None, None, journal), described=(), zone=UTC).decode("utf-8-sig")
    [row] = csv.DictReader(io.StringIO(text, newline=""))
    assert row["note"] == f"'{note}"


@pytest.mark.parametrize("note", ["a=1", "1+1", " quiet", "“=”", ""])
def test_any_other_note_stays_as_it_is(note: str) -> None:
    assert _guard(note) == note
