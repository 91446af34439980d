"""Uploads are read into memory alone, and no further than a capture may be long."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from rest_framework.parsers import BaseParser


class FrameParser(BaseParser):
    """The body is one JPEG; its id and trigger stand in the query."""

    media_type = "application/octet-stream"

    def parse(  # type: ignore[override]
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> bytes:
        """At most one byte more than a frame may have, so that the check behind it sees that there is too much."""
        return stream.read(settings.MAX_FRAME_BYTES + 1)
