import io
from pathlib import Path

import numpy as np
import pytest
import skimage.data
from django.core.management import CommandError, call_command
from PIL import Image

from emotion.classifier.images import RGB
from emotion.classifier.runtime import Classifier, get_classifier
from emotion.labels import EXPRESSIONS
from research.load.drawn_face import draw_face

pytest.importorskip("tensorflow")
from scipy.stats import spearmanr

from research.training.gradcam import Explainer, heat_map

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]
HAPPINESS = EXPRESSIONS.index("happiness")


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return get_classifier()


@pytest.fixture(scope="module")
def explainer(classifier: Classifier) -> Explainer:
    return Explainer(classifier)


def correlate(first: np.ndarray, second: np.ndarray) -> float:
    """Spearman's; a map that is the same everywhere says nothing of the other."""
    return 0.0 if np.ptp(first) == 0 or np.ptp(second) == 0 else float(spearmanr(first.ravel(), second.ravel())[0])


@pytest.mark.parametrize("picture", [draw_face(1), skimage.data.astronaut()[72:184, 168:280]])
def test_randomised_weights_destroy_the_map(classifier: Classifier, explainer: Explainer, picture: RGB) -> None:
    tensor = classifier.network.prepare(np.ascontiguousarray(picture))
    learned = heat_map(explainer.network, tensor, HAPPINESS)
    weights, similar = explainer.network.get_weights(), []
    for seed in range(6):
        random = np.random.default_rng(seed)
        explainer.network.set_weights([random.permutation(w.ravel()).reshape(w.shape) for w in weights])
        similar.append(correlate(learned, heat_map(explainer.network, tensor, HAPPINESS)))
    explainer.network.set_weights(weights)
    assert np.mean(np.abs(similar)) < 0.3
    assert np.array_equal(heat_map(explainer.network, tensor, HAPPINESS), learned)


def test_most_of_the_map_of_the_drawn_face_is_on_the_face(classifier: Classifier, explainer: Explainer) -> None:
    drawn = draw_face(1)
    heat = explainer.explain(drawn, HAPPINESS)
    left, top, right, bottom = classifier.classify_array(drawn).box or (0, 0, 0, 0)
    assert heat.shape == drawn.shape[:2]
    assert (heat.min(), heat.max()) == (0, pytest.approx(1, abs=0.05))
    assert heat[top:bottom, left:right].sum() > 0.7 * heat.sum()


def test_smile_is_seen_at_the_mouth(explainer: Explainer) -> None:
    heat = explainer.explain(np.ascontiguousarray(skimage.data.astronaut()), HAPPINESS)
    row, column = np.unravel_index(np.argmax(heat), heat.shape)
    assert (int(column), int(row)) == pytest.approx((219, 145), abs=25)


def test_cut_picture_is_explained_whole(explainer: Explainer) -> None:
    cut = np.ascontiguousarray(skimage.data.astronaut()[72:184, 168:280])
    assert explainer.explain(cut, HAPPINESS, detect=False).shape == (112, 112)


def test_nothing_is_explained_without_a_face(explainer: Explainer) -> None:
    with pytest.raises(ValueError, match="no face"):
        explainer.explain(np.full((240, 320, 3), 105, np.uint8), HAPPINESS)


def test_command_writes_a_map_for_each_reading(tmp_path: Path) -> None:
    Image.fromarray(skimage.data.astronaut()).save(tmp_path / "smile.png")
    Image.new("RGB", (320, 240), "grey").save(tmp_path / "room.png")
    call_command("explain_reading", str(tmp_path), "--annotate", str(tmp_path / "why"), stdout=io.StringIO())
    assert [path.name for path in (tmp_path / "why").iterdir()] == ["smile.png-heat.png"]
    explained = np.array(Image.open(tmp_path / "why" / "smile.png-heat.png"))[:512]
    changed = np.any(explained != skimage.data.astronaut(), axis=-1)
    assert changed[130:160, 195:245].mean() > 0.9
    assert changed[300:].mean() < 0.02


def test_command_asks_where_to(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="--annotate DIR"):
        call_command("explain_reading", str(tmp_path))
