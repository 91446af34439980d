"""CSV that survives a spreadsheet: written so that Excel reads it, and read however Excel writes it."""

import csv
import io
from itertools import zip_longest
from typing import Any, Final

import tablib
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from import_export.formats import base_formats

_UTF16_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")


class SpreadsheetCSV(base_formats.CSV):
    """Bytes in and out. Headings are compared without case and blanks; blank rows and columns are passed over."""

    def is_binary(self) -> bool:
        return True

    def get_read_mode(self) -> str:
        return "rb"

    def export_data(self, dataset: tablib.Dataset, **kwargs: Any) -> bytes:
        """With the mark without which Excel takes UTF-8 for something else."""
        return str(super().export_data(dataset, **kwargs)).encode("utf-8-sig")

    def create_dataset(self, in_stream: bytes, **kwargs: Any) -> tablib.Dataset:
        """Raises ValidationError where it is no table."""
        text = _decode(in_stream)
        delimiter = max(",;\t", key=text.partition("\n")[0].count)
        cells = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        try:
            rows = [row for row in cells if any(map(str.strip, row))]
        except csv.Error as error:
            raise ValidationError(_("This is not a table: %(problem)s.") % {"problem": error}) from error
        # Turned twice: columns are filled up and looked over.
        columns = [column for column in zip_longest(*rows, fillvalue="") if any(map(str.strip, column))]
        if not all(column[0].strip() for column in columns):
            raise ValidationError(_("Some cells stand in a column without a heading."))
        headings, *below = zip(*columns, strict=True) if columns else [()]
        return tablib.Dataset(*below, headers=[heading.strip().lower() for heading in headings])


def _decode(data: bytes) -> str:
    """UTF-8 with or without its mark, UTF-16 with its mark, else what Excel calls ANSI in western Europe."""
    try:
        if data.startswith(_UTF16_MARKS):
            return data.decode("utf-16")
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError:
            return data.decode("cp1252")
    except UnicodeDecodeError as error:
        raise ValidationError(_("These are no letters we can read: save the file as “CSV UTF-8”.")) from error
