"""The baselines of the paper: two-dimensional LDA and a support vector machine, on grey pixels.

Its 95 and 94 per cent are apparently those of Shih, Chuang and Wang (2008, "Performance comparisons of facial
expression recognition in JAFFE database", IJPRAI 22(3)): one method, 2D-LDA before a support vector machine, with
leave-one-out (95.71) and cross-validation (94.13), on seven expressions and cropped faces.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from sklearn.model_selection import GroupKFold, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from research.training.paper.protocol import Rows
from research.training.paper.scores import score

Floats = NDArray[np.float64]
SIDE: Final = 32
FOLDS: Final = 10
#: Added to the within-class scatter, as a fraction of its mean diagonal, to make it invertible.
RIDGE: Final = 0.01


@dataclass
class TwoDimensionalLDA:
    """Bilateral 2D-LDA (Ye, Janardan and Li 2004, "Two-Dimensional Linear Discriminant Analysis", NIPS 17).

    Pictures (n, h, w) become L' X R, with L (h, rows) and R (w, columns) fitted alternately; the nearest training
    picture decides. Few rows and columns are enough, and scatter matrices are no larger than a picture's side.
    """

    rows: int = 14
    columns: int = 14
    rounds: int = 3

    def fit(self, pictures: Floats, labels: Rows) -> Self:
        width = pictures.shape[2]
        self.right = np.eye(width)[:, : self.columns]
        for _ in range(self.rounds):
            self.left = _discriminants(pictures @ self.right, labels, self.rows)
            self.right = _discriminants((self.left.T @ pictures).transpose(0, 2, 1), labels, self.columns)
        self.taught, self.labels = self.project(pictures), labels
        return self

    def predict(self, pictures: Floats) -> Rows:
        projected = self.project(pictures)
        distances = ((projected[:, None] - self.taught[None]) ** 2).sum(axis=2)
        return np.asarray(self.labels[distances.argmin(axis=1)])

    def project(self, pictures: Floats) -> Floats:
        """`rows` x `columns` numbers per picture."""
        return np.asarray((self.left.T @ pictures @ self.right).reshape(len(pictures), -1))


def _discriminants(halves: Floats, labels: Rows, count: int) -> Floats:
    """Directions (h, count) along the second axis of (n, h, k) with the largest between- to within-class scatter."""
    middle = halves.mean(axis=0)
    size = halves.shape[1]
    within, between = np.zeros((size, size)), np.zeros((size, size))
    for label in np.unique(labels):
        mine = halves[labels == label]
        mean = mine.mean(axis=0)
        apart = mine - mean
        within += np.einsum("nik,njk->ij", apart, apart)
        between += len(mine) * (mean - middle) @ (mean - middle).T
    within += np.eye(size) * RIDGE * np.trace(within) / size
    values, vectors = np.linalg.eig(np.linalg.solve(within, between))
    order = np.argsort(-values.real)[:count]
    return np.asarray(np.linalg.qr(vectors[:, order].real)[0])


class SupportVectors:
    """A support vector machine with a radial kernel on the principal components of the pixels."""

    def __init__(self) -> None:
        self._model = make_pipeline(StandardScaler(), PCA(0.98, random_state=0), SVC(C=30.0, gamma="scale"))

    def fit(self, pictures: Floats, labels: Rows) -> Self:
        self._model.fit(pictures.reshape(len(pictures), -1), labels)
        return self

    def predict(self, pictures: Floats) -> Rows:
        return np.asarray(self._model.predict(pictures.reshape(len(pictures), -1)))


class DiscriminantSupportVectors:
    """A support vector machine with a radial kernel on the 2D-LDA features of the pictures."""

    def __init__(self) -> None:
        self._lda = TwoDimensionalLDA()
        self._model = make_pipeline(StandardScaler(), SVC(C=10.0, gamma="scale"))

    def fit(self, pictures: Floats, labels: Rows) -> Self:
        self._model.fit(self._lda.fit(pictures, labels).project(pictures), labels)
        return self

    def predict(self, pictures: Floats) -> Rows:
        return np.asarray(self._model.predict(self._lda.project(pictures)))


METHODS: Final = {"2d-lda": TwoDimensionalLDA, "svm": SupportVectors, "2d-lda, then svm": DiscriminantSupportVectors}


def run_baselines(pixels: NDArray[np.uint8], labels: Rows, people: Sequence[str], *, seed: int) -> dict[str, Any]:
    """Every method, cross-validated over pictures, as in the paper, and over people."""
    pictures = _even_light(pixels)
    units = np.unique(people, return_inverse=True)[1]
    at_random = list(StratifiedKFold(FOLDS, shuffle=True, random_state=seed).split(pictures, labels))
    by_people = list(GroupKFold(min(FOLDS, int(units.max()) + 1)).split(pictures, labels, units))
    results: dict[str, Any] = {}
    for name, method in METHODS.items():
        results[name] = {}
        for way, folds, drawn in (("random", at_random, None), ("people", by_people, units)):
            predicted = np.empty_like(labels)
            for taught, judged in folds:
                predicted[judged] = method().fit(pictures[taught], labels[taught]).predict(pictures[judged])
            results[name][way] = score(labels, predicted, units=drawn, seed=seed)
    return results


def _even_light(pixels: NDArray[np.uint8]) -> Floats:
    """Each picture standardised to mean 0 and standard deviation 1."""
    spread = pixels.std(axis=(1, 2), keepdims=True)
    return np.asarray((pixels - pixels.mean(axis=(1, 2), keepdims=True)) / np.maximum(spread, 1))
