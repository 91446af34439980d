"""Made-up employees for benchmarks and fault tests, who can send captures and open their own journals."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import transaction

from accounts.models import User
from accounts.session_store import SessionStore
from emotion.authentic import sign_consent
from emotion.consent_text import CONSENT_TEXT
from emotion.models import Consent
from vault.authentic import sign_vault
from vault.crypto.binding import bind_public_key
from vault.crypto.key_pairs import key_id, make_key_pair
from vault.crypto.keys.loader import server_keys
from vault.journal.entries import OpenedVault
from vault.models import Vault
from vault.opened_here import make_proof

_BATCH = 500


@dataclass(frozen=True, slots=True)
class Employee:
    """The cookies of a signed-in browser, and the private key (hexadecimal) of the vault `vault_id`."""

    cookies: str
    vault_id: str
    private: str
    public: str

    def open_vault(self) -> OpenedVault:
        return OpenedVault(uuid.UUID(self.vault_id), bytes.fromhex(self.private), bytes.fromhex(self.public))


@transaction.atomic
def make_employees(count: int) -> list[Employee]:
    """Their vaults have no passphrase: Argon2 would take 0.2 s for each."""
    tag = uuid.uuid4().hex[:8]
    users = [User(email=f"employee-{number}-{tag}@example.org", password="!") for number in range(count)]  # noqa: S106
    User.objects.bulk_create(users, batch_size=_BATCH)
    return _make_vaults(users)


def sign_in(user: User, vault: Vault) -> str:
    """The cookies of a browser in which `user` has just signed in, and opened this vault before."""
    session = SessionStore()
    session[SESSION_KEY], session[HASH_SESSION_KEY] = str(user.pk), user.get_session_auth_hash()
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session.create()
    proof = make_proof(vault.pk, bytes(vault.public_key))
    cookies = {settings.SESSION_COOKIE_NAME: session.session_key, settings.OPENED_COOKIE_NAME: proof}
    return "; ".join(f"{name}={value}" for name, value in cookies.items())


def _agree(vault: Vault) -> Consent:
    consent = Consent(
        user=vault.user,
        purpose=Consent.Purpose.CAMERA,
        text_version=CONSENT_TEXT.version,
        text_hash=CONSENT_TEXT.sha256,
        vault_id=vault.pk,
        key_id=key_id(bytes(vault.public_key)),
    )
    sign_consent(consent)
    return consent


def _make_vaults(users: Sequence[User]) -> list[Employee]:
    vaults, employees = [], []
    for user in users:
        pair, vault_id = make_key_pair(), uuid.uuid4()
        binding = bind_public_key(
            pair.public, vault_id=vault_id, owner=str(user.pk), binding_keys=server_keys().binding
        )
        vault = Vault(id=vault_id, user=user, public_key=pair.public, binding=binding)
        sign_vault(vault)
        vaults.append(vault)
        employees.append(Employee(sign_in(user, vault), str(vault_id), pair.private.hex(), pair.public.hex()))
    Vault.objects.bulk_create(vaults, batch_size=_BATCH)
    Consent.objects.bulk_create(map(_agree, vaults), batch_size=_BATCH)
    return employees
