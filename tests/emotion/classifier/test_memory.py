"""What a worker no longer needs is given back, and what it needs again is there again."""

import sys
from pathlib import Path

import psutil
import pytest

from emotion.classifier.memory import find_unchanged, return_freed_memory, unmap_libraries
from emotion.classifier.runtime import get_classifier

linux_alone = pytest.mark.skipif(sys.platform != "linux", reason="memory is given back on Linux alone")


def mapping(access: str, path: str, *, anonymous: int = 0, swap: int = 0) -> str:
    return (
        f"7f00-7f80 {access} 00000000 fe:00 260386                     {path}\n"
        f"Size: 8 kB\nAnonymous:      {anonymous:8} kB\nKSM: 0 kB\nSwap:           {swap:8} kB\nVmFlags: rd mr\n"
    )


@pytest.mark.parametrize("access", ["r-xp", "r--p"])
def test_what_is_as_in_its_file_may_go(access: str) -> None:
    smaps = mapping("rw-p", "/lib/one.so") + mapping(access, "/lib/a name with blanks.so") + mapping("rw-p", "")
    assert list(find_unchanged(smaps)) == [(0x7F00, 0x7F80)]


@pytest.mark.parametrize(
    "kept",
    [
        mapping("r--p", "/lib/one.so", anonymous=4),
        mapping("r--p", "/lib/one.so", swap=4),
        mapping("rw-p", "/lib/one.so"),
        mapping("r--s", "/lib/one.so"),
        mapping("r-xp", "[vdso]"),
        mapping("r-xp", ""),
    ],
    ids=["relocated", "swapped out", "writable", "shared", "the kernel's", "without a file"],
)
def test_what_would_be_lost_stays(kept: str) -> None:
    assert list(find_unchanged(kept + mapping("rw-p", ""))) == []


@linux_alone
def test_what_opened_the_networks_is_let_go_and_the_answers_stay() -> None:
    classifier = get_classifier()
    classifier.check_golden()
    before = psutil.Process().memory_info().shared
    unmap_libraries()
    assert psutil.Process().memory_info().shared < before / 2
    classifier.check_golden()


@linux_alone
def test_every_library_of_this_process_has_a_part_that_may_go() -> None:
    found = set(find_unchanged(Path("/proc/self/smaps").read_text()))
    code = {(m.addr, m.perms, m.path) for m in psutil.Process().memory_maps(grouped=False) if m.perms == "r-xp"}
    spans = {tuple(int(end, 16) for end in addr.split("-")) for addr, _, path in code if path.startswith("/")}
    assert spans <= found


def test_freed_blocks_are_given_back_without_harm() -> None:
    classifier = get_classifier()
    return_freed_memory()
    classifier.check_golden()
