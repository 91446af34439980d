"""An export that comes back may be larger than what forms take otherwise, and must not touch a disk either."""

from __future__ import annotations

import io
from typing import Any

from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload

from rights.export_json import MAX_BYTES


class WholeFileInMemory(FileUploadHandler):
    """Up to MAX_BYTES of one file; the rest of a larger one is read past, so that the form can say why."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.kept = io.BytesIO()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        if start + len(raw_data) > 2 * MAX_BYTES:
            raise StopUpload(connection_reset=True)
        if start <= MAX_BYTES:
            self.kept.write(raw_data)
        return None

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        self.kept.seek(0)
        return InMemoryUploadedFile(
            self.kept, self.field_name, self.file_name or "file", self.content_type or "", file_size, self.charset
        )
