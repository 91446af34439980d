"""What greets a contributor is true: commands, links, lists of pages, the version."""

import re
from pathlib import Path

import pytest

from wellbeing import __version__

ROOT = Path(__file__).parent.parent
PAGES = ("CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "docs/README.md")


def links_of(page: str) -> set[str]:
    return set(re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", (ROOT / page).read_text()))


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_to_a_file(page: str) -> None:
    links = links_of(page)
    assert [link for link in sorted(links) if not (ROOT / page).parent.joinpath(link).exists()] == []
    assert links


def test_every_make_target_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {name for page in PAGES for name in re.findall(r"(?:^|`)make ([\w-]+)", (ROOT / page).read_text(), re.M)}
    assert named <= targets
    assert {"unit", "lint", "locks"} <= named


def test_the_index_lists_every_page() -> None:
    pages = {path.name for path in (ROOT / "docs").glob("*.md")} - {"README.md"}
    assert pages - links_of("docs/README.md") == set()


def test_every_decision_is_listed_under_its_own_number_and_title() -> None:
    folder = ROOT / "docs" / "decisions"
    listed = re.findall(r"^\* \[(\d+)\. (.+)\]\((.+)\)$", (folder / "README.md").read_text(), re.MULTILINE)
    pages = sorted(path.name for path in folder.glob("0*.md"))
    assert [link for _, _, link in listed] == pages
    assert [f"{int(number):04}" for number, _, _ in listed] == [name[:4] for name in pages]


def test_there_is_one_version_and_the_changelog_knows_it() -> None:
    assert "version =" not in (ROOT / "pyproject.toml").read_text().split("[tool.setuptools")[0]
    headings = re.findall(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert headings[:2] == ["Unreleased", __version__]


def test_hooks_call_what_lint_calls() -> None:
    lint = (ROOT / "Makefile").read_text().replace("$(DEV)", ".venv-dev")
    entries = re.findall(r"^ +entry: (\S+)", (ROOT / ".pre-commit-config.yaml").read_text(), re.MULTILINE)
    assert [entry for entry in entries if f"\t@{entry} " not in lint and f"\t@{entry}\n" not in lint] == []
    assert len(entries) > 5
