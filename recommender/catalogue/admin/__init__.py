"""The catalogue's desk. Nothing of any person is registered here, and no figure of who was shown or did what."""

from recommender.catalogue.admin.activities import ActivityAdmin
from recommender.catalogue.admin.others import CategoryAdmin, SupportContactAdmin, WindowSettingsAdmin
from recommender.catalogue.admin.resources import ActivityResource

__all__ = ["ActivityAdmin", "ActivityResource", "CategoryAdmin", "SupportContactAdmin", "WindowSettingsAdmin"]
