"""The app's administration, where Django looks for it."""

from __future__ import annotations

from recommender.catalogue.admin import ActivityAdmin, CategoryAdmin, SupportContactAdmin, WindowSettingsAdmin

__all__ = ["ActivityAdmin", "CategoryAdmin", "SupportContactAdmin", "WindowSettingsAdmin"]
