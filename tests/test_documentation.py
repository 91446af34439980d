"""What operators read must name what the code reads."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
READERS = [*(ROOT / "wellbeing").rglob("*.py"), *(ROOT / "emotion").rglob("*.py"), ROOT / "Procfile"]


def _variables_read() -> set[str]:
    text = "\n".join(path.read_text() for path in READERS)
    return set(re.findall(r"""env_(?:str|bool|int|list|secrets)\(\s*["'](WELLBEING_\w+)""", text)) | set(
        re.findall(r'_database\("(WELLBEING_\w+)', text) + re.findall(r"\$\{(WELLBEING_\w+)", text)
    )


def test_every_variable_that_is_read_stands_in_the_example_file_and_no_other() -> None:
    documented = set(re.findall(r"^#?(WELLBEING_\w+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert documented == _variables_read()
    assert len(documented) > 20


def test_every_relative_link_in_the_documents_leads_to_a_file() -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    links = [
        (page, link) for page in pages for link in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", page.read_text())
    ]
    assert [f"{page.name}: {link}" for page, link in links if not (page.parent / link).exists()] == []
    assert len(links) > 5


def test_every_make_target_in_the_readme_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"(?:^|`)make ([a-z-]+)", (ROOT / "README.md").read_text(), re.MULTILINE))
    assert named <= targets
    assert {"run", "test"} <= named
