"""Pictures of a classifier's mistakes: the faces, and the heat maps of its answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from emotion.classifier.images import RGB
from emotion.classifier.spec import ModelSpec, Prior
from emotion.labels import EXPRESSIONS
from research.training.datasets import FaceSet, Pixels
from research.training.evaluate import Answers, posteriors
from research.training.gradcam import Explainer, lay_heat

mpl.use("Agg")

PRIOR: Final[Prior] = "balanced"
MOST_FACES: Final = 8
#: Faces per mean map; more would change it little.
MOST_MAPS: Final = 60

Heat = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Misread:
    """Rows of one expression's faces in the data set. `wrong`: the most confident first; `predicted`: their answers."""

    right: list[int]
    wrong: list[int]
    predicted: list[int]
    shares: list[float]


def find_misread(answers: Answers, spec: ModelSpec, label: int) -> Misread:
    """The answered faces of one expression, divided by whether the balanced reading was right."""
    probabilities = posteriors(answers.logits, spec, PRIOR)
    predicted = probabilities.argmax(axis=1)
    mine = np.flatnonzero(answers.labels[answers.rows] == label)
    right, wrong = mine[predicted[mine] == label], mine[predicted[mine] != label]
    wrong = wrong[np.argsort(-probabilities[wrong].max(axis=1), kind="stable")]
    return Misread(
        right=answers.rows[right].tolist(),
        wrong=answers.rows[wrong].tolist(),
        predicted=predicted[wrong].tolist(),
        shares=probabilities[wrong].max(axis=1).tolist(),
    )


def draw_mistakes(faces: FaceSet, answers: Answers, explainer: Explainer, folder: Path, *, detect: bool) -> None:
    """Write `mistakes/EXPRESSION.png` for every expression with mistakes, and `where.png`, into `folder`.

    The first show faces, so the data set's licence applies to them; `where.png` shows only mean heat maps.
    """
    (folder / "mistakes").mkdir(parents=True, exist_ok=True)
    rows: list[tuple[str, Heat | None, Heat | None]] = []
    for label, name in enumerate(EXPRESSIONS):
        found = find_misread(answers, explainer.spec, label)
        if found.wrong:
            _draw_faces(faces, found, label, explainer, folder / "mistakes" / f"{name}.png", detect=detect)
        right, wrong = (
            mean_heat([_read(faces, row) for row in places[:MOST_MAPS]], label, explainer, detect=detect)
            for places in (found.right, found.wrong)
        )
        rows.append((name, right, wrong))
    _draw_where(rows, folder / "where.png")


def mean_heat(pictures: Sequence[RGB], label: int, explainer: Explainer, *, detect: bool) -> Heat | None:
    """Mean heat map for an expression over upright squares; None without pictures."""
    if not pictures:
        return None
    heats = [explainer.explain_square(explainer.cut(picture, detect=detect), label) for picture in pictures]
    return np.asarray(np.mean(heats, axis=0), np.float32)


def _read(faces: FaceSet, row: int) -> RGB:
    pixels: Pixels = faces.faces[row].read()
    return pixels if pixels.ndim == 3 else np.repeat(pixels[..., None], 3, axis=-1)


def _draw_faces(
    faces: FaceSet, found: Misread, label: int, explainer: Explainer, target: Path, *, detect: bool
) -> None:
    """Three rows: the face, and the heat maps for the answer and for the true expression."""
    count = min(MOST_FACES, len(found.wrong))
    figure = Figure(figsize=(1.6 * count + 0.6, 5.2), layout="constrained")
    grid = figure.subplots(3, count, squeeze=False)
    answers = zip(found.wrong[:count], found.predicted, found.shares, strict=False)
    for column, (row, predicted, share) in enumerate(answers):
        square = explainer.cut(_read(faces, row), detect=detect)
        grid[0, column].imshow(square)
        grid[0, column].set_title(f"{EXPRESSIONS[predicted]} {share:.0%}", fontsize=9)
        for place, asked in ((1, predicted), (2, label)):
            grid[place, column].imshow(lay_heat(square, explainer.explain_square(square, asked)))
    for axes in grid.flat:
        axes.set(xticks=[], yticks=[])
    for axes, words in zip(grid[:, 0], ("face", "for the answer", f"for {EXPRESSIONS[label]}"), strict=True):
        axes.set_ylabel(words)
    figure.savefig(target, dpi=120)


def _draw_where(rows: Sequence[tuple[str, Heat | None, Heat | None]], target: Path) -> None:
    figure = Figure(figsize=(1.5 * len(rows), 3.6), layout="constrained")
    grid = figure.subplots(2, len(rows))
    for column, (name, *maps) in enumerate(rows):
        grid[0, column].set_title(name, fontsize=10)
        for axes, heat in zip(grid[:, column], maps, strict=True):
            axes.set(xticks=[], yticks=[])
            axes.imshow(np.zeros((6, 6)) if heat is None else heat, cmap="inferno", vmin=0, vmax=1)
    grid[0, 0].set_ylabel("found")
    grid[1, 0].set_ylabel("missed")
    figure.savefig(target, dpi=120)
