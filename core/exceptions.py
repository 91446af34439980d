"""Refusals that services raise and that the API and pages show."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class WellbeingError(Exception):
    """A refusal with a stable `code`, a sentence for people and an HTTP status.

    The sentence is in the language of the moment in which it was raised.
    """

    code = "error"
    status = 400
    detail: "StrOrPromise" = _("That did not work.")
    retry_after: int | None = None

    def __init__(self, detail: "StrOrPromise" = "", *, code: str | None = None, retry_after: int | None = None) -> None:
        self.detail = str(detail or self.detail)
        self.code = code or self.code
        self.retry_after = retry_after if retry_after is not None else self.retry_after
        super().__init__(self.code)


class NotFound(WellbeingError):
    code, status, detail = "not_found", 404, _("There is nothing here.")


class ConsentRequired(WellbeingError):
    code, status, detail = "consent_required", 403, _("Snapshots need your consent first.")


class VaultRequired(WellbeingError):
    code, status, detail = "vault_required", 409, _("Make your vault first: it is where your history is kept.")


class VaultLocked(WellbeingError):
    code, status, detail = "vault_locked", 423, _("Your vault is locked. Open it to see this.")


class TooOften(WellbeingError):
    code, status, detail = "too_often", 429, _("That was a little too often. Please wait a moment.")
    retry_after = 60


class Unavailable(WellbeingError):
    code, status, detail = "unavailable", 503, _("Something is resting on our side. Please try again shortly.")
    retry_after = 5
