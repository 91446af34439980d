"""The app's models, where Django looks for them."""

from recommender.catalogue.models import (
    Activity,
    ActivityDraft,
    ActivityVersion,
    Category,
    ShippedItem,
    SupportContact,
    WindowSettings,
)

__all__ = [
    "Activity",
    "ActivityDraft",
    "ActivityVersion",
    "Category",
    "ShippedItem",
    "SupportContact",
    "WindowSettings",
]
