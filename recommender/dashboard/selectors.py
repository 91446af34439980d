"""Reading: the catalogue, the settings, and with an opened vault the mood of the person it belongs to."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from accounts.models import User
from emotion.displayed_journal import read_displayed_journal
from recommender.catalogue.models import Activity, ActivityVersion, Category, SupportContact
from recommender.catalogue.selectors import get_prior, get_window_settings
from recommender.dashboard.entry_lines import Line, Titles, describe_entries
from recommender.mood.daily_values import DayValue
from recommender.mood.observations import observe
from recommender.mood.personal_prior import EARLIER_DAYS
from recommender.mood.summary import Mood, summarise, window_start
from recommender.mood.trend import Trend, find_trend
from recommender.ranking.history import Situation, read_situation, shows_trends
from vault.journal.contents import Damage
from vault.journal.entries import OpenedVault
from vault.journal.kinds import Preferences
from vault.journal.reading import read_journal


@dataclass(frozen=True, slots=True)
class ContactLine:
    """One contact as the support page shows it.

    A number that nobody checked lately is `withheld`; the country's emergency number stands `instead` of it.
    """

    contact: SupportContact
    how: str
    withheld: bool
    instead: SupportContact | None


@dataclass(frozen=True, slots=True)
class Contacts:
    """The people to turn to in one country; an empty country means everywhere."""

    country: str
    lines: tuple[ContactLine, ...]


def get_live_activities(today: date) -> list[Activity]:
    return list(Activity.objects.live(today).select_related("category"))


def read_mood(*, user: User, opened: OpenedVault, now: datetime) -> Mood:
    """The mood of the window that ends `now`, which carries the person's time zone."""
    rules = get_window_settings().to_rules()
    since = window_start(now, rules.window_days) - timedelta(days=EARLIER_DAYS)
    journal = read_displayed_journal(user, opened, since=since)
    return summarise(observe(journal, zone=now.tzinfo, until=now), now=now, rules=rules, prior=get_prior())


def read_situation_of(*, opened: OpenedVault, now: datetime) -> Situation:
    """The moment as the person last told it."""
    rules = get_window_settings().to_low_rules()
    since = now - timedelta(days=rules.gentle_days)
    journal = read_journal(opened, since=since, always=[Preferences])
    return read_situation(journal, now=now, gentle_days=rules.gentle_days)


def get_offered_activities(today: date) -> list[Activity]:
    """What may be offered, and what somebody may choose from by themselves: live, never support or crisis."""
    return list(Activity.objects.live(today).filter(safety=Activity.Safety.NORMAL).select_related("category"))


def fits(activity: Activity, *, place: str = "", minutes: int | None = None) -> bool:
    return (not minutes or activity.minutes <= minutes) and (
        not place or not activity.places or place in activity.places
    )


def get_support_activities(today: date) -> list[Activity]:
    """Shown above whatever is suggested; never ranked, so nothing can take their place."""
    return list(Activity.objects.live(today).filter(safety=Activity.Safety.SUPPORT))


def get_crisis_activities(today: date) -> list[Activity]:
    """Shown first on the support page, and nowhere else."""
    return list(Activity.objects.live(today).filter(safety=Activity.Safety.CRISIS))


def get_support_contacts(language: str = "en") -> list[Contacts]:
    """By country: the one administrators put first, then everywhere, then the others by name."""
    first = get_window_settings().support_country
    grouped: dict[str, list[SupportContact]] = {}
    for contact in SupportContact.objects.filter(active=True).order_by("order", "name"):
        grouped.setdefault(contact.country, []).append(contact)
    names = {country: contacts[0].text_in(language)["country"] for country, contacts in grouped.items()}
    order = sorted(grouped, key=lambda country: (country != first or not first, country != "", names[country]))
    return [Contacts(names[country], _present_contacts(grouped[country], language)) for country in order]


def _present_contacts(contacts: Sequence[SupportContact], language: str) -> tuple[ContactLine, ...]:
    """`contacts` of one country. What tells how to reach one may hold further numbers, so it goes with the number."""
    emergency = next((contact for contact in contacts if contact.kind == SupportContact.Kind.EMERGENCY), None)
    lines = []
    for contact in contacts:
        withheld = bool(contact.phone) and not contact.may_show_phone
        how = "" if withheld else contact.text_in(language)["how"]
        lines.append(ContactLine(contact, how, withheld, emergency if withheld else None))
    return tuple(lines)


def get_grades() -> dict[str, str]:
    """Evidence grades of all activities, switched off ones too: which of them somebody rated is in no query."""
    return dict(Activity.objects.values_list("slug", "evidence_grade"))


def get_categories() -> list[Category]:
    """Kinds of activity in their order."""
    return list(Category.objects.all())


@dataclass(frozen=True, slots=True)
class Year:
    """The calendar of one year; `first` is the year of the oldest day that has a value."""

    year: int
    days: tuple[DayValue, ...]
    trend: Trend
    first: int
    damage: Damage
    shows_trends: bool


def read_year(*, user: User, opened: OpenedVault, now: datetime, year: int) -> Year:
    """Every day of a year in the time zone of `now`."""
    journal = read_displayed_journal(user, opened)
    trend = find_trend(
        observe(journal, zone=now.tzinfo, until=now),
        today=now.date(),
        prior=get_prior(),
        rules=get_window_settings().to_low_rules(),
    )
    return Year(
        year=year,
        days=tuple(day for day in trend.days if day.date.year == year),
        trend=trend,
        first=trend.days[0].date.year if trend.days else now.year,
        damage=journal.damage,
        shows_trends=shows_trends(journal),
    )


def get_titles() -> Titles:
    """Of all activities there ever were: which of them somebody asks for is in no query."""
    since: dict[str, list[tuple[datetime, str]]] = defaultdict(list)
    versions = ActivityVersion.objects.order_by("slug", "number")
    for slug, saved_at, title in versions.values_list("slug", "saved_at", "content__title"):
        since[slug].append((saved_at, title))
    for slug, changed_at, title in Activity.objects.values_list("slug", "changed_at", "title"):
        since[slug] = since[slug] or [(changed_at, title)]
    return Titles(since)


@dataclass(frozen=True, slots=True)
class Week:
    """One calendar week of a journal, newest day first, and the Mondays before and after it."""

    monday: date
    sunday: date
    days: tuple[tuple[date, tuple[Line, ...]], ...]
    damage: Damage
    withheld: int
    before: date
    after: date | None

    @property
    def is_empty(self) -> bool:
        return not self.days


def read_week(*, user: User, opened: OpenedVault, now: datetime, day: date) -> Week:
    """The week that holds `day`, in the time zone of `now`; `after` is None for the current one."""
    monday = day - timedelta(days=day.weekday())
    start = datetime(monday.year, monday.month, monday.day, tzinfo=now.tzinfo)
    # Corrections may come weeks later, so everything since is read.
    journal = read_displayed_journal(user, opened, since=start)
    end = start + timedelta(days=7)
    described = describe_entries(
        journal.entries,
        zone=now.tzinfo,
        corrections=journal.corrections,
        titles=get_titles(),
    )
    lines = [line for line in described if line.at < end]
    days = tuple((key, tuple(group)) for key, group in groupby(lines, key=lambda line: line.at.date()))
    following = monday + timedelta(days=7)
    return Week(
        monday=monday,
        sunday=monday + timedelta(days=6),
        days=days,
        damage=journal.damage,
        withheld=len(journal.withheld),
        before=monday - timedelta(days=7),
        after=following if following <= now.date() else None,
    )
