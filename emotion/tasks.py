"""What workers do. A message carries an id and nothing else; each task calls one service."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task


@shared_task(name="emotion.tasks.classify_capture")
def classify_capture(capture_id: str) -> None:
    from emotion.services.readings import record_reading  # noqa: PLC0415 -- services queue this task

    record_reading(capture_id=UUID(capture_id))


@shared_task(name="emotion.tasks.sweep_captures")
def sweep_captures() -> None:
    from emotion.services.sweeping import sweep  # noqa: PLC0415 -- services queue this task

    sweep()


@shared_task(name="emotion.tasks.report_worker")
def report_worker() -> None:
    from emotion.services.workers import report  # noqa: PLC0415 -- loads the model

    report()
