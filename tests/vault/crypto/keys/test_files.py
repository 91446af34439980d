import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.crypto.keys.files import (
    KeyLine,
    activate,
    announce,
    drop_retired,
    parse_key_lines,
    read_key_file,
    write_key_file,
)

_texts = st.text("abcDEF012-_=", min_size=8, max_size=20)
_lines = st.one_of(
    st.builds(KeyLine, _texts, st.none() | st.integers(0, 2**40), st.booleans()),
    st.builds(KeyLine, _texts, is_announced=st.just(True)),
)


@given(st.lists(_lines, max_size=6))
def test_lines_are_read_as_they_were_written(lines: list[KeyLine]) -> None:
    assert parse_key_lines("\n".join(map(str, lines))) == lines


def test_a_key_is_known_before_it_writes_and_after() -> None:
    old = [KeyLine("old")]
    announced = announce(old, "new")
    assert [str(line) for line in announced] == ["old", "new announced"]
    assert announce(announced, "newer") == announced
    active = activate(announced, 100)
    assert [str(line) for line in active] == ["new", "old retired 100"]
    assert activate(active, 200) == active
    again = activate(announce(active, "newest"), 300)
    assert [str(line) for line in again] == ["newest", "new retired 300", "old retired 100"]
    assert [str(line) for line in drop_retired(again, before=300)] == ["newest", "new retired 300"]


def test_keys_added_by_hand_are_not_taken_for_announced() -> None:
    by_hand = [KeyLine("mine"), KeyLine("before")]
    assert activate(by_hand, 1) == by_hand
    assert [str(line) for line in activate(announce(by_hand, "new"), 1)] == [
        "new",
        "mine retired 1",
        "before retired 1",
    ]


@pytest.mark.parametrize("content", ["a b", "verify", "a retired", "a retired soon", "verify a announced", "a b c d"])
def test_another_shape_is_refused(content: str) -> None:
    with pytest.raises(ValueError, match=r"not a line|invalid literal"):
        parse_key_lines(content)


def test_the_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "x.keys"
    path.write_text("one\n")
    write_key_file(path, [KeyLine("two"), KeyLine("one", retired_at=5)])
    assert read_key_file(path) == [KeyLine("two"), KeyLine("one", retired_at=5)]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["x.keys"]


def test_no_key_in_a_repr() -> None:
    assert "two" not in repr(KeyLine("two"))
