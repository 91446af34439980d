import zipfile
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from emotion.labels import EXPRESSIONS
from research.classify.pictures import read_image
from research.training.datasets import FER_PLUS_COLUMNS, DatasetError, count_votes, grey_square, load_dataset

HEADER = f"file,usage,fer2013_label,{','.join(FER_PLUS_COLUMNS)}"


def png(value: int, size: int = 48) -> bytes:
    stream = BytesIO()
    Image.new("L", (size, size), value).save(stream, "PNG")
    return stream.getvalue()


def fer_plus(path: Path, rows: list[str], images: dict[str, bytes], header: str = HEADER) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("labels.csv", "\n".join([header, *rows]))
        for name, data in images.items():
            archive.writestr(name, data)
    return path


@pytest.fixture
def folders(tmp_path: Path) -> Path:
    for split, name, value in (("train", "happy", 10), ("train", "anger", 20), ("valid", "Sadness", 30)):
        place = tmp_path / split / name
        place.mkdir(parents=True)
        (place / "a.png").write_bytes(png(value))
    return tmp_path


def test_class_folders_with_splits_keep_their_split_and_common_names(folders: Path) -> None:
    faces = load_dataset(folders)
    assert [(face.split, EXPRESSIONS[face.label]) for face in faces] == [
        ("train", "anger"),
        ("train", "happiness"),
        ("valid", "sadness"),
    ]
    assert faces.split("FER2013Valid").grey_images(48)[0, 0, 0] == 30


def test_plain_class_folders_have_no_split(tmp_path: Path) -> None:
    (tmp_path / "fear").mkdir()
    (tmp_path / "fear" / "x.PNG").write_bytes(png(1))
    (tmp_path / "fear" / "notes.txt").write_text("not a picture")
    faces = load_dataset(tmp_path)
    assert [face.name for face in faces] == ["fear/x.PNG"]
    with pytest.raises(DatasetError, match="has no split 'valid'; it has: none"):
        faces.split("valid")


def test_a_folder_that_names_no_expression_is_named_in_the_error(folders: Path) -> None:
    (folders / "train" / "bored").mkdir()
    with pytest.raises(DatasetError, match="train/bored"):
        load_dataset(folders)


def test_jaffe_names_give_subject_and_expression_even_for_palette_pictures(tmp_path: Path) -> None:
    Image.new("L", (256, 256), 77).convert("P").save(tmp_path / "KA.AN1.39.tiff")
    Image.new("L", (256, 256), 99).save(tmp_path / "YM.NE2.5.tiff")
    faces = load_dataset(tmp_path)
    assert [(face.subject, EXPRESSIONS[face.label]) for face in faces] == [("KA", "anger"), ("YM", "neutral")]
    assert faces.grey_images(48)[:, 0, 0].tolist() == [77, 99]


def test_a_stranger_among_jaffe_pictures_is_refused(tmp_path: Path) -> None:
    Image.new("L", (8, 8)).save(tmp_path / "KA.AN1.39.tiff")
    Image.new("L", (8, 8)).save(tmp_path / "holiday.tiff")
    with pytest.raises(DatasetError, match=r"holiday\.tiff is not named as JAFFE"):
        load_dataset(tmp_path)


def test_fer2013_csv_is_read_with_its_own_order_of_expressions(tmp_path: Path) -> None:
    pixels = " ".join(["7"] * 2304)
    path = tmp_path / "fer2013.csv"
    path.write_text(f"emotion,pixels,Usage\n3,{pixels},Training\n6,{pixels},PublicTest\n4,{pixels},PrivateTest\n")
    faces = load_dataset(path)
    assert [(face.split, EXPRESSIONS[face.label]) for face in faces] == [
        ("train", "happiness"),
        ("valid", "neutral"),
        ("test", "sadness"),
    ]
    assert faces.grey_images(48).tolist() == np.full((3, 48, 48), 7).tolist()


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("7,0 0,Training", "line 2: emotion must be 0 to 6"),
        ("x,0 0,Training", "line 2: emotion must be 0 to 6"),
        ("1,0 0,Training", "line 2: expected 2304 pixels"),
        ("1,0 a,Training", "line 2: pixels hold something not a number"),
        (f"1,{' '.join(['256'] * 2304)},Training", "line 2: expected 2304 pixels of 0 to 255"),
        ("1", "line 2: wrong number of fields"),
    ],
)
def test_a_broken_fer2013_row_is_named_by_line(tmp_path: Path, row: str, told: str) -> None:
    path = tmp_path / "fer2013.csv"
    path.write_text(f"emotion,pixels,Usage\n{row}\n")
    with pytest.raises(DatasetError, match=told):
        load_dataset(path)


def test_fer_plus_zip_keeps_votes_second_label_and_clearness(tmp_path: Path) -> None:
    rows = [
        "t/1.png,Training,fear,4,0,0,0,3,2,1,0,0,0",
        "t/2.png,PublicTest,happy,0,10,0,0,0,0,0,0,0,0",
        "t/3.png,Training,sad,0,0,0,1,0,0,0,9,0,0",
    ]
    path = fer_plus(tmp_path / "plus.zip", rows, {f"t/{i}.png": png(i) for i in (1, 2, 3)})
    faces = load_dataset(path)
    assert [face.name for face in faces] == ["t/1.png", "t/2.png"]
    first, second = faces
    assert first.votes == pytest.approx((3 / 9, 2 / 9, 0, 0, 4 / 9, 0, 0))
    assert (EXPRESSIONS[first.label], first.clear, first.second) == ("neutral", False, EXPRESSIONS.index("fear"))
    assert (EXPRESSIONS[second.label], second.clear, second.split) == ("happiness", True, "valid")
    assert faces.grey_images(48)[:, 0, 0].tolist() == [1, 2]


def test_fer_plus_csv_beside_its_pictures_reads_like_the_zip(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(png(5))
    path = tmp_path / "labels.csv"
    path.write_text(f"{HEADER}\na.png,Training,happy,0,10,0,0,0,0,0,0,0,0\n")
    assert load_dataset(path).grey_images(48)[0, 0, 0] == 5


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("t/1.png,Training,fear,4,0,0,0,x,2,1,0,0,0", "line 2: a vote is not a whole number"),
        ("t/1.png,Training,fear,4,0,0,0,-1,2,1,0,0,0", "line 2: a vote is negative"),
        ("t/9.png,Training,fear,4,0,0,0,3,2,1,0,0,0", r"names t/9\.png .* does not hold it"),
        ("t/1.png,Training,fear,0,0,0,0,0,0,0,9,0,0", "holds no labelled face"),
        ("t/1.png,Training", "wrong number of fields"),
    ],
)
def test_a_broken_fer_plus_zip_says_what_is_wrong(tmp_path: Path, row: str, told: str) -> None:
    path = fer_plus(tmp_path / "plus.zip", [row], {"t/1.png": png(1)})
    with pytest.raises(DatasetError, match=told):
        load_dataset(path)


def test_other_broken_inputs_say_what_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "no.zip").write_bytes(b"no zip")
    (tmp_path / "odd.csv").write_text("a,b\n1,2\n")
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "face.gif").write_bytes(b"")
    with zipfile.ZipFile(tmp_path / "bare.zip", "w") as archive:
        archive.writestr("a.png", png(1))
    for name, told in (
        ("no.zip", "not a zip file"),
        ("bare.zip", "no labels.csv"),
        ("odd.csv", "neither FER2013's columns"),
        ("empty.csv", "has no rows"),
        ("face.gif", "neither a folder"),
        ("missing", "does not exist"),
    ):
        with pytest.raises(DatasetError, match=told):
            load_dataset(tmp_path / name)
    (tmp_path / "empty").mkdir()
    with pytest.raises(DatasetError, match="holds no labelled face"):
        load_dataset(tmp_path / "empty")


def test_a_fer_plus_zip_without_a_column_of_votes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "plus.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            "labels.csv", f"{HEADER.replace('contempt', 'envy')}\nt/1.png,Training,fear,4,0,0,0,3,2,1,0,0,0\n"
        )
    with pytest.raises(DatasetError, match=r"labels\.csv has not FER\+'s columns"):
        load_dataset(path)


def test_a_damaged_member_of_a_zip_is_named_when_it_is_read(tmp_path: Path) -> None:
    picture = png(1)
    path = fer_plus(tmp_path / "plus.zip", ["t/1.png,Training,fear,4,0,0,0,3,2,1,0,0,0"], {"t/1.png": picture})
    content = path.read_bytes()
    at = content.index(picture) + len(picture) // 2
    path.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
    with pytest.raises(DatasetError, match=r"t/1\.png is not an image that can be read: Bad CRC"):
        load_dataset(path).grey_images(48)


def test_a_picture_that_is_gone_when_it_is_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "fear").mkdir()
    (tmp_path / "fear" / "x.png").write_bytes(png(1))
    faces = load_dataset(tmp_path)
    (tmp_path / "fear" / "x.png").unlink()
    with pytest.raises(DatasetError, match=r"x\.png is not an image that can be read"):
        faces.grey_images(48)


def test_pictures_are_decoded_as_those_that_are_classified(tmp_path: Path) -> None:
    (tmp_path / "fear").mkdir()
    deep = Image.fromarray(np.arange(0, 65536, 64, dtype=np.uint16).reshape(32, 32))
    clear = Image.new("LA", (32, 32), (0, 0))
    turned = Image.Exif()
    turned[0x0112] = 6
    wide = Image.fromarray(np.arange(64, dtype=np.uint8).reshape(4, 16))
    for name, picture, exif in (("a", deep, None), ("b", clear, None), ("c", wide, turned)):
        picture.save(tmp_path / "fear" / f"{name}.png", exif=exif)
    for face, name in zip(load_dataset(tmp_path), "abc", strict=True):
        pixels, seen = face.read(), read_image(tmp_path / "fear" / f"{name}.png")
        assert np.array_equal(np.broadcast_to(pixels[..., None], seen.shape) if pixels.ndim == 2 else pixels, seen)


def test_a_damaged_picture_is_named_when_it_is_read(tmp_path: Path) -> None:
    (tmp_path / "fear").mkdir()
    (tmp_path / "fear" / "x.png").write_bytes(png(1)[:30])
    faces = load_dataset(tmp_path)
    with pytest.raises(DatasetError, match=r"x\.png is not an image"):
        faces.grey_images(48)


def test_a_wide_colour_picture_becomes_its_grey_middle_square() -> None:
    picture = np.zeros((10, 30, 3), np.uint8)
    picture[:, 10:20] = 200
    assert grey_square(picture, 10).tolist() == np.full((10, 10), 200).tolist()


@given(st.lists(st.integers(0, 10), min_size=10, max_size=10))
def test_votes_become_shares_of_the_seven_with_their_winner_on_top(votes: list[int]) -> None:
    counted = count_votes(votes)
    seven, others = votes[:7], votes[7:]
    if max(seven) == 0 or max(seven) < max(others):
        assert counted is None
        return
    assert counted is not None
    shares, label, _ = counted
    assert sum(shares) == pytest.approx(1)
    assert shares[label] == max(shares)
    assert votes[FER_PLUS_COLUMNS.index(EXPRESSIONS[label])] == max(seven)
