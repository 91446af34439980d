"""Labelled faces from the common layouts: class folders, FER2013, FER+ and JAFFE.

Needs no tensorflow, so that the shipped model can be evaluated with the serving packages only. Images are read on
demand, never all at once.
"""

import csv
import io
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from emotion.classifier.images import DECODE_ERRORS
from emotion.labels import EXPRESSIONS
from research.classify.pictures import make_plain

Pixels = NDArray[np.uint8]
#: RuntimeError: encrypted, or an unsupported compression.
_ZIP_ERRORS = (zipfile.BadZipFile, zlib.error, OSError, RuntimeError)
Floats = NDArray[np.float32]

IMAGE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".tif", ".tiff", ".bmp", ".webp"})
FER_ORDER = ("anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral")
FER_NAMES = dict(zip(("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"), FER_ORDER, strict=True))
FER_PLUS_COLUMNS = (
    *("neutral", "happiness", "surprise", "sadness", "anger"),
    *("disgust", "fear", "contempt", "unknown", "NF"),
)
JAFFE_CODES = {
    "AN": "anger",
    "DI": "disgust",
    "FE": "fear",
    "HA": "happiness",
    "NE": "neutral",
    "SA": "sadness",
    "SU": "surprise",
}
SPLIT_NAMES = {
    "training": "train",
    "train": "train",
    "publictest": "valid",
    "valid": "valid",
    "validation": "valid",
    "val": "valid",
    "privatetest": "test",
    "test": "test",
}


class DatasetError(ValueError):
    """The data set cannot be read in its apparent format; the message says what to fix."""


@dataclass(frozen=True, slots=True)
class LabelledFace:
    """One face and its labels.

    `votes` sum to 1 over EXPRESSIONS; `label` is their plurality; `clear`: more than half of the counted votes agree;
    `second`: the label of another source, if any.
    """

    name: str
    split: str
    votes: tuple[float, ...]
    label: int
    read: Callable[[], Pixels]
    clear: bool = True
    second: int | None = None
    subject: str | None = None


@dataclass(frozen=True, slots=True)
class FaceSet:
    """A data set as records in memory; pixels are read on demand."""

    name: str
    faces: tuple[LabelledFace, ...]

    def __len__(self) -> int:
        return len(self.faces)

    def __iter__(self) -> Iterator[LabelledFace]:
        return iter(self.faces)

    @property
    def labels(self) -> NDArray[np.int64]:
        return np.array([face.label for face in self.faces], dtype=np.int64)

    @property
    def clear(self) -> NDArray[np.bool_]:
        return np.array([face.clear for face in self.faces], dtype=np.bool_)

    @property
    def votes(self) -> Floats:
        return np.array([face.votes for face in self.faces], dtype=np.float32)

    @property
    def second_labels(self) -> NDArray[np.int64]:
        """Label of the second source, -1 if there is none."""
        values = [-1 if face.second is None else face.second for face in self.faces]
        return np.array(values, dtype=np.int64)

    def where(self, keep: Callable[[LabelledFace], bool]) -> "FaceSet":
        return FaceSet(self.name, tuple(face for face in self.faces if keep(face)))

    def split(self, name: str) -> "FaceSet":
        """The faces of one split. Raises DatasetError that names the existing splits."""
        wanted = SPLIT_NAMES.get(name.lower().removeprefix("fer2013"), name)
        part = self.where(lambda face: face.split == wanted)
        if not part.faces:
            known = ", ".join(sorted({face.split for face in self.faces if face.split})) or "none"
            raise DatasetError(f"{self.name} has no split {name!r}; it has: {known}.")
        return part

    def take(self, indices: Iterable[int]) -> "FaceSet":
        return FaceSet(self.name, tuple(self.faces[index] for index in indices))

    def grey_images(self, size: int) -> Pixels:
        """All faces as one grey array (count, size, size)."""
        images = np.empty((len(self.faces), size, size), dtype=np.uint8)
        for row, face in enumerate(self.faces):
            images[row] = grey_square(face.read(), size)
        return images


def load_dataset(path: Path | str) -> FaceSet:
    """Read a data set of any supported format: folder, CSV or zip.

    Raises DatasetError when the format is not recognised.
    """
    path = Path(path)
    if not path.exists():
        raise DatasetError(f"{path} does not exist.")
    if path.is_dir():
        return _load_folder(path)
    suffix = path.suffix.lower()
    if suffix == ".zip":
        return load_fer_plus_zip(path)
    if suffix == ".csv":
        return _load_csv(path)
    raise DatasetError(f"{path} is neither a folder, a .csv nor a .zip file.")


def grey_square(image: Pixels, size: int) -> Pixels:
    """Grey copy of the central square, scaled to `size`; a grey image of that size is not changed."""
    if image.ndim == 2 and image.shape == (size, size):
        return image
    picture = Image.fromarray(image).convert("L")
    side = min(picture.size)
    left, top = (picture.width - side) // 2, (picture.height - side) // 2
    square = picture.crop((left, top, left + side, top + side))
    return np.asarray(square.resize((size, size), Image.Resampling.BILINEAR))


def decode_image(read: Callable[[], bytes], name: str) -> Pixels:
    """Pixels of what `read` returns, rotated by its EXIF: (h, w) if grey, else (h, w, 3) RGB."""
    try:
        with Image.open(io.BytesIO(read())) as picture:
            return np.asarray(make_plain(ImageOps.exif_transpose(picture)))
    except (*_ZIP_ERRORS, *DECODE_ERRORS) as error:
        raise DatasetError(f"{name} is not an image that can be read: {error}") from error


# --- FER2013 and FER+ -----------------------------------------------------------------------------


def load_fer_plus_zip(path: Path) -> FaceSet:
    """FER+ in one zip: `labels.csv` and the images that it names."""
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError) as error:
        raise DatasetError(f"{path} is not a zip file that can be read: {error}") from error
    members = set(archive.namelist())
    table = next((name for name in sorted(members) if name.endswith("labels.csv")), None)
    if table is None:
        raise DatasetError(f"{path} holds no labels.csv.")
    folder = table.removesuffix("labels.csv")
    rows = _read_rows(_read_table(archive, table, path), f"{path}:{table}")
    if not {"file", *FER_PLUS_COLUMNS} <= set(rows[0]):
        raise DatasetError(f"{path}:{table} has not FER+'s columns (file, usage, {', '.join(FER_PLUS_COLUMNS)}).")

    def reader(row: dict[str, str]) -> Callable[[], Pixels]:
        name = folder + row["file"]
        if name not in members:
            raise DatasetError(f"{path} names {name} in {table} and does not hold it.")
        return lambda: decode_image(partial(archive.read, name), name)

    return _fer_plus_faces(path.name, rows, reader)


def _read_table(archive: zipfile.ZipFile, table: str, path: Path) -> str:
    try:
        return archive.read(table).decode("utf-8-sig", "replace")
    except _ZIP_ERRORS as error:
        raise DatasetError(f"{table} in {path} cannot be read: {error}") from error


def load_fer_plus_csv(path: Path, rows: Sequence[dict[str, str]]) -> FaceSet:
    """FER+ as a CSV beside its images, with the columns of the zip's `labels.csv`."""

    def reader(row: dict[str, str]) -> Callable[[], Pixels]:
        image = path.parent / row["file"]
        if not image.is_file():
            raise DatasetError(f"{path} names {row['file']}, which is not beside it.")
        return lambda: decode_image(image.read_bytes, str(image))

    return _fer_plus_faces(path.name, rows, reader)


def load_fer2013_csv(path: Path, rows: Sequence[dict[str, str]]) -> FaceSet:
    """FER2013's own CSV: `emotion` 0..6, `pixels` (2304 numbers), `Usage`."""
    faces = []
    for line, row in enumerate(rows, start=2):
        label = _fer_number(row.get("emotion"), path, line)
        pixels = row.get("pixels") or ""
        _fer_pixels(pixels, path, line)
        faces.append(
            LabelledFace(
                name=f"{path.name}:{line}",
                split=_split_name(row.get("Usage") or row.get("usage") or ""),
                votes=one_hot(label),
                label=label,
                read=partial(_fer_pixels, pixels, path, line),
            )
        )
    return _checked(path.name, faces)


def count_votes(votes: Sequence[int]) -> tuple[tuple[float, ...], int, bool] | None:
    """FER+ votes (ten columns) as shares of the seven expressions, the plurality, and whether it is clear.

    None when contempt, unknown or "not a face" wins, which the FER+ authors leave out. As in Barsoum et al. (2016), a
    single vote for an expression is dropped as an outlier, and a clear majority is more than half of the rest.
    """
    order = [FER_PLUS_COLUMNS.index(name) for name in EXPRESSIONS]
    seven = np.array([votes[index] for index in order], dtype=np.float64)
    if seven.max() < max(votes) or seven.max() <= 0:
        return None
    label = int(seven.argmax())
    shared = np.where(seven > 1, seven, 0.0)
    shared = shared if shared.sum() > 0 else seven
    whole = sum(count for count in votes if count > 1)
    shares = shared / shared.sum()
    return tuple(float(share) for share in shares), label, bool(seven[label] > 0.5 * whole > 0)


def one_hot(label: int) -> tuple[float, ...]:
    return tuple(1.0 if index == label else 0.0 for index in range(len(EXPRESSIONS)))


def _fer_plus_faces(
    name: str,
    rows: Sequence[dict[str, str]],
    reader: Callable[[dict[str, str]], Callable[[], Pixels]],
) -> FaceSet:
    faces = []
    for line, row in enumerate(rows, start=2):
        counted = count_votes(_vote_numbers(row, name, line))
        if counted is None:
            continue
        votes, label, clear = counted
        second = row.get("fer2013_label") or ""
        faces.append(
            LabelledFace(
                name=row["file"],
                split=_split_name(row.get("usage") or ""),
                votes=votes,
                label=label,
                clear=clear,
                second=EXPRESSIONS.index(FER_NAMES[second]) if second in FER_NAMES else None,
                read=reader(row),
            )
        )
    return _checked(name, faces)


def _vote_numbers(row: dict[str, str], name: str, line: int) -> list[int]:
    try:
        votes = [int(row[column]) for column in FER_PLUS_COLUMNS]
    except (TypeError, ValueError) as error:
        raise DatasetError(f"{name} line {line}: a vote is not a whole number.") from error
    if min(votes) < 0:
        raise DatasetError(f"{name} line {line}: a vote is negative.")
    return votes


def _fer_number(text: str | None, path: Path, line: int) -> int:
    if text is None or not text.strip().isdigit() or int(text) >= len(FER_ORDER):
        raise DatasetError(f"{path} line {line}: emotion must be 0 to 6, found {text!r}.")
    return EXPRESSIONS.index(FER_ORDER[int(text)])


def _fer_pixels(text: str, path: Path, line: int) -> Pixels:
    try:
        values = np.array(text.split(), dtype=np.int64)
    except ValueError as error:
        raise DatasetError(f"{path} line {line}: pixels hold something not a number.") from error
    if values.size != 48 * 48 or values.min() < 0 or values.max() > 255:
        raise DatasetError(f"{path} line {line}: expected 2304 pixels of 0 to 255, found {values.size}.")
    return values.astype(np.uint8).reshape(48, 48)


def _load_csv(path: Path) -> FaceSet:
    csv.field_size_limit(1 << 20)
    rows = _read_rows(path.read_text("utf-8-sig", "replace"), str(path))
    columns = set(rows[0])
    if {"emotion", "pixels"} <= columns:
        return load_fer2013_csv(path, rows)
    if {"file", *FER_PLUS_COLUMNS} <= columns:
        return load_fer_plus_csv(path, rows)
    raise DatasetError(
        f"{path} has neither FER2013's columns (emotion, pixels, Usage) nor FER+'s"
        f" (file, usage, {', '.join(FER_PLUS_COLUMNS)})."
    )


def _read_rows(text: str, name: str) -> list[dict[str, str]]:
    try:
        rows = list(csv.DictReader(io.StringIO(text), strict=True))
    except csv.Error as error:
        raise DatasetError(f"{name} is not a CSV file that can be read: {error}") from error
    if not rows:
        raise DatasetError(f"{name} has no rows.")
    for line, row in enumerate(rows, start=2):
        if None in row or None in row.values():
            raise DatasetError(f"{name} line {line}: wrong number of fields.")
    return rows


# --- folders --------------------------------------------------------------------------------------


def _load_folder(path: Path) -> FaceSet:
    images = sorted(item for item in path.iterdir() if item.suffix.lower() in IMAGE_SUFFIXES)
    if any(_jaffe_parts(image) for image in images):
        return load_jaffe(path)
    return load_class_folders(path)


def load_jaffe(path: Path) -> FaceSet:
    """JAFFE by its file names, such as `KA.AN1.39.tiff`: subject, expression, number."""
    faces = []
    for image in sorted(path.iterdir()):
        if image.suffix.lower() not in IMAGE_SUFFIXES:
            continue
        parts = _jaffe_parts(image)
        if parts is None:
            raise DatasetError(f"{image.name} is not named as JAFFE's images are (KA.AN1.39.tiff).")
        subject, label = parts
        faces.append(_folder_face(image, image.name, "", label, subject))
    return _checked(path.name, faces)


def load_class_folders(path: Path) -> FaceSet:
    """`anger/…`, `fear/…` or `train/anger/…`, `valid/anger/…`; other common names are recognised."""
    faces: list[LabelledFace] = []
    unknown: list[str] = []
    for folder in sorted(item for item in path.iterdir() if item.is_dir()):
        label = _class_index(folder.name)
        if label is not None:
            faces.extend(_class_faces(folder, label, split="", root=path))
            continue
        inner = [item for item in sorted(folder.iterdir()) if item.is_dir()]
        if folder.name.lower() not in SPLIT_NAMES or not inner:
            unknown.append(folder.name)
            continue
        for child in inner:
            label = _class_index(child.name)
            if label is None:
                unknown.append(f"{folder.name}/{child.name}")
                continue
            faces.extend(_class_faces(child, label, _split_name(folder.name), path))
    if unknown:
        raise DatasetError(
            f"{path} has folders that name no expression: {', '.join(unknown)}. Expected: {', '.join(EXPRESSIONS)}."
        )
    return _checked(path.name, faces)


def _class_index(name: str) -> int | None:
    word = name.strip().lower()
    word = {"happy": "happiness", "sad": "sadness", "angry": "anger", "surprised": "surprise"}.get(word, word)
    word = {"afraid": "fear", "disgusted": "disgust", "fearful": "fear"}.get(word, word)
    return EXPRESSIONS.index(word) if word in EXPRESSIONS else None


def _class_faces(folder: Path, label: int, split: str, root: Path) -> list[LabelledFace]:
    return [
        _folder_face(image, str(image.relative_to(root)), split, label, None)
        for image in sorted(folder.iterdir())
        if image.suffix.lower() in IMAGE_SUFFIXES
    ]


def _folder_face(image: Path, name: str, split: str, label: int, subject: str | None) -> LabelledFace:
    return LabelledFace(
        name=name,
        split=split,
        votes=one_hot(label),
        label=label,
        subject=subject,
        read=lambda: decode_image(image.read_bytes, str(image)),
    )


def _jaffe_parts(image: Path) -> tuple[str, int] | None:
    pieces = image.name.split(".")
    if len(pieces) < 3 or len(pieces[0]) != 2:
        return None
    expression = JAFFE_CODES.get(pieces[1][:2].upper())
    if expression is None or not pieces[1][2:].isdigit():
        return None
    return pieces[0].upper(), EXPRESSIONS.index(expression)


def _split_name(text: str) -> str:
    return SPLIT_NAMES.get(text.strip().lower(), text.strip())


def _checked(name: str, faces: list[LabelledFace]) -> FaceSet:
    if not faces:
        raise DatasetError(f"{name} holds no labelled face.")
    return FaceSet(name, tuple(faces))
