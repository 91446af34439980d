"""What README promises of browsers, against what scripts and styles use."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
SCRIPTS = sorted((ROOT / "static/js").rglob("*.js"))
STYLES = sorted((ROOT / "static/css").glob("*.css"))
#: What Chrome 111, Firefox 113 or Safari 16.2 lacks and would not do without unnoticed; by MDN's browser-compat-data.
NEWER = {
    ".js": r"AbortSignal\.(any|timeout)|\.to(Sorted|Reversed|Spliced)\(|Promise\.(withResolvers|try)|\.groupBy\("
    r"|URL\.canParse|Array\.fromAsync|FromJSON\(|(from|to)(Base64|Hex)\(|navigator\.clipboard\.read",
    ".css": r":has\(|@starting-style|@scope|&[ :.]|@property|oklch\(from|rgb\(from",
}


@pytest.mark.parametrize("path", [*SCRIPTS, *STYLES], ids=lambda path: path.name)
def test_nothing_newer_than_the_promised_browsers_is_used(path: Path) -> None:
    assert "Chrome and Edge 111, Firefox 113, Safari 16.2" in README
    assert [found.group() for found in re.finditer(NEWER[path.suffix], path.read_text())] == []


def test_browsers_without_light_dark_get_the_colours_of_the_day() -> None:
    sheet = (ROOT / "static/css/base.css").read_text()
    day = dict(re.findall(r"(--[a-z-]+): light-dark\((.+?), (?:#|rgb).*\);", sheet))
    fallback = sheet[sheet.index("@supports not (color: light-dark(") :]
    assert dict(re.findall(r"^    (--[a-z-]+): (.+);$", fallback, re.MULTILINE)) == day
    assert len(day) == sheet.count("light-dark(#") + sheet.count("light-dark(rgb") - 1
    others = "".join(path.read_text() for path in STYLES if path.name != "base.css")
    assert "light-dark(" not in others
