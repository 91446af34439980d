"""The app's administration, where Django looks for it."""

from recommender.catalogue.admin import ActivityAdmin, CategoryAdmin, SupportContactAdmin, WindowSettingsAdmin

__all__ = ["ActivityAdmin", "CategoryAdmin", "SupportContactAdmin", "WindowSettingsAdmin"]
