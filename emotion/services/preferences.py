"""What a person chooses about their own readings: to be asked first, and to have their resting face taken off."""

from datetime import timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.exceptions import WellbeingError
from emotion.displayed_journal import read_day
from emotion.models import PersonalSettings
from emotion.resting_face import STILLS, learn_resting_face
from emotion.selectors import get_personal_settings
from vault.journal.compaction import delete_entry
from vault.journal.entries import OpenedVault, append_entry
from vault.journal.kinds import Neutral, RestingFace
from vault.journal.reading import read_journal
from vault.selectors import get_vault

#: Stills of one sitting: those of the last half hour.
SITTING: Final = timedelta(minutes=30)


class StillsMissing(WellbeingError):
    code, status = "stills_missing", 409
    detail = format_lazy(_("It takes {stills} stills of your resting face that could be read."), stills=STILLS)


def set_ask_first(*, user: User, ask_first: bool) -> PersonalSettings:
    settings, _ = PersonalSettings.objects.update_or_create(user=user, defaults={"ask_first": ask_first})
    return settings


def get_stills(opened: OpenedVault) -> list[Neutral]:
    """The last resting stills of this sitting that one model could read, at most STILLS, oldest first."""
    recent = read_journal(opened, since=timezone.now() - SITTING).of(Neutral)
    stills = [entry.data for entry in recent if entry.data.p]
    return [still for still in stills if still.model == stills[-1].model][-STILLS:]


@transaction.atomic
def learn_face(*, user: User, opened: OpenedVault) -> RestingFace:
    """From the stills of this sitting; replaces the face learnt before. Raises StillsMissing."""
    stills = get_stills(opened)
    if len(stills) < STILLS:
        raise StillsMissing
    face = learn_resting_face([still.p for still in stills if still.p], model=stills[-1].model)
    forget_face(user=user, opened=opened)
    now = timezone.now()
    append_entry(vault=get_vault(user), entry=face, at=now)
    PersonalSettings.objects.update_or_create(
        user=user, defaults={"resting_face_on": now.date(), "resting_face_model": face.model}
    )
    return face


@transaction.atomic
def forget_face(*, user: User, opened: OpenedVault) -> None:
    """Readings are shown as they were read again. Nothing happens when there is no face."""
    personal = get_personal_settings(user)
    if personal.resting_face_on is None:
        return
    for entry in read_day(opened, personal.resting_face_on).of(RestingFace):
        delete_entry(opened, entry.id)
    PersonalSettings.objects.filter(user=user).update(resting_face_on=None, resting_face_model="")
