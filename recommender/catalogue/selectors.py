"""Reading: how administrators set the window, and what the shipped model tends to say."""

from emotion.selectors import get_shipped_model
from recommender.catalogue.models import WindowSettings


def get_window_settings() -> WindowSettings:
    """The one row, or its defaults while nobody has saved it."""
    return WindowSettings.objects.filter(pk=1).first() or WindowSettings(pk=1)


def get_prior() -> tuple[float, ...] | None:
    """The prior under which the shipped model gives its probabilities; None while no model is installed."""
    model = get_shipped_model()
    return model.everyday_prior if model else None
