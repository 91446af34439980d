"""Each kind is written as it always was, read within its bounds, described, and named on the page of formats."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest
from django.core.validators import MaxValueValidator

from accounts.choices import Event
from recommender.catalogue.models import WindowSettings
from vault.crypto.entries import seal_entry
from vault.crypto.pages import Page
from vault.journal.contents import JournalEntry, Line, open_lines
from vault.journal.entries import append_entry
from vault.journal.kinds import (
    KINDS,
    STANDING,
    Audit,
    Camera,
    CameraKept,
    CheckIn,
    CheckInSkipped,
    Correction,
    Display,
    Feedback,
    Impossible,
    Kind,
    LowDays,
    Neutral,
    Preferences,
    Reading,
    RestingFace,
    Suggestion,
    Taste,
    encode_data,
)
from vault.journal.pages import MonthPage
from vault.models import Vault

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
FORMATS = Path(__file__).parents[3] / "docs" / "formats.md"
P, MODEL = (0.00001, 0.02, 0.03, 0.8171, 0.0404, 0.0505, 0.04199), "vgg16-ferplus-int8"
ONE, ANOTHER = UUID("00000000-0000-4000-8000-00000000000c"), UUID("00000000-0000-4000-8000-00000000000d")
#: An entry, and the bytes of its kind and data as journals hold them. They never change.
WRITTEN: list[tuple[Kind, bytes]] = [
    (
        Reading(capture=ONE, outcome="reading", p=P, quality=0.8123, model=MODEL),
        b'"reading",{"capture":"00000000-0000-4000-8000-00000000000c","outcome":"reading","p":[0.00001,0.02,0.03,'
        b'0.8171,0.0404,0.0505,0.04199],"quality":0.8123,"model":"vgg16-ferplus-int8"}',
    ),
    (
        Reading(capture=ONE, outcome="no_face", p=None, quality=0.0, model=MODEL),
        b'"reading",{"capture":"00000000-0000-4000-8000-00000000000c","outcome":"no_face","p":null,"quality":0.0,'
        b'"model":"vgg16-ferplus-int8"}',
    ),
    (
        Neutral(capture=ANOTHER, outcome="reading", p=P, quality=0.8123, model=MODEL),
        b'"neutral",{"capture":"00000000-0000-4000-8000-00000000000d","outcome":"reading","p":[0.00001,0.02,0.03,'
        b'0.8171,0.0404,0.0505,0.04199],"quality":0.8123,"model":"vgg16-ferplus-int8"}',
    ),
    (
        Correction(of=ONE, expression="sadness"),
        b'"correction",{"of":"00000000-0000-4000-8000-00000000000c","expression":"sadness"}',
    ),
    (
        RestingFace(version=1, model=MODEL, shift=(-3.0, 1.5849, 2.2722, 3.0, -3.0, -0.911, 1.6214)),
        b'"resting_face",{"version":1,"model":"vgg16-ferplus-int8","shift":[-3.0,1.5849,2.2722,3.0,-3.0,-0.911,1.6214]}',
    ),
    (
        CheckIn(pleasantness=0.5, energy=-0.25, words=("calm", "zen garden"), note="A walk, \u00e9t\u00e9."),
        b'"checkin",{"pleasantness":0.5,"energy":-0.25,"words":["calm","zen garden"],'
        b'"note":"A walk, \xc3\xa9t\xc3\xa9."}',
    ),
    (
        CheckIn(pleasantness=0.0, energy=1.0, words=(), note=""),
        b'"checkin",{"pleasantness":0.0,"energy":1.0,"words":[],"note":""}',
    ),
    (CheckInSkipped(), b'"checkin_skipped",{}'),
    (
        Preferences(place="desk", minutes=10, avoid=("walking",)),
        b'"preferences",{"place":"desk","minutes":10,"avoid":["walking"]}',
    ),
    (
        Preferences(place=None, minutes=None, avoid=("company",), kept=True),
        b'"preferences",{"place":null,"minutes":null,"avoid":["company"],"kept":true}',
    ),
    (
        Taste(likes=(), minutes=15, company="alone", kept=True),
        b'"taste",{"likes":[],"minutes":15,"company":"alone","kept":true}',
    ),
    (Display(trends=False), b'"display",{"trends":false}'),
    (Display(trends=False, kept=True), b'"display",{"trends":false,"kept":true}'),
    (LowDays(low=True), b'"low_days",{"low":true}'),
    (CameraKept(), b'"camera_kept",{}'),
    (
        Suggestion(
            activity="walk-outside", slot=1, reason={"days": 7, "grade": "B", "rule": "variety"}, propensity=0.31
        ),
        b'"suggestion",{"activity":"walk-outside","slot":1,"reason":{"days":7,"grade":"B","rule":"variety"},'
        b'"propensity":0.31}',
    ),
    (
        Suggestion(
            activity="walking-call", slot=2, reason={"rule": "chosen", "grade": "C"}, propensity=None, chosen=True
        ),
        b'"suggestion",{"activity":"walking-call","slot":2,"reason":{"rule":"chosen","grade":"C"},"propensity":null,'
        b'"chosen":true}',
    ),
    (
        Feedback(suggestion=ONE, activity="walking-call", answer="did", helped=1, before=-1, after=2),
        b'"feedback",{"suggestion":"00000000-0000-4000-8000-00000000000c","activity":"walking-call","answer":"did",'
        b'"helped":1,"before":-1,"after":2}',
    ),
    (
        Feedback(suggestion=ONE, activity="walking-call", answer="not_now", helped=None),
        b'"feedback",{"suggestion":"00000000-0000-4000-8000-00000000000c","activity":"walking-call",'
        b'"answer":"not_now","helped":null}',
    ),
    (
        Camera(use=ONE, trigger="scheduled", ended="denied"),
        b'"camera",{"use":"00000000-0000-4000-8000-00000000000c","trigger":"scheduled","ended":"denied"}',
    ),
    (
        Audit(event=Event.EXPORTED, detail="json, with a password"),
        b'"audit",{"event":"exported","detail":"json, with a password"}',
    ),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("entry", "written"), WRITTEN)
def test_an_entry_is_sealed_in_the_bytes_it_always_had(
    opened: Any, entry: Kind, written: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    payloads: list[bytes] = []

    def note_and_seal(payload: bytes, **about: Any) -> bytes:
        payloads.append(payload)
        return seal_entry(payload, **about)

    monkeypatch.setattr("vault.journal.entries.seal_entry", note_and_seal)
    append_entry(vault=Vault.objects.get(), entry=entry, at=AT)
    kind, _, data = written.partition(b",")
    assert payloads == [b'{"v":1,"kind":' + kind + b',"at":1772452800.0,"data":' + data + b"}"]


@pytest.mark.parametrize(("entry", "written"), WRITTEN)
def test_a_page_holds_the_bytes_it_always_had_and_reads_them(entry: Kind, written: bytes) -> None:
    page = MonthPage(202603, tombstones={ANOTHER})
    page.add(Line.of(JournalEntry(ONE, AT, entry)))
    kind, _, data = written.partition(b",")
    line = b'"0000000000004000800000000000000c",' + kind + b",1772452800.0," + data
    body = b'{"v":1,"entries":[[' + line + b']],"gone":["0000000000004000800000000000000d"]}'
    assert page.to_body() == body
    again = MonthPage.from_page(Page(202603, 1, body))
    assert open_lines(again.lines.values(), now=AT.timestamp()) == ([JournalEntry(ONE, AT, entry)], [])
    assert again.to_body() == body


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_each_kind_has_its_bytes_above(kind: type[Kind]) -> None:
    assert kind in {type(entry) for entry, _ in WRITTEN}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_each_kind_has_a_row_in_the_formats_with_every_field(kind: type[Kind]) -> None:
    rows = re.findall(r"^\| (`[a-z_`, ]+) \|(.*)$", FORMATS.read_text().partition("| kind | data |")[2], re.M)
    told = " ".join(data for kinds, data in rows if f"`{kind.kind}`" in kinds)
    if "the same as `reading`" in told:
        told += " ".join(data for kinds, data in rows if f"`{Reading.kind}`" in kinds)
    missing = {name for name in kind.__struct_fields__ if f"`{name}`" not in told}
    assert (bool(told), missing) == (True, set())


def test_every_class_is_registered_and_no_two_have_one_name() -> None:
    def leaves(kind: type[Kind]) -> list[type[Kind]]:
        return [leaf for below in kind.__subclasses__() for leaf in leaves(below)] or [kind]

    assert sorted(leaves(Kind), key=lambda kind: kind.kind) == sorted(KINDS.values(), key=lambda kind: kind.kind)
    assert all(name == kind.kind for name, kind in KINDS.items())


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_what_stands_may_be_marked_as_kept(kind: type[Kind]) -> None:
    assert ("kept" in kind.__struct_fields__) is kind.standing


def test_what_stands_what_lasts_and_what_does_not_come_back_from_a_file() -> None:
    assert set(STANDING) == {Preferences, Taste, Display}
    assert {kind: kind.lasting.days for kind in KINDS.values() if kind.lasting} == {LowDays: 60, CameraKept: 30}
    assert [kind for kind in KINDS.values() if not kind.importable] == [Audit]
    assert {kind.exported for kind in KINDS.values() if kind is not Audit} == {"entries"}
    assert Audit.exported == "audit"


def test_an_answer_about_low_days_lasts_as_long_as_administrators_may_say() -> None:
    validators = WindowSettings._meta.get_field("gentle_days").validators
    (limit,) = (each.limit_value for each in validators if isinstance(each, MaxValueValidator))
    assert LowDays.lasting.days == limit


def changed(entry: Kind, **fields: Any) -> Kind:
    return msgspec.structs.replace(entry, **fields)


@pytest.mark.parametrize(
    "entry",
    [
        changed(WRITTEN[0][0], p=(float("nan"), *P[1:])),
        changed(WRITTEN[0][0], p=(1.5, *P[1:])),
        changed(WRITTEN[0][0], p=P[1:]),
        changed(WRITTEN[0][0], quality=float("nan")),
        changed(WRITTEN[0][0], quality=-0.1),
        changed(WRITTEN[0][0], model=""),
        CheckIn(pleasantness=float("inf"), energy=0.0, words=(), note=""),
        CheckIn(pleasantness=0.0, energy=1.1, words=(), note=""),
        CheckIn(pleasantness=0.0, energy=0.0, words=(), note="\0"),
        Feedback(suggestion=ONE, activity="walk", answer="did", helped=99),
        Feedback(suggestion=ONE, activity="walk", answer="maybe", helped=1),  # type: ignore[arg-type]
        Feedback(suggestion=ONE, activity="walk", answer="did", helped=1.5),  # type: ignore[arg-type]
        Preferences(place=None, minutes=1441, avoid=()),
        Suggestion(activity="walk", slot=1000, reason={}, propensity=None),
        Suggestion(activity="walk", slot=0, reason={}, propensity=1.01),
        RestingFace(version=1, model=MODEL, shift=(101.0,) * 7),
        LowDays(low="yes"),  # type: ignore[arg-type]
        Audit(event="fainted", detail=""),  # type: ignore[arg-type]
    ],
)
def test_what_could_not_be_read_is_not_written(entry: Kind) -> None:
    with pytest.raises(Impossible):
        encode_data(entry)
