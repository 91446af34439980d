"""What operators read must name what the code reads."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from emotion.classifier.measured import read_reports
from emotion.classifier.spec import ModelSpec
from research.benchmarks import journal
from research.benchmarks.side_by_side import report as speed
from research.benchmarks.with_data import face_quality
from research.recommender.report import write_report
from research.training.card import write_card
from tests.chaos import report as reliability

ROOT = Path(__file__).parent.parent
READERS = [*(ROOT / "wellbeing").rglob("*.py"), *(ROOT / "emotion").rglob("*.py"), ROOT / "Procfile"]


def _variables_read() -> set[str]:
    text = "\n".join(path.read_text() for path in READERS)
    return set(
        re.findall(r"""read_(?:str|bool|int|list|secrets|zone|choice|url|site|sender)\(\s*["'](WELLBEING_\w+)""", text)
    ) | set(re.findall(r'_database\("(WELLBEING_\w+)', text) + re.findall(r"\$\{(WELLBEING_\w+)", text))


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
    targets = set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"(?:^|`)make ([a-z0-9-]+)", (ROOT / "README.md").read_text(), re.MULTILINE))
    assert named <= targets
    assert {"run", "test"} <= named


def _figures(name: str) -> Any:
    return json.loads((ROOT / "docs" / "measurements" / f"{name}.json").read_text())


@pytest.mark.parametrize(
    ("page", "write"),
    [
        ("model-card", lambda: write_card(ModelSpec.load(), read_reports())),
        ("performance", lambda: speed.write_page(_figures("classifier-speed"))),
        ("journal-speed", lambda: journal.write_page(_figures("journal"))),
        ("face-quality", lambda: face_quality.write_page(_figures("corruptions"))),
        ("reliability", lambda: reliability.write(*map(_figures, ("chaos", "pipeline", "scale")))),
    ],
)
def test_page_of_figures_is_what_its_command_writes_from_them(page: str, write: Any) -> None:
    assert (ROOT / "docs" / f"{page}.md").read_text() == write()


@pytest.mark.parametrize("name", ["classifier-speed", "corruptions", "recommender"])
def test_figures_are_those_of_the_shipped_model(name: str) -> None:
    assert _figures(name)["model"] == ModelSpec.load().name


def test_recommender_report_is_what_its_command_writes_from_the_figures(tmp_path: Path) -> None:
    write_report(_figures("recommender"), tmp_path / "report.md")
    assert (tmp_path / "report.md").read_text() == (ROOT / "docs" / "recommender-report.md").read_text()
    drawn = sorted((tmp_path / "images").iterdir())
    assert {path.name: path.read_text() for path in drawn} == {
        path.name: (ROOT / "docs" / "images" / path.name).read_text() for path in drawn
    }
    assert len(drawn) > 2
