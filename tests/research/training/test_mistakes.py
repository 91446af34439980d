import json
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
import skimage.data
from django.core.management import call_command
from PIL import Image

from emotion.classifier.runtime import get_classifier
from emotion.classifier.spec import ModelSpec
from emotion.labels import EXPRESSIONS
from research.training.evaluate import Answers

pytest.importorskip("tensorflow")

from research.training.gradcam import Explainer
from research.training.mistakes import Misread, find_misread, mean_heat
from tests.emotion.classifier.conftest import make_spec

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]
ANGER, HAPPINESS, SADNESS = (EXPRESSIONS.index(name) for name in ("anger", "happiness", "sadness"))


def answers_of(labels: list[int], said: list[int | None], sure: list[float]) -> Answers:
    """One logit above zero for each answered face; None for a refused one."""
    rows = [row for row, answer in enumerate(said) if answer is not None]
    logits = np.zeros((len(rows), 7))
    for place, row in enumerate(rows):
        logits[place, said[row]] = sure[row]
    outcomes = tuple("no_face" if answer is None else "reading" for answer in said)
    return Answers(np.array(labels), np.array(rows), logits, outcomes, np.arange(len(labels)))


def test_surest_mistakes_come_first_and_refused_faces_are_none() -> None:
    spec: ModelSpec = make_spec()
    answers = answers_of(
        [ANGER, ANGER, ANGER, ANGER, SADNESS], [SADNESS, ANGER, None, HAPPINESS, ANGER], [1.0, 9.0, 0.0, 4.0, 5.0]
    )
    found = find_misread(answers, spec, ANGER)
    assert (found.right, found.wrong, found.predicted) == ([1], [3, 0], [HAPPINESS, SADNESS])
    assert found.shares == pytest.approx([np.exp(4) / (np.exp(4) + 6), np.e / (np.e + 6)])
    assert find_misread(answers, spec, HAPPINESS) == Misread([], [], [], [])


def test_mean_map_of_a_smile_is_hottest_low_in_the_square() -> None:
    heat = mean_heat([skimage.data.astronaut()], HAPPINESS, Explainer(get_classifier()), detect=True)
    assert heat is not None
    assert heat.shape == (48, 48)
    assert heat[26:].sum() > heat[:22].sum()
    assert mean_heat([], HAPPINESS, Explainer(get_classifier()), detect=True) is None


def test_command_draws_what_was_misread(tmp_path: Path) -> None:
    for name in ("happiness", "anger"):
        (tmp_path / "faces" / name).mkdir(parents=True)
        Image.fromarray(skimage.data.astronaut()).save(tmp_path / "faces" / name / "smile.png")
    out, told = tmp_path / "out", StringIO()
    call_command("evaluate_classifier", tmp_path / "faces", pictures=out, json=tmp_path / "report.json", stdout=told)
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["balanced"]["per_class"]["anger"]["recall"] == 0.0
    drawn = sorted(str(path.relative_to(out)) for path in out.rglob("*.png"))
    assert drawn == [
        "confusion-balanced.png",
        "confusion-everyday.png",
        "mistakes/anger.png",
        "reliability.png",
        "where.png",
    ]
