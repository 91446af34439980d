"""The language of the catalogue and the support page for one request."""

from django.http import HttpRequest
from django.utils import translation


def get_language(request: HttpRequest) -> str:
    """A code of LANGUAGES: the person's choice, else the best match of the browser's list, else the site's default."""
    return translation.get_language_from_request(request)
