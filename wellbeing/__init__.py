"""The site: settings, accounts, keys and health. No rule about people's feelings lives here."""

from __future__ import annotations

from wellbeing.celery import app as celery_app

__all__ = ["celery_app"]
