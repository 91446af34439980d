import pytest

from recommender.catalogue.addresses import find_addresses
from recommender.catalogue.services.catalogue import read_shipped


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Go to https://intranet.example/q?x=1 and sit down.", "https://intranet.example/q?x=1"),
        ("Geh auf www.beispiel.de.", "www.beispiel.de"),
        ("Write to calm@firm.example today.", "calm@firm.example"),
        ("Write to calm (at) firm.", "(at)"),
        ("See intranet.local for the room.", "intranet.local"),
        ("Open go/calm on your machine.", "go/calm"),
        (r"Open \\server\calm.", r"\\server\calm"),
        ("Look into 10.1.2.3 first.", "10.1.2.3"),
        ("Say hello in #calm-corner.", "#calm-corner"),
        ("Tell @sam.", "@sam"),
        ("See in\u00adtranet\uff0eexample.", "intranet.example"),
        ("See münchen.example.", "münchen.example"),
        ("Call 030 1234567 and breathe.", "030 1234567"),
        ("Ring +49 (30) 12 34.", "+49 (30) 12 34"),
        ("Dial 4711.", "Dial 4711"),
        ("Ruf die 4711 an.", "Ruf die 4711"),
        ("Wähle 112.", "Wähle 112"),
        ("It is 555-2368.", "555-2368"),
        ("Durchwahl: 234", "Durchwahl: 234"),
    ],
)
def test_what_leads_elsewhere_is_found(text: str, found: str) -> None:
    assert any(found in one for one in find_addresses(text)), find_addresses(text)


@pytest.mark.parametrize(
    "text",
    [
        "Breathe in for 4, hold for 7, out for 8.",
        "Name things: 5-4-3-2-1, or 5, 4, 3, 2, 1.",
        "In a survey of 46,000 workers it was the one thing that helped.",
        "In einer Umfrage unter 46.000 Beschäftigten half das, z.B. morgens, d.h. früh.",
        "Studies from 1998-2019, e.g. of teams, i.e. small ones.",
        "Call a friend for 10 minutes.",
        "Ruf jemanden an, 15 Minuten.",
        "Write three lines: what, who, why...",
        "Take 20 breaths in 3 to 5 minutes, 2 or 3 times.",
        "Half of them (22 of 44) said so.",
    ],
)
def test_what_only_looks_like_it_is_not(text: str) -> None:
    assert find_addresses(text) == []


def test_the_starter_catalogue_leads_nowhere() -> None:
    for item in read_shipped()["activities"]:
        for texts in (item, *item["translations"].values()):
            for name in ("title", "body", "effect_note"):
                assert find_addresses(texts.get(name, "")) == [], (item["slug"], name)
