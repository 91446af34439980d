"""Keys of the server grow old by themselves, where the workers may write the key folder."""

from __future__ import annotations

import logging
from collections.abc import Callable

from emotion.services.vaults import rebind_vaults
from wellbeing import rotation
from wellbeing.accounts import reseal_second_factors

logger = logging.getLogger(__name__)


def renew_frame_keys() -> None:
    """Activate the announced frame key, or else announce one: called every half day, each writes for a day."""
    _where_writable(_activate_or_announce)


def destroy_retired_keys() -> None:
    """Destroy what nothing needs any more: above all frame keys, a quarter of an hour after they were exchanged."""
    _where_writable(_destroy)


def renew_what_old_keys_made() -> None:
    """Make with the newest keys what the site itself made with those that will be destroyed."""
    if rotation.is_any_retired("binding"):
        rebind_vaults()
    if rotation.is_any_retired("accounts"):
        reseal_second_factors()


def _activate_or_announce() -> None:
    if not rotation.activate_keys(["frames"], now=rotation.now_seconds()):
        rotation.announce_keys(["frames"])


def _destroy() -> None:
    renew_what_old_keys_made()
    for name in rotation.destroy_retired_keys(now=rotation.now_seconds()):
        logger.info("keys: a retired one of %s was destroyed", name)


def _where_writable(work: Callable[[], None]) -> None:
    try:
        work()
    except OSError:
        logger.info("keys stay as they are: this process may not write their folder; see manage.py rotate_keys")
