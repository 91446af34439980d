"""A person's consent with what there is to say about it."""

from dataclasses import asdict

from django.conf import settings

from emotion.consent_text import CONSENT_TEXT
from emotion.models import CameraDeclaration, Consent
from rights.receipts import Given


def describe_consent(consent: Consent) -> Given:
    return Given(
        id=consent.pk,
        person=consent.user.email,
        text_version=consent.text_version,
        text_hash=consent.text_hash,
        given_at=consent.given_at,
        ended_at=consent.ended_at,
        text=asdict(CONSENT_TEXT) if consent.text_hash == CONSENT_TEXT.sha256 else None,
        site=settings.PUBLIC_URL,
        declaration=_show_declaration(CameraDeclaration.latest()),
    )


def _show_declaration(declaration: CameraDeclaration | None) -> dict[str, str] | None:
    if declaration is None:
        return None
    return {name: getattr(declaration, name) for name in ("who", "legal_basis", "region", "dpia")}
