from collections.abc import Iterator

import pytest
from django.utils import translation
from django.utils.translation import gettext_lazy

from core.api_errors import handle_exception
from core.exceptions import (
    ConsentRequired,
    NotFound,
    TooOften,
    Unavailable,
    VaultLocked,
    VaultRequired,
    WellbeingError,
)
from emotion.services.accept import FrameRefused, OutsideSchedule
from emotion.services.consents import ConsentOutdated
from emotion.services.preferences import StillsMissing
from emotion.services.schedules import TimezoneUnknown
from emotion.services.vault_captures import SnapshotWaiting
from recommender.dashboard.acts import Refused
from recommender.dashboard.services.checkins import CheckInInvalid, PreferencesInvalid
from recommender.dashboard.services.preferences import TasteInvalid
from recommender.dashboard.services.suggestions import AnswerInvalid
from rights.services import ImportRefused
from vault.dependants import VaultBusy
from vault.http import NotOpenedHere
from vault.journal.compaction import JournalDamaged
from vault.journal.entries import EntryTooLong, KeyAltered
from vault.keystore.keys import ErasureKeyGone, ErasureKeyKept
from vault.services.key_slots import KeySlotDamaged, WrongPassphrase
from vault.services.lifecycle import VaultExists
from vault.services.passkeys import NoSecret
from vault.services.precautions import MustWait
from vault.services.retention import KeepingInvalid
from vault.services.strength import WeakPassphrase

#: Clients know refusals by these; a frame's own code is given where it is refused.
REFUSALS: dict[type[WellbeingError], tuple[str, int]] = {
    AnswerInvalid: ("invalid_answer", 400),
    CheckInInvalid: ("invalid_checkin", 400),
    ConsentOutdated: ("consent_outdated", 409),
    ConsentRequired: ("consent_required", 403),
    EntryTooLong: ("too_long", 400),
    ErasureKeyGone: ("vault_gone", 410),
    ErasureKeyKept: ("begun_before", 409),
    FrameRefused: ("error", 400),
    ImportRefused: ("import_refused", 400),
    JournalDamaged: ("journal_damaged", 409),
    KeepingInvalid: ("invalid_days", 400),
    KeyAltered: ("key_altered", 409),
    KeySlotDamaged: ("lock_damaged", 409),
    NotFound: ("not_found", 404),
    OutsideSchedule: ("outside_schedule", 409),
    PreferencesInvalid: ("invalid_preferences", 400),
    Refused: ("refused", 400),
    SnapshotWaiting: ("snapshot_waiting", 409),
    StillsMissing: ("stills_missing", 409),
    TasteInvalid: ("invalid_taste", 400),
    TimezoneUnknown: ("unknown_timezone", 400),
    TooOften: ("too_often", 429),
    Unavailable: ("unavailable", 503),
    VaultBusy: ("vault_busy", 409),
    MustWait: ("wait_first", 409),
    NotOpenedHere: ("open_vault_first", 423),
    VaultExists: ("vault_exists", 409),
    VaultLocked: ("vault_locked", 423),
    VaultRequired: ("vault_required", 409),
    NoSecret: ("no_passkey_secret", 400),
    WeakPassphrase: ("weak_passphrase", 400),
    WrongPassphrase: ("wrong_passphrase", 403),
}


class Refusal(WellbeingError):
    # Django itself ships a German word for it.
    code, status, detail = "not_today", 409, gettext_lazy("Monday")


@pytest.mark.parametrize(("language", "told"), [("en", "Monday"), ("de", "Montag")])
def test_a_refusal_speaks_the_language_of_its_moment(language: str, told: str) -> None:
    with translation.override(language):
        error: WellbeingError = Refusal()
    assert (type(error.detail), error.detail) == (str, told)


def test_the_api_answers_with_plain_text() -> None:
    response = handle_exception(Refusal(), {})
    assert response is not None
    assert (response.status_code, response.data) == (409, {"code": "not_today", "detail": "Monday"})
    assert type(response.data["detail"]) is str


def test_what_is_said_in_particular_outranks_the_rule() -> None:
    error: WellbeingError = TooOften("Wait.", code="busy", retry_after=7)
    assert (error.detail, error.code, error.retry_after) == ("Wait.", "busy", 7)
    assert (TooOften().code, TooOften().retry_after) == ("too_often", 60)


def find_subclasses(of: type[WellbeingError]) -> Iterator[type[WellbeingError]]:
    """All of the site's own, however deep."""
    for kind in of.__subclasses__():
        if not kind.__module__.startswith("tests."):
            yield kind
        yield from find_subclasses(kind)


def test_every_refusal_keeps_its_code_and_status() -> None:
    assert {kind: (kind.code, kind.status) for kind in find_subclasses(WellbeingError)} == REFUSALS
