import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.crypto.errors import RecoveryCodeInvalid
from vault.crypto.recovery import format_recovery_code, make_recovery_code, parse_recovery_code, split_groups


@given(code=st.binary(min_size=32, max_size=32))
def test_what_is_shown_reads_back(code: bytes) -> None:
    assert parse_recovery_code(format_recovery_code(code)) == code


@given(code=st.binary(min_size=32, max_size=32))
def test_case_blanks_dashes_and_look_alikes_are_forgiven(code: bytes) -> None:
    text = format_recovery_code(code)
    sloppy = f"  {text.lower().replace('-', ' ').replace('0', 'o').replace('1', 'l')}\n"
    assert parse_recovery_code(sloppy) == code


def test_a_code_is_13_groups_of_4() -> None:
    assert [len(group) for group in split_groups(make_recovery_code())] == [4] * 13


def test_codes_differ() -> None:
    assert len({make_recovery_code() for _ in range(100)}) == 100


@pytest.mark.parametrize("text", ["", "hello", "U" * 52, "0" * 51, "0" * 53, "é" * 52, "\uff12" * 52])
def test_other_text_is_no_code(text: str) -> None:
    with pytest.raises(RecoveryCodeInvalid):
        parse_recovery_code(text)


def test_most_slips_of_the_pen_are_noticed() -> None:
    text = format_recovery_code(bytes(range(32)))
    noticed = 0
    for place, character in enumerate(text):
        if character == "-":
            continue
        try:
            noticed += (
                parse_recovery_code(f"{text[:place]}{'Z' if character != 'Z' else 'Y'}{text[place + 1 :]}") == b""
            )
        except RecoveryCodeInvalid:
            noticed += 1
    assert noticed >= 44
