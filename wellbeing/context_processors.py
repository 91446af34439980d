"""What every page may need to know of this site."""

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, bool]:
    """`camera_offered`: whether snapshots exist here at all; pages do not speak of them otherwise."""
    return {"camera_offered": settings.CAMERA}
