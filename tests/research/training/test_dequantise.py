import numpy as np
import pytest
import skimage.data

from emotion.classifier.faces import NEAR, _read_release
from emotion.classifier.images import RGB
from emotion.classifier.runtime import Network
from emotion.classifier.spec import ModelDamaged, ModelSpec
from research.load.drawn_face import draw_face

pytest.importorskip("tensorflow")

from research.training.dequantise import load_float_network
from research.training.litert_file import read_layers
from research.training.seven_bits import limit_weights
from tests.emotion.classifier.conftest import make_spec

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]


def cut_faces() -> list[RGB]:
    """The portrait and the drawn head cut tight, lighter, darker and mirrored."""
    plain = [skimage.data.astronaut()[72:184, 168:280], draw_face(1)[30:226, 30:226]]
    varied = [view for face in plain for view in (face, face // 2, face[:, ::-1])]
    return [np.ascontiguousarray(face) for face in varied]


def test_shipped_file_in_floats_answers_as_it_is_served() -> None:
    spec = ModelSpec.load()
    content = spec.read_weights()
    network, served = load_float_network(spec, content), Network(spec, content)
    exact, quantised = [], []
    for square in cut_faces():
        exact.append(np.asarray(network(served.prepare(square), training=False))[0])
        quantised.append(served.logits(square))
    gaps = np.abs(np.subtract(exact, quantised))
    assert gaps.mean() < 0.2
    assert gaps.max() < 0.6
    assert np.argmax(exact, axis=1).tolist() == np.argmax(quantised, axis=1).tolist()


@pytest.mark.parametrize("content", [b"", b"TFL3" * 100, None], ids=["empty", "no network", "another network"])
def test_other_files_are_refused(content: bytes | None) -> None:
    with pytest.raises(ModelDamaged):
        load_float_network(make_spec(), _read_release(NEAR) if content is None else content)


def test_weights_are_halved_once_and_mean_the_same() -> None:
    eight = bytearray(ModelSpec.load().read_weights())
    for kernel, _ in read_layers(eight):
        kernel.levels[...] = np.clip(kernel.levels.astype(int) * 2, -127, 127)
    seven = limit_weights(bytes(eight))
    for (wide, _), (narrow, _) in zip(read_layers(eight), read_layers(seven), strict=True):
        assert (np.abs(wide.levels.astype(int)).max(), np.abs(narrow.levels.astype(int)).max()) == (127, 64)
        assert wide.scale is not None
        assert np.abs(narrow.to_floats() - wide.to_floats()).max() <= wide.scale.max() * 1.01
    assert limit_weights(seven) == seven


def test_shipped_weights_are_within_seven_bits() -> None:
    content = ModelSpec.load().read_weights()
    assert limit_weights(content) == content
