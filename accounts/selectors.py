"""What the database answers about one account. Reads only."""

from __future__ import annotations

import hashlib

from accounts.models import User


def get_person_mark(user: User) -> str:
    """The same for the same person on this site, and no name: a page tells by it who signed in again.

    No key is in it: pages stay open, and remember by it, while keys are exchanged.
    """
    told = f"wellbeing.person-mark {user.pk} {user.date_joined.isoformat()}"
    return hashlib.sha256(told.encode()).hexdigest()[:16]
