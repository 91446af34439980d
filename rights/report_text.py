"""The words of the readable document and of the pages about camera and account, from journal entries."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, tzinfo
from statistics import fmean
from typing import Any, Final
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from core.dates import format_date
from emotion.choices import Ending, Trigger
from emotion.labels import EXPRESSIONS, READING
from recommender.dashboard.entry_lines import Line as DescribedLine
from recommender.wording.moods import energy_word, pleasantness_word, tell_look
from rights.export_json import MAX_MOMENTS, Document
from rights.export_pdf import Report
from vault.journal.contents import AnyEntry, Journal, JournalEntry
from vault.journal.kinds import Audit, Camera, CheckIn, Reading

#: The newest notes on account and vault, for the same reason as `MAX_MOMENTS`.
_AUDITS: Final = 2_000
_DETAILS: Final = {
    "totp": gettext_lazy("authenticator app"),
    "webauthn": gettext_lazy("passkey or security key"),
    "recovery_codes": gettext_lazy("codes on paper"),
}


def tell_event(audit: Audit) -> tuple[str, str]:
    """Heading and detail of one audit entry."""
    return str(audit.event.label), str(_DETAILS.get(audit.detail, audit.detail))


def tell_camera_use(use: Camera) -> tuple[str, str]:
    """Heading and detail of one camera entry."""
    return str(Ending(use.ended).label), str(Trigger(use.trigger).label)


def count_endings(uses: Iterable[Camera]) -> list[tuple[str, int]]:
    """How often each ending came, in the order of `Ending`, none left out."""
    counts = Counter(use.ended for use in uses)
    return [(str(ending.label), counts[ending.value]) for ending in Ending]


def make_report(document: Document, *, described: Sequence[DescribedLine], zone: tzinfo) -> Report:
    made = document.made_at.astimezone(zone)
    told = {"day": _day(made), "time": format_date(made, "H:i"), "zone": zone}
    oldest_first = sorted(described, key=lambda line: line.at)
    shown = [line for line in oldest_first if line.in_report]
    return Report(
        title=_("My journal"),
        subtitle=_("Made on %(day)s at %(time)s, times in %(zone)s. An expression is not a feeling.") % told,
        facts=_facts(document, zone),
        month_heads=(_("Month"), _("Snapshots read"), _("Looked most"), _("Check-ins"), _("Felt"), _("Energy")),
        months=_months(document, zone),
        moments=shown,
        sections=(
            (_("Consents"), tuple(_tell_consent(consent) for consent in document.consents)),
            (
                _("Account and vault"),
                tuple(_tell_audit(entry, zone) for entry in document.journal.of(Audit)[-_AUDITS:]),
            ),
        ),
    )


def _facts(document: Document, zone: tzinfo) -> tuple[tuple[str, str], ...]:
    readings, used = document.journal.of(Reading), len(document.journal.of(Camera))
    span = [entry.at.astimezone(zone) for entry in document.entries]
    read = sum(bool(_likeliest(entry.data)) for entry in readings)
    facts = [
        (pgettext("whose journal", "Of"), str(document.account["email"])),
        (_("From, to"), _tell_span(span) if span else _("nothing noted yet")),
        (_("Snapshots"), _("%(count)d, of which %(read)d gave a reading") % {"count": len(readings), "read": read}),
        (_("Check-ins"), str(len(document.journal.of(CheckIn)))),
        (_("Camera used"), ngettext("%(count)d time", "%(count)d times", used) % {"count": used}),
    ]
    left_out = len(document.journal.entries) - MAX_MOMENTS
    if left_out > 0:
        told = ngettext(
            "%(count)d older entry; the JSON and the CSV have everything",
            "%(count)d older entries; the JSON and the CSV have everything",
            left_out,
        )
        facts.append((_("Left out day by day"), told % {"count": left_out}))
    damaged = len(document.journal.damaged)
    if damaged:
        told = ngettext("%(count)d entry, damaged", "%(count)d entries, damaged", damaged)
        facts.append((_("Not readable"), told % {"count": damaged}))
    return tuple(facts)


def _tell_span(moments: Sequence[datetime]) -> str:
    return _("%(first)s to %(last)s") % {"first": _day(min(moments)), "last": _day(max(moments))}


def _months(document: Document, zone: tzinfo) -> tuple[tuple[str, ...], ...]:
    months: dict[tuple[int, int], list[AnyEntry]] = defaultdict(list)
    for entry in document.entries:
        at = entry.at.astimezone(zone)
        months[at.year, at.month].append(entry)
    return tuple(_month(month, Journal(tuple(months[month])), document.journal.corrections) for month in sorted(months))


def _month(month: tuple[int, int], journal: Journal, corrections: Mapping[UUID, str]) -> tuple[str, ...]:
    looks = [corrections.get(entry.id) or _likeliest(entry.data) for entry in journal.of(Reading)]
    seen = Counter(look for look in looks if look)
    checkins = [entry.data for entry in journal.of(CheckIn)]
    return (
        format_date(date(*month, 1), "F Y"),
        str(seen.total()),
        tell_look(seen.most_common(1)[0][0]) if seen else "",
        str(len(checkins)),
        pleasantness_word(fmean(checkin.pleasantness for checkin in checkins)) if checkins else "",
        energy_word(fmean(checkin.energy for checkin in checkins)) if checkins else "",
    )


def _likeliest(reading: Reading) -> str:
    if reading.outcome != READING or not reading.p:
        return ""
    return max(zip(reading.p, EXPRESSIONS, strict=True))[1]


def _tell_consent(consent: Mapping[str, Any]) -> str:
    given, ended = datetime.fromisoformat(consent["given_at"]), consent["ended_at"]
    sentence = (
        _("%(purpose)s: given %(given)s, until %(ended)s. Text version %(version)s.")
        if ended
        else _("%(purpose)s: given %(given)s, still standing. Text version %(version)s.")
    )
    return sentence % {
        "purpose": consent["purpose_label"],
        "given": _day(given),
        "ended": ended and _day(datetime.fromisoformat(ended)),
        "version": consent["text_version"],
    }


def _tell_audit(entry: JournalEntry[Audit], zone: tzinfo) -> str:
    at = entry.at.astimezone(zone)
    heading, detail = tell_event(entry.data)
    return f"{format_date(at, 'j F Y, H:i')}: {heading}" + (f" ({detail})" if detail else "")


def _day(at: datetime) -> str:
    return format_date(at, "j F Y")
