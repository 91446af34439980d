"""How long entries are kept: the site's rule, or less when the employee wants less."""

from datetime import UTC, date, datetime, time, timedelta

from django.conf import settings

from vault.authentic import is_vault_signed
from vault.journal.contents import Line
from vault.journal.kinds import KINDS
from vault.models import Vault


def keep_days(vault: Vault) -> int:
    """What its owner chose; the site's rule where the row says something that this site did not write."""
    site: int = settings.KEEP_DAYS
    return min(site, vault.keep_days or site) if is_vault_signed(vault) else site


def oldest_kept(vault: Vault, now: datetime) -> date:
    """Entries of an earlier UTC day are deleted, but for those that still hold."""
    return now.astimezone(UTC).date() - timedelta(days=keep_days(vault))


def is_over(line: Line, *, oldest: date, now: datetime) -> bool:
    """Whether it is to be deleted: of a day before `oldest`, and of no kind that lasts longer."""
    if line.at >= datetime.combine(oldest, time(), UTC).timestamp():
        return False
    return line.kind not in KINDS or line.at < (now - KINDS[line.kind].lasting).timestamp()
