"""Which parts of a face led to the network's answer: Grad-CAM (Selvaraju et al., ICCV 2017)."""

from typing import Final

import cv2
import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from emotion.classifier.faces import Face, cut_square, place_square
from emotion.classifier.images import RGB
from emotion.classifier.runtime import Classifier
from emotion.classifier.spec import ModelSpec, Prior
from research.training.dequantise import load_float_network
from research.training.networks import blend_readouts

Floats = NDArray[np.float32]

#: Its 6 x 6 map (input 48 x 48) is the last that separates brows and mouth; the next is 3 x 3.
LAYER: Final = "block4_conv3"
#: Share of the colour in the hottest pixel of a heat map.
_HEAT: Final = 0.6


class Explainer:
    """Heat maps for the answers of the shipped classifier under a prior. Raises ClassifierUnavailable."""

    def __init__(self, classifier: Classifier, prior: Prior = "everyday") -> None:
        self._classifier = classifier
        self.spec: ModelSpec = classifier.spec
        both = load_float_network(self.spec, self.spec.read_weights())
        self.network = blend_readouts(both, self.spec.calibration.under(prior).second)

    def explain(self, picture: RGB, label: int, *, detect: bool = True) -> Floats:
        """How much each pixel of `picture` supports expression `label`: height x width, 0..1, 0 outside the face.

        `detect` as for `Classifier.look`. Raises ValueError when no face is found.
        """
        if not detect:
            return self.explain_square(picture, label)
        height, width = picture.shape[:2]
        face, crop, side = self._find(picture), self.spec.preprocessing.crop, self._classifier.network.side
        heat = self.explain_square(cut_square(picture, face, crop, side), label)
        place = place_square(face, crop, side)
        whole = cv2.warpAffine(heat, place, (width, height), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
        return np.asarray(whole, np.float32)

    def cut(self, picture: RGB, *, detect: bool) -> RGB:
        """The network's input square; without `detect`, the picture scaled to its size.

        Raises ValueError when no face is found.
        """
        side = self._classifier.network.side
        if not detect:
            return np.asarray(cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA), np.uint8)
        return cut_square(picture, self._find(picture), self.spec.preprocessing.crop, side)

    def explain_square(self, square: RGB, label: int) -> Floats:
        """The same for a picture that is cropped to a face: height x width, 0..1."""
        heat = heat_map(self.network, self._classifier.network.prepare(square), label)
        height, width = square.shape[:2]
        return np.asarray(cv2.resize(heat, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)

    def _find(self, picture: RGB) -> Face:
        faces = self._classifier.detector.detect(picture, min_score=self.spec.thresholds.face_score)
        if not faces:
            raise ValueError("there is no face to explain")
        return faces[0]


def heat_map(network: keras.Model, tensor: Floats, label: int, *, layer: str = LAYER) -> Floats:
    """Positive part of the sum of the layer's maps, weighted by the gradient of the logit of `label`; 0..1.

    `tensor`: the network's input for one picture.
    """
    backbone, head = network.get_layer("vgg16"), network.get_layer("head")
    model = keras.Model(backbone.input, [backbone.get_layer(layer).output, backbone.output])
    with tf.GradientTape() as tape:
        maps, features = model(tensor)
        logit = head(features)[0, label]
    weights = tf.reduce_mean(tape.gradient(logit, maps), axis=(1, 2))
    heat = np.maximum(np.asarray(maps[0] @ weights[0][:, None])[..., 0], 0)
    return np.asarray(heat / max(float(heat.max()), 1e-9), np.float32)


def lay_heat(picture: RGB, heat: Floats) -> RGB:
    """The picture with warm colours where `heat` (height x width, 0..1) is high."""
    colors = cv2.applyColorMap(np.rint(255 * heat).astype(np.uint8), cv2.COLORMAP_INFERNO)[..., ::-1]
    share = _HEAT * heat[..., np.newaxis]
    mixed: RGB = np.rint(picture * (1 - share) + colors * share).astype(np.uint8)
    return mixed
