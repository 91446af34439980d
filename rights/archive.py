"""Files in one zip, locked with a password where one is given (AES-256, WinZip's AE-2)."""

from __future__ import annotations

import io
from collections.abc import Mapping

import pyzipper


def write_zip(files: Mapping[str, bytes], *, password: str = "") -> bytes:
    """The names of the files stay readable in a locked zip; the password is kept nowhere."""
    buffer = io.BytesIO()
    with pyzipper.AESZipFile(buffer, "w", compression=pyzipper.ZIP_DEFLATED) as archive:
        if password:
            archive.setpassword(password.encode())
            archive.setencryption(pyzipper.WZ_AES, nbits=256)
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()
