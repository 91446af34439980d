"""What administrators keep: the catalogue, whom to turn to, and how a window is summarised. Nothing about a person."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, timedelta
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import BaseValidator, MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.text import capfirst, format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from emotion.choices import Expression
from recommender.catalogue.checks import DOI
from recommender.catalogue.fields import TranslationsField, WordsField, find_judging_problem, find_offered_problem
from recommender.choices import Daypart, Grade, Limit, Place
from recommender.mood.drop_detection import LowRules
from recommender.mood.summary import MoodRules
from recommender.ranking.reward_model import Candidate

MONTH_HOURS = 31 * 24
_GRADES: Final = [(grade.value, format_lazy("{}: {}", grade.value, grade.label)) for grade in Grade]


def _between(low: float, high: float) -> list[BaseValidator]:
    return [MinValueValidator(low), MaxValueValidator(high)]


@dataclass(frozen=True, slots=True)
class ActivityText:
    """What an activity says in one language: the one asked for where it is translated, else English."""

    language: str
    title: str
    body: str
    effect_note: str


class Category(models.Model):
    """A kind of activity. Suggestions shown together come from different categories."""

    slug = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=60)
    order = models.PositiveSmallIntegerField(default=0, help_text=_("Lower comes first."))
    translations = TranslationsField(texts=("name",))

    class Meta:
        ordering = ["order", "name"]
        verbose_name_plural = _("categories")

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if problem := find_offered_problem(self.name):
            raise ValidationError({"name": problem})

    def name_in(self, language: str) -> str:
        return str(self.translations.get(language, {}).get("name") or self.name)


class ActivityQuerySet(models.QuerySet["Activity"]):
    def live(self, today: date) -> "ActivityQuerySet":
        """What may be offered: switched on, graded and not past its review."""
        return self.filter(active=True, review_due__gte=today).exclude(evidence_grade="")


class Activity(models.Model):
    """Something a person can do for themselves in a few minutes, with what is known of its effect."""

    class Safety(models.TextChoices):
        NORMAL = "normal", _("Normal: may be suggested")
        SUPPORT = "support", _("Support: shown above suggestions, never ranked")
        CRISIS = "crisis", _("Crisis: shown on the support page only")

    slug = models.SlugField(max_length=60, unique=True, help_text=_("Never change it: journals name activities by it."))
    title = models.CharField(max_length=80)
    body = models.TextField(max_length=800, help_text=_("What to do, in plain, warm words. A few sentences."))
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="activities")
    targets = WordsField(
        verbose_name=_("target expressions"),
        options=[(look.value, capfirst(look.label)) for look in Expression],
        help_text=_("The expressions it answers to. Neutral and 5 minutes or less: offered before much is known, too."),
    )
    minutes = models.PositiveSmallIntegerField(validators=_between(1, 90))
    places = WordsField(blank=True, options=Place.choices, help_text=_("None ticked: anywhere."))
    dayparts = WordsField(blank=True, options=Daypart.choices, help_text=_("None ticked: at any time."))
    limits = WordsField(
        blank=True,
        verbose_name=_("what it asks for"),
        options=Limit.choices,
        help_text=_("People who ask to be spared one of these are not offered the activity."),
    )
    evidence_grade = models.CharField(max_length=1, choices=_GRADES, blank=True)
    reference = models.CharField(max_length=400, blank=True, help_text=_("Authors, year, title, journal."))
    doi = models.CharField(_("DOI"), max_length=120, blank=True, help_text=_("Such as 10.1371/journal.pone.0272460."))
    reference_verified = models.BooleanField(
        default=False, help_text=_("Tick only after you have opened the reference and it says what the note claims.")
    )
    effect_note = models.CharField(
        max_length=200,
        blank=True,
        help_text=_("One modest sentence on the effect; it becomes part of the reason shown."),
    )
    cooldown_hours = models.PositiveSmallIntegerField(
        default=20, validators=[MaxValueValidator(MONTH_HOURS)], help_text=_("How long it rests after it was offered.")
    )
    safety = models.CharField(_("safety class"), max_length=8, choices=Safety, default=Safety.NORMAL)
    translations = TranslationsField(texts=("title", "body", "effect_note"))
    reviewed_on = models.DateField(
        null=True, blank=True, editable=False, help_text=_("The day somebody last set the review date.")
    )
    review_due = models.DateField(
        null=True,
        blank=True,
        help_text=_("After this day it is no longer offered until somebody has looked at it again."),
    )
    active = models.BooleanField(default=False, help_text=_("Switching it off takes effect at once."))
    changed_at = models.DateTimeField(auto_now=True)

    objects = ActivityQuerySet.as_manager()

    class Meta:
        ordering = ["category__order", "title"]
        verbose_name_plural = _("activities")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(active=False) | (~models.Q(evidence_grade="") & models.Q(review_due__isnull=False)),
                name="active_activity_is_graded_and_dated",
                violation_error_message=_("An active activity needs an evidence grade and a review date."),
            ),
            models.CheckConstraint(
                condition=models.Q(active=False)
                | models.Q(reviewed_on__isnull=False, review_due__gte=models.F("reviewed_on")),
                name="active_activity_was_reviewed_before_its_review_was_due",
                violation_error_message=_("An active activity needs a review date after the day it was looked over."),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.active and self.reviewed_on is None:
            self.reviewed_on = timezone.localdate()
        super().save(*args, **kwargs)

    def clean(self) -> None:
        """It says what was seen or said, leads nowhere else, and goes live only graded and before its review is due."""
        texts = {name: getattr(self, name) for name in ("title", "body", "effect_note")}
        errors = {name: problem for name, text in texts.items() if (problem := find_offered_problem(text))}
        if re.search(r"://|www\.|@", self.reference):
            errors["reference"] = gettext("Name the source without an address; its DOI has a field of its own.")
        if self.doi and not DOI.fullmatch(self.doi):
            errors["doi"] = gettext("This is not a DOI.")
        if self.active:
            self.reviewed_on = self.reviewed_on or timezone.localdate()
            errors |= self._find_what_keeps_it_off()
        if errors:
            raise ValidationError(errors)

    def _find_what_keeps_it_off(self) -> dict[str, str]:
        errors = {}
        if not self.evidence_grade:
            errors["evidence_grade"] = gettext("Grade the evidence before you switch this on.")
        if self.review_due is None:
            errors["review_due"] = gettext("Set a review date before you switch this on.")
        elif self.review_due < timezone.localdate():
            errors["review_due"] = gettext("The review is overdue: look it over and set a later date, or leave it off.")
        return errors

    @property
    def is_live(self) -> bool:
        due = self.review_due
        return bool(self.active and self.evidence_grade and due is not None and due >= timezone.localdate())

    def text_in(self, language: str) -> ActivityText:
        told: Mapping[str, str] | None = self.translations.get(language)
        if told is None:
            return ActivityText(settings.LANGUAGE_CODE, self.title, self.body, self.effect_note)
        return ActivityText(language, told["title"], told["body"], told.get("effect_note", ""))

    def to_content(self) -> dict[str, Any]:
        """Everything an administrator edits, as JSON holds it. Reads `category`: select it with the rows."""
        names = [field.name for field in self._meta.concrete_fields if field.name not in {"id", "changed_at"}]
        values = {name: getattr(self, name) for name in names} | {"category": self.category.slug}
        return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}

    def to_candidate(self) -> Candidate:
        """As ranking sees it. Reads `category`: select it with the rows."""
        return Candidate(
            slug=self.slug,
            category=self.category.slug,
            targets=frozenset(self.targets),
            minutes=self.minutes,
            grade=self.evidence_grade,
            places=frozenset(self.places),
            dayparts=frozenset(self.dayparts),
            limits=frozenset(self.limits),
            cooldown_hours=self.cooldown_hours,
            safety=self.safety,  # type: ignore[arg-type]
            active=self.active,
            review_due=self.review_due,
        )


class ActivityVersion(models.Model):
    """What an activity said from one saving to the next, and which administrator saved it. Stays when it is deleted."""

    slug = models.SlugField(max_length=60)
    number = models.PositiveIntegerField()
    content = models.JSONField()
    note = models.CharField(max_length=100)
    saved_at = models.DateTimeField(default=timezone.now)
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("administrator"),
    )

    class Meta:
        ordering = ["slug", "-number"]
        constraints = [models.UniqueConstraint(fields=["slug", "number"], name="one_version_of_each_number")]

    def __str__(self) -> str:
        return gettext("%(name)s, version %(number)d") % {"name": self.slug, "number": self.number}


class ActivityDraft(models.Model):
    """Changes to an activity that nobody but administrators sees until they are published."""

    activity = models.OneToOneField(Activity, on_delete=models.CASCADE, related_name="draft")
    content = models.JSONField()
    based_on = models.PositiveIntegerField(help_text=_("The version that was live when the draft was begun."))
    saved_at = models.DateTimeField(auto_now=True)
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    def __str__(self) -> str:
        return gettext("draft of %(name)s") % {"name": self.activity}


class SupportContact(models.Model):
    """Somebody to turn to, in one country or everywhere, and when that was last checked."""

    class Kind(models.TextChoices):
        EMERGENCY = "emergency", _("Emergency")
        CRISIS = "crisis", _("Someone to talk to now")
        DIRECTORY = "directory", _("Find a helpline")
        WORKPLACE = "workplace", _("At your workplace")

    #: Older than this, a number is no longer shown: the country's emergency number stands in its place.
    FRESH_DAYS = 180

    slug = models.SlugField(max_length=60, unique=True)
    country = models.CharField(max_length=60, blank=True, help_text=_("As people call it. Empty: everywhere."))
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=10, choices=Kind)
    phone = models.CharField(max_length=40, blank=True)
    url = models.URLField(blank=True)
    how = models.CharField(_("how to reach"), max_length=300, help_text=_("Hours, cost, languages, text numbers."))
    verified_on = models.DateField(
        null=True, blank=True, help_text=_("The day somebody last checked that it answers. Empty: not checked here.")
    )
    source = models.CharField(max_length=300, blank=True, help_text=_("Where the number was found."))
    order = models.PositiveSmallIntegerField(default=0, help_text=_("Lower comes first within its country."))
    active = models.BooleanField(default=True)
    translations = TranslationsField(texts=("country", "how"), find_problem=find_judging_problem)

    class Meta:
        ordering = ["country", "order", "name"]

    def __str__(self) -> str:
        place = self.country or gettext("everywhere")
        return f"{self.name} ({place})"

    def clean(self) -> None:
        if not self.phone and not self.url:
            raise ValidationError(_("Give a telephone number or a web address."))
        if self.phone and not self.country:
            raise ValidationError({"country": _("A telephone number belongs to a country.")})
        if self.verified_on and self.verified_on > timezone.localdate():
            raise ValidationError({"verified_on": _("This day is still to come.")})

    def text_in(self, language: str) -> dict[str, str]:
        """`country` and `how`, each in that language where it is translated."""
        told: Mapping[str, str] = self.translations.get(language, {})
        return {"country": self.country, "how": self.how, **told}

    @property
    def dial(self) -> str:
        """The number as a tel: link wants it."""
        return "".join(character for character in self.phone if character.isdigit() or character == "+")

    @property
    def may_show_phone(self) -> bool:
        """Emergency numbers hardly ever change; any other is shown only while somebody has checked it lately."""
        return bool(self.phone) and (self.kind == self.Kind.EMERGENCY or self.is_fresh)

    @property
    def is_fresh(self) -> bool:
        limit = timezone.localdate() - timedelta(days=self.FRESH_DAYS)
        return self.verified_on is not None and self.verified_on >= limit


class WindowSettings(models.Model):
    """How every mood is summarised. One row; each person's journal is read with these on their own opening of it."""

    window_days = models.PositiveSmallIntegerField(
        default=7, validators=_between(1, 366), help_text=_("How many days a mood sums up, today included.")
    )
    half_life_days = models.FloatField(
        default=7.0, validators=_between(0.5, 366), help_text=_("After this many days a reading counts half.")
    )
    floor_readings = models.PositiveSmallIntegerField(
        default=30,
        validators=_between(10, 500),
        help_text=_("With fewer readings no mix is shown. Below 30 the shares are little more than guesses."),
    )
    floor_days = models.PositiveSmallIntegerField(
        default=3, validators=_between(1, 31), help_text=_("The readings must come from at least this many days.")
    )
    floor_checkins = models.PositiveSmallIntegerField(
        default=3,
        validators=_between(2, 50),
        help_text=_("From this many check-ins on, what was said speaks instead of the camera."),
    )
    usual_days = models.PositiveSmallIntegerField(
        default=21,
        validators=_between(21, 60),
        help_text=_("So many days with something in them make a person's usual; before that, none is compared."),
    )
    low_caution = models.FloatField(
        default=1.0,
        validators=_between(0.8, 1.35),
        help_text=_(
            "How far below their usual somebody's days must lie before the page asks about them. Higher asks "
            "fewer people by mistake and misses more days that were low; the report on the recommender shows both."
        ),
    )
    gentle_days = models.PositiveSmallIntegerField(
        default=14,
        validators=_between(7, 60),
        help_text=_(
            "An answer holds for so many days: the page does not ask again, and after a yes it suggests what is "
            "short and easy."
        ),
    )
    support_country = models.CharField(
        max_length=60, blank=True, help_text=_("Its contacts come first on the support page, spelled as there.")
    )

    class Meta:
        verbose_name = _("window settings")
        verbose_name_plural = _("window settings")
        constraints = [
            models.CheckConstraint(condition=models.Q(pk=1), name="only_one_window_settings"),
            models.CheckConstraint(
                condition=models.Q(
                    usual_days__range=(21, 60), low_caution__range=(0.8, 1.35), gentle_days__range=(7, 60)
                ),
                name="low_days_are_asked_about_within_bounds",
            ),
        ]

    def __str__(self) -> str:
        return gettext("window settings")

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.pk = 1
        super().save(*args, **kwargs)

    def clean(self) -> None:
        if self.floor_days and self.window_days and self.floor_days > self.window_days:
            raise ValidationError({"floor_days": _("The window does not have that many days.")})

    def to_rules(self) -> MoodRules:
        return MoodRules(**{field.name: getattr(self, field.name) for field in fields(MoodRules)})

    def to_low_rules(self) -> LowRules:
        return LowRules(usual_days=self.usual_days, caution=self.low_caution, gentle_days=self.gentle_days)


class ShippedItem(models.Model):
    """A starter item as it was last loaded, so that a later load leaves edited and deleted ones alone."""

    key = models.CharField(max_length=100, unique=True)
    digest = models.CharField(max_length=64)
    names = models.JSONField(default=list, help_text=_("The fields that the digest covers."))

    def __str__(self) -> str:
        return self.key
