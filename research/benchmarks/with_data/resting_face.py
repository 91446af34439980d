"""How the shipped model reads resting faces: `python research/benchmarks/with_data/resting_face.py ferplus.zip jaffe/`.

Prints the probabilities for `emotion.resting_face.TYPICAL` (from FER+), how much one person's readings of the same
expression vary between pictures, and the effect of learning each JAFFE poser's resting face on their other pictures.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[3]))

import numpy as np
from numpy.typing import NDArray

from emotion.classifier.runtime import get_classifier
from emotion.labels import EXPRESSIONS
from emotion.resting_face import learn_resting_face, subtract_baseline
from research.training.datasets import FaceSet, load_dataset
from research.training.evaluate import ask_classifier, collect_answers, posteriors

Floats = NDArray[np.float64]
NEUTRAL, SADNESS = EXPRESSIONS.index("neutral"), EXPRESSIONS.index("sadness")
FER_FACES = 600


def read_faces(faces: FaceSet, *, detect: bool) -> tuple[Floats, NDArray[np.int64], list[str]]:
    """Everyday probabilities of the answered faces, their labels and people."""
    classifier = get_classifier()
    answers = collect_answers(faces, ask_classifier(classifier, detect=detect))
    people = [str(faces.faces[row].subject) for row in answers.rows]
    return posteriors(answers.logits, classifier.spec, "everyday"), answers.labels[answers.rows], people


def find_typical(faces: FaceSet, expression: int) -> dict[str, float]:
    """The normalised geometric mean over faces that clearly show it."""
    chosen = faces.where(lambda face: face.label == expression and face.clear)
    read, _, _ = read_faces(chosen.take(range(min(FER_FACES, len(chosen)))), detect=False)
    mean = np.exp(np.log(np.maximum(read, 1e-4)).mean(axis=0))
    return dict(zip(EXPRESSIONS, (mean / mean.sum()).round(4).tolist(), strict=True))


def measure_wandering(read: Floats, labels: NDArray[np.int64], people: list[str]) -> float:
    """Standard deviation of a centred logit within one person's pictures of one expression."""
    logs = np.log(np.maximum(read, 1e-4))
    logs -= logs.mean(axis=1, keepdims=True)
    squares, freedom = 0.0, 0
    for key in {(person, label) for person, label in zip(people, labels, strict=True)}:
        rows = [row for row, pair in enumerate(zip(people, labels, strict=True)) if pair == key]
        squares += float(((logs[rows] - logs[rows].mean(axis=0)) ** 2).sum())
        freedom += (len(rows) - 1) * len(EXPRESSIONS)
    return round(float(np.sqrt(squares / freedom)), 3)


def correct_others(read: Floats, labels: NDArray[np.int64], people: list[str]) -> Floats:
    """Each reading with its person's resting face subtracted, which is learned from their other neutral pictures."""
    corrected = read.copy()
    for row, person in enumerate(people):
        stills = [
            read[other].tolist()
            for other, name in enumerate(people)
            if name == person and other != row and labels[other] == NEUTRAL
        ]
        if stills:
            corrected[row] = subtract_baseline(learn_resting_face(stills[:3], model="m"), read[row].tolist())
    return corrected


def summarise(read: Floats, labels: NDArray[np.int64]) -> dict[str, float]:
    predicted = read.argmax(axis=1)
    return {
        "accuracy": round(float((predicted == labels).mean()), 3),
        "neutral_recall": round(float((predicted[labels == NEUTRAL] == NEUTRAL).mean()), 3),
        "neutral_read_as_sadness": round(float((predicted[labels == NEUTRAL] == SADNESS).mean()), 3),
        "sadness_recall": round(float((predicted[labels == SADNESS] == SADNESS).mean()), 3),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ferplus", type=Path)
    parser.add_argument("jaffe", type=Path)
    options = parser.parse_args()
    read, labels, people = read_faces(load_dataset(options.jaffe), detect=True)
    fer = load_dataset(options.ferplus).split("valid")
    report: dict[str, Any] = {
        "typical_neutral": find_typical(fer, NEUTRAL),
        "typical_sadness": find_typical(fer, SADNESS),
        "jaffe_faces": len(labels),
        "wandering": measure_wandering(read, labels, people),
        "before": summarise(read, labels),
        "after": summarise(correct_others(read, labels, people), labels),
    }
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
