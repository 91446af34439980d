"""Imports run one way, heavy libraries stay out of the web process, and one package does the cryptography."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("wellbeing", "emotion", "recommender", "rights")

PURE = (
    "vault.crypto",
    "core.wording_lint",
    "emotion.labels",
    "emotion.jpeg",
    "emotion.schedule",
    "emotion.resting_face",
    "emotion.ask_first",
    "emotion.classifier",
    "research.training",
    "recommender.mood.affect",
    "recommender.mood.observations",
    "recommender.mood.prevalence",
    "recommender.mood.agreement",
    "recommender.mood.summary",
    "recommender.mood.daily_values",
    "recommender.mood.baseline",
    "recommender.mood.drop_detection",
    "recommender.mood.patterns",
    "recommender.mood.effects",
    "recommender.mood.trend",
    "recommender.dashboard.trend_wording",
    "recommender.dashboard.charts",
    "recommender.ranking.reward_model",
    "recommender.ranking.reasons",
    "research.recommender",
    "recommender.ranking.history",
    "recommender.ranking.suggest",
    "recommender.dashboard.wording",
    "recommender.catalogue.checks",
    "recommender.dashboard.entry_lines",
    "recommender.dashboard.page",
    "rights.export_json",
    "rights.export_csv",
    "rights.export_pdf",
    "rights.receipts",
)
# Lower may not import higher. A module takes the layer of the longest prefix that fits.
LAYERS = {
    0: PURE,
    1: ("{app}.models", "{app}.tasks", "{app}.blobs"),
    2: ("{app}.selectors", "{app}.journal", "{app}.showing"),
    3: ("{app}.services",),
    4: (
        "{app}.views",
        "{app}.api",
        "{app}.admin",
        "{app}.urls",
        "{app}.management",
        "{app}.middleware",
        "{app}.receivers",
    ),
}


def _modules() -> Iterator[tuple[str, Path]]:
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            if "migrations" not in path.parts:
                parts = path.relative_to(ROOT).with_suffix("").parts
                yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


def _imports(path: Path, *, top_level_only: bool = False) -> set[str]:
    tree = ast.parse(path.read_text())
    found: set[str] = set()
    for node in tree.body if top_level_only else ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def _within(name: str, prefixes: tuple[str, ...]) -> bool:
    return any(name == prefix or name.startswith(f"{prefix}.") for prefix in prefixes)


def _layer(name: str) -> int | None:
    app = name.partition(".")[0]
    for layer, prefixes in LAYERS.items():
        if _within(name, tuple(prefix.format(app=app) for prefix in prefixes)):
            return layer
    return None


MODULES = dict(_modules())


@pytest.mark.parametrize("name", [name for name in MODULES if _within(name, PURE)])
def test_pure_modules_know_no_django(name: str) -> None:
    outside = {"django", "rest_framework", "celery", "redis", "allauth"}
    assert {found for found in _imports(MODULES[name]) if found.partition(".")[0] in outside} == set()


@pytest.mark.parametrize("name", [name for name in MODULES if _layer(name) is not None])
def test_imports_run_downwards(name: str) -> None:
    layer = _layer(name)
    app = name.partition(".")[0]
    assert layer is not None
    # A task is a leaf that calls its one service inside the function.
    found = _imports(MODULES[name], top_level_only=name.endswith(".tasks"))
    upward = {other for other in found if other.startswith(f"{app}.") and (_layer(other) or 0) > layer}
    assert upward == set()


@pytest.mark.parametrize("name", [name for name in MODULES if name.startswith("emotion")])
def test_emotion_never_imports_recommender(name: str) -> None:
    assert not any(_within(found, ("recommender",)) for found in _imports(MODULES[name]))


@pytest.mark.parametrize("name", [name for name in MODULES if name.startswith("recommender")])
def test_recommender_reads_emotion_through_few_doors(name: str) -> None:
    doors = (
        "vault.journal",
        "emotion.displayed_journal",
        "emotion.selectors",
        "emotion.labels",
        "emotion.classifier.spec",
    )
    found = {other for other in _imports(MODULES[name]) if _within(other, ("emotion",)) and other != "emotion"}
    assert {other for other in found if not _within(other, (*doors, "emotion.classifier"))} == set()


@pytest.mark.parametrize("name", [name for name in MODULES if not _within(name, ("vault.crypto",))])
def test_only_the_vault_imports_cryptography(name: str) -> None:
    assert not any(_within(found, ("cryptography",)) for found in _imports(MODULES[name]))


@pytest.mark.parametrize("name", [name for name in MODULES if not _within(name, ("research.training",))])
def test_training_libraries_stay_in_training(name: str) -> None:
    heavy = ("tensorflow", "keras", "matplotlib", "sklearn")
    assert not any(_within(found, heavy) for found in _imports(MODULES[name]))


_LOADED = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
import django
django.setup()
{extra}
heavy = ("tensorflow", "keras", "matplotlib", "sklearn", "cv2", "openvino")
print(",".join(name for name in heavy if name in sys.modules))
"""


@pytest.mark.parametrize(
    "extra",
    ["from django.urls import get_resolver; get_resolver().url_patterns", "import emotion.tasks, wellbeing.celery"],
    ids=["web", "worker parent"],
)
def test_web_and_worker_parent_load_no_heavy_library(extra: str) -> None:
    result = subprocess.run(
        [sys.executable, "-c", _LOADED.format(extra=extra)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == ""


def test_worker_parent_loads_no_page() -> None:
    code = (
        "import sys; from wellbeing.celery import app; app.loader.import_default_modules(); app.loader.init_worker();"
        "print([name for name in ('emotion.tasks', 'wellbeing.urls', 'recommender.catalogue.admin') if name in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert result.stdout == "['emotion.tasks']\n"


def test_the_layer_rule_would_notice() -> None:
    assert _layer("emotion.services.accept") == 3
    assert _layer("emotion.selectors") == 2
    assert _layer("vault.crypto.sealing") == 0
