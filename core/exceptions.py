"""Refusals that services raise and that the API and pages show."""

from __future__ import annotations


class WellbeingError(Exception):
    """A refusal with a stable `code`, a sentence for people and an HTTP status."""

    code = "error"
    status = 400
    detail = "That did not work."
    retry_after: int | None = None

    def __init__(self, detail: str | None = None, *, code: str | None = None, retry_after: int | None = None) -> None:
        self.detail = detail or self.detail
        self.code = code or self.code
        self.retry_after = retry_after if retry_after is not None else self.retry_after
        super().__init__(self.code)


class NotFound(WellbeingError):
    code, status, detail = "not_found", 404, "There is nothing here."


class ConsentRequired(WellbeingError):
    code, status, detail = "consent_required", 403, "Snapshots need your consent first."


class VaultRequired(WellbeingError):
    code, status, detail = "vault_required", 409, "Make your vault first: it is where your history is kept."


class VaultLocked(WellbeingError):
    code, status, detail = "vault_locked", 423, "Your vault is locked. Open it to see this."


class TooOften(WellbeingError):
    code, status, detail = "too_often", 429, "That was a little too often. Please wait a moment."
    retry_after = 60


class Unavailable(WellbeingError):
    code, status, detail = "unavailable", 503, "Something is resting on our side. Please try again shortly."
    retry_after = 5
