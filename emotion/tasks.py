"""What workers do. A message carries nothing; each task calls services alone."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from celery import shared_task


@shared_task(name="emotion.tasks.classify_waiting", bind=True)
def classify_waiting(self: Any) -> None:
    from emotion.services.classify import record_waiting  # noqa: PLC0415 -- services queue this task

    # The same message again has the same id: whoever had it before is dead.
    record_waiting(claimant=UUID(self.request.id))


@shared_task(name="emotion.tasks.sweep_captures")
def sweep_captures() -> None:
    from emotion.services.reconcile import sweep  # noqa: PLC0415 -- services queue this task

    sweep()


@shared_task(name="emotion.tasks.ask_workers")
def ask_workers() -> None:
    from emotion.services.worker_health import ask_all  # noqa: PLC0415 -- services queue this task

    ask_all()


@shared_task(name="emotion.tasks.report_worker", bind=True)
def report_worker(self: Any) -> None:
    from emotion.services.worker_health import report  # noqa: PLC0415 -- loads the model

    report(worker=self.request.hostname)


@shared_task(name="vault.tasks.prune_journals")
def prune_journals() -> None:
    """And, as often, what limits have counted."""
    from emotion.services.cache_cleanup import delete_expired  # noqa: PLC0415 -- as above
    from vault.services.retention import prune  # noqa: PLC0415 -- as above

    delete_expired()
    prune()


@shared_task(name="vault.tasks.renew_frame_keys")
def renew_frame_keys() -> None:
    from vault.services.key_maintenance import renew_frame_keys as renew  # noqa: PLC0415 -- as above

    renew()


@shared_task(name="vault.tasks.destroy_retired_keys")
def destroy_retired_keys() -> None:
    from vault.services.key_maintenance import destroy_retired_keys as destroy  # noqa: PLC0415 -- as above

    destroy()
