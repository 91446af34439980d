"""The language somebody reads the catalogue and the support page in."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils import translation


def get_language(request: HttpRequest) -> str:
    """The one they chose here, else the best of what their browser asks for, else the site's: a code of LANGUAGES."""
    return translation.get_language_from_request(request)
