"""An export that comes back may be larger than what forms take otherwise, and must not touch a disk either."""

from typing import Any

from django.core.files.uploadhandler import MemoryFileUploadHandler, StopUpload

from rights.export_json import MAX_BYTES


class WholeFileInMemory(MemoryFileUploadHandler):
    """Up to MAX_BYTES of one file; the rest of a larger one is read past, so that the form can say why."""

    def handle_raw_input(self, *args: Any, **kwargs: Any) -> None:
        self.activated = True

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        if start + len(raw_data) > 2 * MAX_BYTES:
            raise StopUpload(connection_reset=True)
        return super().receive_data_chunk(raw_data, start) if start <= MAX_BYTES else None
