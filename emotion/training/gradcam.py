"""Where in a face the network found its answer: Grad-CAM (Selvaraju et al., ICCV 2017)."""

from __future__ import annotations

from typing import Final

import cv2
import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from emotion.classifier.faces import cut_square, place_square
from emotion.classifier.images import RGB
from emotion.classifier.runtime import Classifier
from emotion.training.dequantise import load_float_network
from emotion.training.networks import blend_readouts

Floats = NDArray[np.float32]

#: Its 6 x 6 map at 48 x 48 is the last that still tells brows from mouth; the one after has 3 x 3.
LAYER: Final = "block4_conv3"


class Explainer:
    """Heat maps for a classifier's answers, from its own weights. Raises ClassifierUnavailable."""

    def __init__(self, classifier: Classifier) -> None:
        self._classifier = classifier
        spec = classifier.spec
        both = load_float_network(spec, spec.read_weights())
        self.network = blend_readouts(both, spec.calibration.everyday.second)

    def explain(self, picture: RGB, label: int, *, detect: bool = True) -> Floats:
        """How much each pixel of `picture` spoke for expression `label`: height x width, 0..1, 0 outside the face.

        `detect` as for `Classifier.look`. Raises ValueError where no face is found.
        """
        height, width = picture.shape[:2]
        if not detect:
            heat = heat_map(self.network, self._classifier.network.prepare(picture), label)
            return np.asarray(cv2.resize(heat, (width, height), interpolation=cv2.INTER_LINEAR))
        spec, side = self._classifier.spec, self._classifier.network.side
        faces = self._classifier.detector.detect(picture, min_score=spec.thresholds.face_score)
        if not faces:
            raise ValueError("there is no face to explain")
        square = cut_square(picture, faces[0], spec.preprocessing.crop, side)
        heat = heat_map(self.network, self._classifier.network.prepare(square), label)
        heat = cv2.resize(heat, (side, side), interpolation=cv2.INTER_LINEAR)
        place = place_square(faces[0], spec.preprocessing.crop, side)
        whole = cv2.warpAffine(heat, place, (width, height), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
        return np.asarray(whole, np.float32)


def heat_map(network: keras.Model, tensor: Floats, label: int, *, layer: str = LAYER) -> Floats:
    """The positive part of the layer's maps, each weighted by how the logit of `label` grows with it; 0..1.

    `tensor`: one picture as the network takes it.
    """
    backbone, head = network.get_layer("vgg16"), network.get_layer("head")
    seen = keras.Model(backbone.input, [backbone.get_layer(layer).output, backbone.output])
    with tf.GradientTape() as tape:
        maps, features = seen(tensor)
        logit = head(features)[0, label]
    weights = tf.reduce_mean(tape.gradient(logit, maps), axis=(1, 2))
    heat = np.maximum(np.asarray(maps[0] @ weights[0][:, None])[..., 0], 0)
    return np.asarray(heat / max(float(heat.max()), 1e-9), np.float32)
