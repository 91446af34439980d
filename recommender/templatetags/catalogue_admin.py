"""What the first page of the administration says about the catalogue."""

from django import template
from django.utils import timezone

from recommender.catalogue.admin_overview import SOON_DAYS, get_desk

register = template.Library()


@register.inclusion_tag("admin/recommender/desk.html")
def catalogue_desk() -> dict[str, object]:
    return {"desk": get_desk(timezone.localdate()), "soon_days": SOON_DAYS}
