from recommender.mood.affect import ENERGY, PLEASANTNESS, as_vector


def test_pleasantness_and_energy_are_those_of_the_study_but_for_neutral_and_surprise() -> None:
    """Russell and Mehrabian 1977, doi:10.1016/0092-6566(77)90037-X."""
    assert {name: (PLEASANTNESS[name], ENERGY[name]) for name in PLEASANTNESS} == {
        "anger": (-0.51, 0.59),
        "disgust": (-0.60, 0.35),
        "fear": (-0.64, 0.60),
        "happiness": (0.81, 0.51),
        "neutral": (0.0, 0.0),
        "sadness": (-0.63, -0.27),
        "surprise": (0.0, 0.67),
    }
    assert ENERGY.keys() == PLEASANTNESS.keys()


def test_a_vector_is_in_the_order_of_the_expressions() -> None:
    assert as_vector(PLEASANTNESS).tolist() == [-0.51, -0.60, -0.64, 0.81, 0.0, -0.63, 0.0]
