"""Random changes to grey faces that keep the expression."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Augmentation:
    """Ranges of the changes; every amount is drawn uniformly.

    Rotation and shear in degrees, shift as a fraction of the side, zoom as a fraction around 1 (above 1 enlarges the
    face). Gamma, contrast and brightness act on grey values of 0 to 1. `blur` and `erase` are the probabilities of a
    blurred image and of one covered rectangle.
    """

    rotation: float = 0.0
    zoom: tuple[float, float] = (1.0, 1.0)
    shift: float = 0.0
    shear: float = 0.0
    flip: bool = True
    gamma: float = 0.0
    contrast: float = 0.0
    brightness: float = 0.0
    blur: float = 0.0
    noise: float = 0.0
    erase: float = 0.0

    def apply(self, image: Pixels, random: np.random.Generator) -> Pixels:
        """A changed copy of one square grey image, of the same size; borders are filled with the nearest pixel."""
        changed = self._warp(image, random)
        if self.blur and random.random() < self.blur:
            changed = cv2.GaussianBlur(changed, (0, 0), random.uniform(0.4, 1.1))
        changed = self._light(changed, random)
        if self.erase and random.random() < self.erase:
            _erase(changed, random)
        return changed

    def _warp(self, image: Pixels, random: np.random.Generator) -> Pixels:
        side = image.shape[0]
        angle = np.deg2rad(random.uniform(-self.rotation, self.rotation))
        shear = np.deg2rad(random.uniform(-self.shear, self.shear))
        scale = random.uniform(*self.zoom)
        mirror = -1.0 if self.flip and random.random() < 0.5 else 1.0
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        matrix = scale * turn @ np.array([[mirror, np.tan(shear)], [0.0, 1.0]])
        middle = np.full(2, (side - 1) / 2)
        offset = middle - matrix @ middle + random.uniform(-self.shift, self.shift, 2) * side
        placed = np.column_stack([matrix, offset])
        warped: Pixels = cv2.warpAffine(
            image, placed, (side, side), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        return warped

    def _light(self, image: Pixels, random: np.random.Generator) -> Pixels:
        """Gamma, contrast around the mean and brightness in one lookup table, then noise."""
        if not (self.gamma or self.contrast or self.brightness or self.noise):
            return image
        levels = np.linspace(0.0, 1.0, 256)
        levels = levels ** np.exp(random.uniform(-self.gamma, self.gamma))
        mean = float(levels[image].mean())
        gain = np.exp(random.uniform(-self.contrast, self.contrast))
        levels = (levels - mean) * gain + mean + random.uniform(-self.brightness, self.brightness)
        values = (levels * 255.0)[image]
        if self.noise:
            spread = random.uniform(0.0, self.noise) * 255.0
            values = values + random.standard_normal(image.shape, dtype=np.float32) * spread
        lit: Pixels = np.clip(values + 0.5, 0, 255).astype(np.uint8)
        return lit


def _erase(image: Pixels, random: np.random.Generator) -> None:
    """Cover a rectangle of 4 to 16 % of the image with one grey, in place."""
    side = image.shape[0]
    area = random.uniform(0.04, 0.16) * side * side
    height = int(np.clip(np.sqrt(area * random.uniform(0.5, 2.0)), 2, side - 1))
    width = int(np.clip(area / height, 2, side - 1))
    top, left = random.integers(0, side - height), random.integers(0, side - width)
    image[top : top + height, left : left + width] = random.integers(0, 256)


PAPER = Augmentation(rotation=20.0, zoom=(0.85, 1.15), shift=0.2, shear=0.15, flip=True)
"""The paper's settings, as Keras interprets them (shear in degrees, nearest fill)."""

STRONG = Augmentation(
    rotation=20.0,
    zoom=(0.82, 1.2),
    shift=0.08,
    shear=6.0,
    flip=True,
    gamma=0.6,
    contrast=0.5,
    brightness=0.2,
    blur=0.2,
    noise=0.03,
    erase=0.25,
)
"""For faces cropped from webcam frames: roll, loose crops, poor light, blur, a hand."""

NONE = Augmentation(flip=False)

PRESETS = {"paper": PAPER, "strong": STRONG, "none": NONE}
