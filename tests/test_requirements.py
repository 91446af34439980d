"""The locks follow their inputs, name a hash for everything, and name no place to get it from."""

import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent.parent / "requirements"
INPUTS = {
    "uv": ("uv",),
    "models": ("models",),
    "serve": ("serve",),
    "train": ("train",),
    "unit": ("serve", "unit"),
    "dev": ("serve", "train", "unit", "dev"),
}
PIN = re.compile(r"^([\w.-]+)(?:\[[\w,]+\])?==(\S+)", re.MULTILINE)


def pins_of(name: str) -> set[tuple[str, str]]:
    return set(PIN.findall((FOLDER / name).read_text()))


@pytest.mark.parametrize("name", INPUTS)
def test_a_lock_has_every_pin_of_its_inputs(name: str) -> None:
    wanted = {pin for each in INPUTS[name] for pin in pins_of(f"{each}.in")}
    assert wanted - pins_of(f"{name}.txt") == set(), "run `make locks`"


@pytest.mark.parametrize("name", ["serve", "train", "unit"])
def test_a_smaller_lock_agrees_with_that_of_development(name: str) -> None:
    assert pins_of(f"{name}.txt") - pins_of("dev.txt") == set(), "run `make locks`"


@pytest.mark.parametrize("name", INPUTS)
def test_everything_that_is_locked_has_a_hash(name: str) -> None:
    text = (FOLDER / f"{name}.txt").read_text()
    blocks = re.findall(r"^[\w.-]+(?:\[[\w,]+\])?==(?:.*\\\n)*.*", text, re.MULTILINE)
    assert len(blocks) == len(re.findall(r"^[^#\s].*==", text, re.MULTILINE)) > 0
    assert [block.split()[0] for block in blocks if "--hash=sha256:" not in block] == []


def test_no_lock_names_a_place_to_get_packages_from() -> None:
    locks = [*FOLDER.glob("*.txt"), *FOLDER.glob("*.in")]
    assert [path.name for path in locks if re.search(r"://|index-url|find-links", path.read_text())] == []
    assert '"resolved"' not in (FOLDER / "package-lock.json").read_text()


def test_training_is_named_beside_serving() -> None:
    text = (FOLDER.parent / "requirements.txt").read_text()
    assert re.findall(r"^-r (\S+)", text, re.MULTILINE) == ["requirements/serve.txt", "requirements/train.txt"]
