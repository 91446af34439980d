"""Time zones as people read them."""

from django import template

from emotion.views.zones import tell_zone

register = template.Library()
register.filter("zone_words", tell_zone)
