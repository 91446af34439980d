"""Times one classifier in its own process: `contender.py NAME FOLDER CALLS`, figures as JSON on stdout.

Top-level imports exist in every contender's environment. `FOLDER` holds JPEGs. It prints "ready" after the first
answer, so that the parent process can measure the time since the start.
"""

import io
import itertools
import json
import resource
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[3]))

_WARM_UP = 10
#: Side of VGG16's input, in pixels.
_SIDE = 48


def read_with_ours(frames: list[bytes]) -> Callable[[int], Any]:
    from emotion.classifier.runtime import get_classifier

    classifier = get_classifier()
    return lambda turn: classifier.classify_jpegs([frames[turn]], forget=False)


def read_with_ours_and_forget(frames: list[bytes]) -> Callable[[int], Any]:
    from emotion.classifier.runtime import get_classifier

    classifier = get_classifier()
    return lambda turn: classifier.classify_jpegs([frames[turn]])


def ask_our_network(frames: list[bytes]) -> Callable[[int], Any]:
    from emotion.classifier.runtime import get_classifier

    network, squares = get_classifier().network, _make_squares(len(frames))
    return lambda turn: network.logits(squares[turn])


def ask_litert(frames: list[bytes]) -> Callable[[int], Any]:
    import numpy as np
    from ai_edge_litert.interpreter import Interpreter

    from emotion.classifier.spec import ModelSpec

    interpreter = Interpreter(model_content=ModelSpec.load().read_weights(), num_threads=1)
    interpreter.allocate_tensors()
    source, target = interpreter.get_input_details()[0]["index"], interpreter.get_output_details()[0]["index"]
    tensors = [square[np.newaxis].astype(np.float32) - 110 for square in _make_squares(len(frames))]

    def ask(turn: int) -> Any:
        interpreter.set_tensor(source, tensors[turn])
        interpreter.invoke()
        return interpreter.get_tensor(target)

    return ask


def ask_keras_predict(frames: list[bytes]) -> Callable[[int], Any]:
    network, tensors = _make_keras(len(frames))
    return lambda turn: network.predict(tensors[turn], verbose=0)


def read_with_keras_predict(frames: list[bytes]) -> Callable[[int], Any]:
    """Our pipeline with Keras `predict` instead of our network; everything else is the same."""
    import numpy as np

    from emotion.classifier.runtime import get_classifier

    classifier = get_classifier()
    keras_network, _ = _make_keras(1)
    ours = classifier.network
    logits = tuple(ours.logits(np.zeros((_SIDE, _SIDE, 3), np.uint8)))

    def ask(square: Any) -> tuple[float, ...]:
        keras_network.predict(ours.prepare(square), verbose=0)
        return logits

    ours.logits = ask  # type: ignore[method-assign]
    return lambda turn: classifier.classify_jpegs([frames[turn]], forget=False)


def ask_keras_function(frames: list[bytes]) -> Callable[[int], Any]:
    import numpy as np
    import tensorflow as tf

    network, tensors = _make_keras(len(frames))
    traced = tf.function(lambda pictures: network(pictures, training=False), reduce_retracing=True)
    return lambda turn: np.asarray(traced(tensors[turn]))


def read_with_fer(frames: list[bytes]) -> Callable[[int], Any]:
    import numpy as np
    from fer.fer import FER
    from PIL import Image

    detector = FER()

    def read(turn: int) -> Any:
        picture = np.array(Image.open(io.BytesIO(frames[turn])).convert("RGB"))
        return detector.detect_emotions(np.ascontiguousarray(picture[..., ::-1]))

    return read


CONTENDERS = {
    "ours": read_with_ours,
    "ours_and_forget": read_with_ours_and_forget,
    "our_network": ask_our_network,
    "litert": ask_litert,
    "keras_predict": ask_keras_predict,
    "keras_pipeline": read_with_keras_predict,
    "keras_function": ask_keras_function,
    "fer": read_with_fer,
}


def _make_squares(count: int) -> Any:
    import numpy as np

    return np.random.default_rng(1).integers(0, 256, (count, _SIDE, _SIDE, 3)).astype(np.uint8)


def _make_keras(count: int) -> Any:
    """The shipped architecture with random weights, which take the same time."""
    import tensorflow as tf

    from research.training.networks import build_backbone, build_head, join

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    backbone = build_backbone(size=_SIDE, weights=None)
    network = join(backbone, build_head(shape=backbone.output_shape[1:], dropout=0.0))
    return network, [square[None].astype("float32") for square in _make_squares(count)]


def main() -> None:
    name, folder, calls = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    frames = [path.read_bytes() for path in sorted(folder.glob("*.jpg"))]
    ask = CONTENDERS[name](frames)
    ask(0)
    print("ready", flush=True)
    turns = itertools.cycle(range(len(frames)))
    for _ in range(_WARM_UP):
        ask(next(turns))
    walls, cpu = [], time.process_time()
    for _ in range(calls):
        start = time.perf_counter()
        ask(next(turns))
        walls.append(time.perf_counter() - start)
    spent = time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
    figures = {
        "cpu_ms": round(spent / calls * 1e3, 2),
        "wall_ms": round(statistics.median(walls) * 1e3, 2),
        "peak_mib": round(peak, 1),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
