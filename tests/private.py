"""A person with one of everything private, for tests of what others get to see of it: nothing."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

from django.test import Client

from accounts.models import User
from emotion.consent_text import CONSENT_TEXT
from emotion.models import Capture, Consent
from emotion.services.consents import give_consent
from tests.addresses import every_address
from tests.conftest import sign_in
from tests.entries import checkin, reading, suggestion
from vault.journal.entries import append_entry
from vault.keystore.models import ErasureKey
from vault.models import Entry, KeySlot, Vault
from vault.services.lifecycle import create_vault

MARK = "marmalade-7731"
P = (0.0101, 0.0202, 0.0303, 0.8171, 0.0404, 0.0505, 0.0314)
PASSPHRASE = "quilted otter drums vivid canyon"


class Private:
    """What `user` owns, what would give it away, and every address that might."""

    def __init__(self, user: User) -> None:
        self.user = user
        self.opened, self.code = create_vault(user=user, passphrase=PASSPHRASE)
        self.vault = Vault.objects.get(user=user)
        self.consent = give_consent(user=user, text_version=CONSENT_TEXT.version)
        self.capture = Capture.objects.create(id=uuid4(), vault=self.vault, state="recorded")
        self.entries = [
            append_entry(vault=self.vault, entry=entry, at=datetime.now(tz=UTC))
            for entry in (
                reading(self.capture.pk, p=P, model=MARK),
                checkin(0.5, 0.1, MARK, note=MARK),
                suggestion(MARK, reason={"text": MARK}),
            )
        ]

    @property
    def ids(self) -> list[str]:
        return [str(i) for i in (self.vault.pk, self.capture.pk, self.consent.pk, *self.entries)]

    @property
    def secrets(self) -> list[str]:
        return [MARK, "0.8171", self.code, PASSPHRASE, *self.ids, *(UUID(i).hex for i in self.ids)]

    @property
    def named_ids(self) -> dict[str, str]:
        """The ids under the names that a careless view would take them from."""
        user, vault, capture = str(self.user.pk), str(self.vault.pk), str(self.capture.pk)
        return {"user": user, "user_id": user, "owner": user, "vault": vault, "vault_id": vault, "capture": capture}

    def rows(self) -> list[object]:
        return [
            list(model.objects.filter(**{owner: self.user.pk if "user" in owner else self.vault.pk}).values())
            for model, owner in (
                (Vault, "user"), (Consent, "user"), (KeySlot, "vault"), (Capture, "vault"), (Entry, "vault"),
                (ErasureKey, "vault_id"),
            )
        ]  # fmt: skip

    def addresses(self) -> list[str]:
        """Every address of the site with this person's ids wherever it takes one."""
        labels = ["emotion", "keystore", "wellbeing"]
        # One entry of the three stands for all.
        every = every_address({"*": [str(self.user.pk), *self.ids[:4]], "app_label": labels})
        # The admin repeats an id it does not know in its next message; nothing private is registered there.
        return [where for where in every if not (where.startswith("/admin/") and any(i in where for i in self.ids))]


def browser_of(user: User | None) -> Client:
    """A browser that gets the error page instead of the exception, just signed in."""
    client = Client(raise_request_exception=False)
    if user is not None:
        sign_in(client, user)
    return client


def read(response: object) -> str:
    streams = getattr(response, "streaming", False)
    content = b"".join(response.streaming_content) if streams else response.content  # type: ignore[attr-defined]
    return content.decode(errors="replace")
