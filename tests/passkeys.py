"""Passkeys of an account as the site keeps them, without a browser."""

from base64 import urlsafe_b64encode

from allauth.mfa.models import Authenticator
from fido2.cose import ES256
from fido2.webauthn import Aaguid, AttestationObject, AttestedCredentialData, AuthenticatorData

from accounts.models import User


def make_passkey(user: User, name: str = "Laptop", *, raw_id: bytes = b"i" * 16) -> str:
    """Returns the id under which a browser knows it."""
    key = ES256({1: 2, 3: -7, -1: 1, -2: b"x" * 32, -3: b"y" * 32})
    credential = AttestedCredentialData.create(Aaguid.NONE, raw_id, key)
    flags = AuthenticatorData.FLAG.AT | AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.UV
    told = AttestationObject.create("none", AuthenticatorData.create(b"r" * 32, flags, 0, credential), {})
    told_id = in_text(raw_id)
    response = {"clientDataJSON": in_text(b'{"type":"webauthn.create","challenge":"","origin":"https://x"}')}
    data = {
        "id": told_id,
        "rawId": told_id,
        "type": "public-key",
        "response": response | {"attestationObject": in_text(bytes(told))},
        "clientExtensionResults": {"credProps": {"rk": True}},
    }
    Authenticator.objects.create(user=user, type=Authenticator.Type.WEBAUTHN, data={"name": name, "credential": data})
    return told_id


def in_text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")
