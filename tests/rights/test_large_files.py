"""However much somebody brings or takes, others go on, and what is refused says why and until when."""

import io
import json
import zipfile
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from accounts.limits import RATES
from accounts.models import User
from core.exceptions import TooOften
from recommender.dashboard.services import today
from recommender.dashboard.services.today import read_today
from rights import export_json, report_text, services
from rights.export_json import FORMAT, MAX_OF_ONE_DAY, VERSION
from rights.export_pdf import Report
from rights.services import ImportRefused, import_document, make_export
from tests.entries import checkin, reading, taste
from tests.vaults import make_vault
from vault.journal.compaction import add_entries
from vault.journal.contents import JournalEntry
from vault.journal.entries import OpenedVault
from vault.journal.kinds import CheckIn, Taste
from vault.journal.reading import read_journal

pytestmark = pytest.mark.django_db


def file_of(count: int, *, day: datetime) -> bytes:
    data = {"pleasantness": 0.5, "energy": 0.0, "words": [], "note": ""}
    rows = [
        {"id": str(uuid4()), "at": (day + timedelta(seconds=n)).isoformat(), "kind": "checkin", "data": data}
        for n in range(count)
    ]
    return json.dumps({"format": FORMAT, "version": VERSION, "entries": rows}).encode()


def noon(days_ago: int) -> datetime:
    return (timezone.now().astimezone(UTC) - timedelta(days=days_ago)).replace(hour=12)


def test_a_file_may_bring_a_full_day_and_no_more(alice: User) -> None:
    opened, day = make_vault(alice), noon(3)
    with pytest.raises(ImportRefused) as refused:
        import_document(user=alice, opened=opened, data=file_of(MAX_OF_ONE_DAY + 1, day=day))
    assert str(refused.value.detail) == (
        f"On {day:%Y-%m-%d} there are 501 entries of the kind checkin, more than 500. Nothing was changed."
    )
    assert import_document(user=alice, opened=opened, data=file_of(MAX_OF_ONE_DAY, day=day)).added == 500


def test_a_day_is_full_however_many_files_fill_it(alice: User) -> None:
    opened, day = make_vault(alice), noon(3)
    import_document(user=alice, opened=opened, data=file_of(300, day=day))
    with pytest.raises(ImportRefused):
        import_document(user=alice, opened=opened, data=file_of(201, day=day + timedelta(hours=1)))
    assert len(read_journal(opened).of(CheckIn)) == 300
    assert import_document(user=alice, opened=opened, data=file_of(201, day=day - timedelta(days=1))).added == 201


def test_a_day_of_ones_own_that_is_fuller_bars_no_other_day(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = make_vault(alice)
    monkeypatch.setattr(export_json, "MAX_OF_ONE_DAY", 2)
    add_entries(opened, [JournalEntry(uuid4(), noon(5) + timedelta(minutes=n), checkin()) for n in range(4)])
    assert import_document(user=alice, opened=opened, data=file_of(2, day=noon(3))).added == 2


def test_so_many_files_a_day(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = make_vault(alice)
    monkeypatch.setitem(RATES, "import", "1/d/user")
    import_document(user=alice, opened=opened, data=file_of(1, day=noon(3)))
    with pytest.raises(TooOften) as refused:
        import_document(user=alice, opened=opened, data=file_of(1, day=noon(3)))
    assert (str(refused.value.detail), refused.value.retry_after) == (
        "That was a little too often. Please try again in 24 hours.", 86400,
    )  # fmt: skip


def test_while_one_file_is_written_the_next_is_told_when_to_come_back(
    alice: User, opened: OpenedVault, open_client: Client
) -> None:
    with services._files:
        taken = open_client.post("/you/data/export/", {"formats": ["json"], "span": "all"})
        document = SimpleUploadedFile("export.json", file_of(1, day=noon(3)))
        brought = open_client.post("/you/data/import/", {"file": document})
    for answer in (taken, brought):
        assert (answer.status_code, answer.headers["Retry-After"]) == (429, "20")
        assert "Another file is being written right now. Please try again in 20 seconds." in answer.content.decode()
    assert open_client.post("/you/data/export/", {"formats": ["json"], "span": "all"}).status_code == 200


def test_what_fails_leaves_the_way_free(alice: User) -> None:
    opened = make_vault(alice)
    for _ in range(2):
        with pytest.raises(ImportRefused):
            import_document(user=alice, opened=opened, data=b"{}")


def test_a_document_to_read_shows_the_newest_and_says_what_it_leaves_out(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened, reports = make_vault(alice), list[Report]()
    for module in (services, report_text):
        monkeypatch.setattr(module, "MAX_MOMENTS", 2)

    def write(report: Report) -> bytes:
        reports.append(report)
        return b""

    monkeypatch.setattr("rights.export_pdf.write_pdf", write)
    notes = [JournalEntry(uuid4(), noon(n + 1), checkin(note=f"note {n}")) for n in range(5)]
    add_entries(opened, notes)
    content = make_export(user=alice, opened=opened, formats=["csv", "pdf"]).content
    (report,) = reports
    assert [moment.detail for moment in report.moments] == ["note 1", "note 0"]
    assert dict(report.facts)["Left out day by day"] == "3 older entries; the JSON and the CSV have everything"
    assert dict(report.facts)["Check-ins"] == "5"
    with zipfile.ZipFile(io.BytesIO(content)) as files:
        table = files.read(next(name for name in files.namelist() if name.endswith(".csv"))).decode()
    assert all(f"note {n}" in table for n in range(5))


def test_todays_page_looks_at_the_newest_and_at_every_setting(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = make_vault(alice)
    add_entries(opened, [JournalEntry(uuid4(), noon(300), taste("move"))])
    add_entries(opened, [JournalEntry(uuid4(), noon(n + 1), reading()) for n in range(20)])
    journal = read_journal(opened, newest=5)
    assert [type(entry.data).__name__ for entry in journal.entries] == ["Taste", *["Reading"] * 4]
    assert journal.latest(Taste) is not None
    assert journal.entries[-1].at == read_journal(opened).entries[-1].at
    monkeypatch.setattr(today, "MOST_ENTRIES", 5)
    assert len(read_today(user=alice, opened=opened).recent) == 4
