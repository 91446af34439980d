"""Keys of the server grow old by themselves, where the workers may write the key folder."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from vault.crypto.keys import rotation
from vault.journal.entries import is_bound
from vault.models import Vault
from vault.second_factors import reseal_second_factors
from vault.services.binding import rebind_vaults

logger = logging.getLogger(__name__)


def renew_frame_keys() -> None:
    """Activate the announced frame key, or else announce one: called every half day, each writes for a day."""
    with _where_writable():
        if not rotation.activate_keys(["frames"], now=rotation.now_seconds()):
            rotation.announce_keys(["frames"])


def destroy_retired_keys() -> None:
    """Destroy what nothing needs any more: above all frame keys, a quarter of an hour after they were exchanged."""
    with _where_writable():
        needed = renew_what_old_keys_made()
        for name in rotation.destroy_retired_keys(now=rotation.now_seconds(), except_kinds=needed):
            logger.info("keys: a retired one of %s was destroyed", name)


def renew_what_old_keys_made() -> list[str]:
    """Make anew what the site made with retired keys. Returns the kinds for which that failed, so that they stay."""
    work: dict[str, Callable[[], int]] = {"binding": rebind_vaults, "accounts": reseal_second_factors}
    return [name for name, renew in work.items() if rotation.is_any_retired(name) and not _succeeds(name, renew)]


def _succeeds(name: str, renew: Callable[[], int]) -> bool:
    try:
        renew()
    except Exception:
        logger.exception("keys: what the retired ones of %s made could not be made anew, and they are kept", name)
        return False
    return True


def are_keys_foreign() -> bool:
    """Whether there are vaults, but keys are missing or bound none, and none was accepted. Raises ServerKeysDamaged."""
    if not Vault.objects.exists():
        return False
    if rotation.is_key_missing():
        return True
    return not (rotation.are_keys_accepted() or any(map(is_bound, Vault.objects.iterator())))


@contextmanager
def _where_writable() -> Iterator[None]:
    try:
        yield
    except OSError:
        logger.info("keys stay as they are: this process may not write their folder; see manage.py rotate_keys")
