"""The words of the readable document and of the pages about camera and account, from journal entries."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, tzinfo
from statistics import fmean
from typing import Any, Final

from django.db.models import TextChoices
from django.utils.translation import ngettext

from emotion.choices import Ending, Trigger
from emotion.labels import EXPRESSIONS
from recommender.dashboard.entry_lines import Line as DescribedLine
from recommender.wording.moods import energy_word, pleasantness_word, tell_look
from rights.export_json import Document, Line
from rights.export_pdf import Moment, Report
from vault.choices import Event

_DETAILS: Final[Mapping[str, str]] = {
    "totp": "authenticator app",
    "webauthn": "passkey or security key",
    "recovery_codes": "codes on paper",
}
MONTH_HEADS: Final = ("Month", "Snapshots read", "Looked most", "Check-ins", "Felt", "Energy")
# What was offered or asked is in the other formats; a reader wants to know what was.
_LEFT_OUT: Final = {"suggestion", "preferences"}


def tell_event(data: Mapping[str, Any]) -> tuple[str, str]:
    """Heading and detail of one audit entry."""
    event, detail = str(data.get("event")), str(data.get("detail") or "")
    return _label(Event, event), _DETAILS.get(detail, detail)


def tell_camera_use(data: Mapping[str, Any]) -> tuple[str, str]:
    """Heading and detail of one camera entry."""
    ended, trigger = str(data.get("ended")), str(data.get("trigger"))
    return _label(Ending, ended), _label(Trigger, trigger)


def _label(words: type[TextChoices], value: str) -> str:
    return str(words(value).label) if value in words.values else value.replace("_", " ").capitalize()


def count_endings(uses: Iterable[Mapping[str, Any]]) -> list[tuple[str, int]]:
    """How often each ending came, in the order of `Ending`, none left out; `uses`: data of camera entries."""
    counts = Counter(str(data.get("ended")) for data in uses)
    known = [(str(ending.label), counts.pop(ending.value, 0)) for ending in Ending]
    return known + [(ending.capitalize(), count) for ending, count in sorted(counts.items())]


def make_report(document: Document, *, described: Sequence[DescribedLine], zone: tzinfo) -> Report:
    made = document.made_at.astimezone(zone)
    oldest_first = sorted(described, key=lambda line: line.at)
    shown = [line for line in oldest_first if line.kind not in _LEFT_OUT]
    return Report(
        title="My journal",
        subtitle=f"Made on {_day(made)} at {made:%H:%M}, times in {zone}. An expression is not a feeling.",
        facts=_facts(document, zone),
        month_heads=MONTH_HEADS,
        months=_months(document.entries, zone),
        moments=[Moment(line.at, line.heading, line.detail) for line in shown],
        sections=(
            ("Consents", tuple(_tell_consent(consent) for consent in document.consents)),
            ("Account and vault", tuple(_tell_audit(line, zone) for line in document.audit)),
        ),
    )


def _facts(document: Document, zone: tzinfo) -> tuple[tuple[str, str], ...]:
    kinds = Counter(line.kind for line in document.entries)
    span = [line.at.astimezone(zone) for line in document.entries]
    facts = [
        ("Of", str(document.account["email"])),
        ("From, to", f"{_day(min(span))} to {_day(max(span))}" if span else "nothing noted yet"),
        ("Snapshots", f"{kinds['reading']}, of which {sum(map(_was_read, document.entries))} gave a reading"),
        ("Check-ins", str(kinds["checkin"])),
        ("Camera used", ngettext("%(count)d time", "%(count)d times", kinds["camera"]) % {"count": kinds["camera"]}),
    ]
    if document.damaged:
        damaged = len(document.damaged)
        told = ngettext("%(count)d entry, damaged", "%(count)d entries, damaged", damaged)
        facts.append(("Not readable", told % {"count": damaged}))
    return tuple(facts)


def _months(lines: Sequence[Line], zone: tzinfo) -> tuple[tuple[str, ...], ...]:
    said = {line.data["of"]: line.data["expression"] for line in lines if line.kind == "correction"}
    months: dict[tuple[int, int], list[Line]] = defaultdict(list)
    for line in lines:
        at = line.at.astimezone(zone)
        months[at.year, at.month].append(line)
    return tuple(_month(month, months[month], said) for month in sorted(months))


def _month(month: tuple[int, int], lines: Sequence[Line], said: Mapping[str, str]) -> tuple[str, ...]:
    looks = [said.get(str(line.id)) or _likeliest(line.data) for line in lines if line.kind == "reading"]
    seen = Counter(look for look in looks if look)
    checkins = [line.data for line in lines if line.kind == "checkin"]
    return (
        f"{datetime(*month, 1):%B %Y}",  # noqa: DTZ001 -- the name of a month
        str(seen.total()),
        tell_look(seen.most_common(1)[0][0]) if seen else "",
        str(len(checkins)),
        pleasantness_word(fmean(data["pleasantness"] for data in checkins)) if checkins else "",
        energy_word(fmean(data["energy"] for data in checkins)) if checkins else "",
    )


def _was_read(line: Line) -> bool:
    return line.kind == "reading" and bool(_likeliest(line.data))


def _likeliest(data: Mapping[str, Any]) -> str:
    shares = data.get("p")
    if data.get("outcome") != "reading" or not shares:
        return ""
    return max(zip(shares, EXPRESSIONS, strict=True))[1]


def _tell_consent(consent: Mapping[str, Any]) -> str:
    given, ended = datetime.fromisoformat(consent["given_at"]), consent["ended_at"]
    until = f"until {_day(datetime.fromisoformat(ended))}" if ended else "still standing"
    return f"{consent['purpose_label']}: given {_day(given)}, {until}. Text version {consent['text_version']}."


def _tell_audit(line: Line, zone: tzinfo) -> str:
    at = line.at.astimezone(zone)
    heading, detail = tell_event(line.data)
    return f"{_day(at)}, {at:%H:%M}: {heading}" + (f" ({detail})" if detail else "")


def _day(at: datetime) -> str:
    return f"{at.day} {at:%B %Y}"
