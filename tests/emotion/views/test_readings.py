"""The page that says how often faces are read wrongly: open to anybody, and in the figures of the measurements."""

from pathlib import Path

import pytest
from django.test import Client

from emotion.classifier.measured import read_reports
from emotion.labels import EXPRESSIONS

pytestmark = pytest.mark.django_db
ADDRESS = "/how-faces-are-read/"


def words_of(page: str) -> str:
    return " ".join(page.split())


def test_its_figures_are_those_of_the_measurements(client: Client) -> None:
    page = words_of(client.get(ADDRESS).content.decode())
    for report in read_reports():
        measured = report["everyday"]
        low, high = measured["intervals"]["accuracy"]
        told = f"{100 * measured['accuracy']:.1f}% ({100 * low:.1f} to {100 * high:.1f})"
        assert f"It named <strong>{told}</strong> of {report['images']:,} pictures rightly." in page
        for prior in ("everyday", "balanced"):
            for name, counts in zip(EXPRESSIONS, report[prior]["confusion"], strict=True):
                cells = "".join(f'<td class="figure">{count}</td>' for count in counts)
                assert f'<th scope="row">{name}</th>{cells}' in page
        anger = measured["per_class"]["anger"]
        assert f'<th scope="row">anger</th><td>{100 * anger["recall"]:.0f}%</td>' in page


def test_a_measurement_of_another_model_is_not_shown(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    strange = [dict(report, model="another") for report in read_reports()]
    monkeypatch.setattr("emotion.selectors.read_reports", lambda: strange)
    page = client.get(ADDRESS).content.decode()
    assert "No measurement of this model is here." in page
    assert "Faces from the web" not in page


def test_a_damaged_measurement_leaves_the_rest_of_the_page(
    client: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "half.json").write_text("{")
    monkeypatch.setattr("emotion.selectors.read_reports", lambda: read_reports(tmp_path))
    answer = client.get(ADDRESS)
    assert answer.status_code == 200
    assert "No measurement of this model is here." in answer.content.decode()
    assert "What it cannot do" in answer.content.decode()


def test_a_set_without_a_name_in_words_is_called_as_it_is(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("emotion.selectors.read_reports", lambda: [dict(read_reports()[1], dataset="our own set")])
    assert '<h2 id="set-1">our own set</h2>' in client.get(ADDRESS).content.decode()


@pytest.mark.parametrize("address", ["/privacy/", "/consent/", "/you/"])
def test_it_is_one_step_from_where_people_decide(alice_client: Client, address: str) -> None:
    assert f'href="{ADDRESS}"' in alice_client.get(address).content.decode()
