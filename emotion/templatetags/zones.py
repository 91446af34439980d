"""Time zones as people read them."""

from __future__ import annotations

from django import template

from emotion.views.zones import tell_zone

register = template.Library()
register.filter("zone_words", tell_zone)
