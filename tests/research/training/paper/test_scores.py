import numpy as np
import pytest

from research.training.paper.scores import score, score_splits

sklearn_metrics = pytest.importorskip("sklearn.metrics")


@pytest.mark.parametrize("classes", [6, 5], ids=["all classes", "one without a picture"])
def test_figures_are_those_of_scikit_learn(classes: int) -> None:
    random = np.random.default_rng(1)
    labels = random.integers(0, classes, 120)
    predicted = np.where(random.random(120) < 0.7, labels, random.integers(0, 6, 120))
    found = score(labels, predicted)
    precision, recall, f1, _ = sklearn_metrics.precision_recall_fscore_support(
        labels, predicted, labels=range(classes), average="macro", zero_division=0
    )
    assert found["accuracy"]["value"] == round(sklearn_metrics.accuracy_score(labels, predicted), 4)
    assert found["precision"]["value"] == round(precision, 4)
    assert found["recall"]["value"] == round(recall, 4)
    assert found["f1"]["value"] == round(f1, 4)
    assert np.array(found["confusion"]).shape == (6, 6)
    assert np.trace(found["confusion"]) == (labels == predicted).sum()
    assert np.array(found["confusion"]).sum(axis=1).tolist() == np.bincount(labels, minlength=6).tolist()


def test_intervals_over_people_are_wider_than_over_their_pictures() -> None:
    people = np.repeat(np.arange(6), 20)
    labels = np.tile(np.arange(6), 20)
    predicted = np.where(people < 3, labels, (labels + 1) % 6)
    width = {}
    for name, units in (("pictures", None), ("people", people)):
        low, high = score(labels, predicted, units=units)["accuracy"]["interval"]
        assert low < 0.5 < high
        width[name] = high - low
    assert width["people"] > 2 * width["pictures"]


def test_several_splits_are_told_by_their_mean_and_their_ends() -> None:
    labels = [np.tile(np.arange(6), 2), np.arange(6)]
    predicted = [labels[0].copy(), (labels[1] + 1) % 6]
    predicted[0][0] = 1
    found = score_splits(labels, predicted)
    assert found["accuracy"] | {"interval": None} == {"value": 0.4583, "interval": None, "least": 0.0, "most": 0.9167}
    low, high = found["accuracy"]["interval"]
    assert 0.3 < low < 0.4583 < high <= 0.5
    assert found["images"] == np.array(found["confusion"]).sum() == 18
