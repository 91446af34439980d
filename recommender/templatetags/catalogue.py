"""Catalogue texts in the language of whoever looks, and what stands above every suggestion."""

from django import template
from django.http import HttpRequest
from django.template.context import RequestContext
from django.utils import timezone

from core.language import get_language
from recommender.catalogue.models import Activity, ActivityText, Category
from recommender.choices import Daypart, Grade, Limit, Place
from recommender.dashboard.selectors import get_support_activities

register = template.Library()


@register.filter
def text_for(activity: Activity, request: HttpRequest) -> ActivityText:
    return activity.text_in(get_language(request))


@register.filter
def name_for(category: Category, request: HttpRequest) -> str:
    return category.name_in(get_language(request))


@register.inclusion_tag("recommender/_known.html", takes_context=True)
def what_is_known(context: RequestContext, activity: Activity) -> dict[str, object]:
    """What an activity asks for, and what is known of its effect. The same for everybody."""
    return {
        "activity": activity,
        "text": text_for(activity, context["request"]),
        "grade_explained": Grade(activity.evidence_grade).explanation,
        "places": [Place(place).label for place in activity.places],
        "dayparts": [Daypart(part).label for part in activity.dayparts],
        "limits": [Limit(limit).label for limit in activity.limits],
    }


@register.inclusion_tag("recommender/_support.html", takes_context=True)
def support_strip(context: RequestContext) -> dict[str, object]:
    """Somebody to talk to: the same for everybody, whatever was seen, said or ranked."""
    request = context["request"]
    activities = get_support_activities(timezone.localdate())
    return {"request": request, "language": get_language(request), "activities": activities}
