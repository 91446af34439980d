"""What Django's test client answers with: any response, and what the client adds to it."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as ClientResponse
else:
    from django.http.response import HttpResponseBase as ClientResponse

__all__ = ["ClientResponse"]
