"""What workers do with captures. A message carries nothing; each task calls one service."""

from typing import Any
from uuid import UUID

from celery import shared_task

from emotion.services import cache_cleanup, classify, reconcile


@shared_task(name="emotion.tasks.classify_waiting", bind=True)
def classify_waiting(self: Any) -> None:
    # The same message again has the same id: whoever had it before is dead.
    classify.record_waiting(task_id=UUID(self.request.id))


@shared_task(name="emotion.tasks.sweep_captures")
def sweep_captures() -> None:
    reconcile.sweep()


@shared_task(name="emotion.tasks.delete_expired_limits")
def delete_expired_limits() -> None:
    cache_cleanup.delete_expired()
