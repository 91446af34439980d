"""What snapshots keep beside a vault, and what becomes of it when the vault goes; see `vault.dependants`."""

from datetime import date

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from emotion import frame_store
from emotion.models import Capture, PersonalSettings
from emotion.services.consents import end_consents, hold_consent
from emotion.services.signatures import sign_anew
from vault.dependants import VaultBusy
from vault.models import Vault


class SnapshotWaiting(VaultBusy):
    code = "snapshot_waiting"
    detail = _("A snapshot is still on its way into your journal. Nothing was changed; please try again in a minute.")


class VaultCaptures:
    """The consent, captures on their way, and the word that there is a resting face."""

    def hold(self, user: User) -> None:
        hold_consent(user_id=user.pk)

    def refuse_if_busy(self, vault: Vault) -> None:
        """Raises SnapshotWaiting."""
        if Capture.objects.filter(vault=vault, state=Capture.State.QUEUED).exists():
            raise SnapshotWaiting

    def begin(self, user: User) -> None:
        end_consents(user)

    def sign_anew(self) -> int:
        return sign_anew()

    def forget(self, vault: Vault) -> None:
        end_consents(vault.user)
        captures = Capture.objects.filter(vault=vault, state=Capture.State.QUEUED)
        frame_store.discard_on_commit(list(captures.values_list("pk", flat=True)))
        PersonalSettings.objects.filter(user=vault.user_id).update(resting_face_on=None, resting_face_model="")

    def forget_before(self, vault: Vault, day: date) -> None:
        PersonalSettings.objects.filter(user=vault.user_id, resting_face_on__lt=day).update(
            resting_face_on=None, resting_face_model=""
        )
