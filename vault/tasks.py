"""What workers do for vaults. A message carries nothing; each task calls one service."""

from __future__ import annotations

from celery import shared_task

from vault.services import key_maintenance, retention


@shared_task(name="vault.tasks.prune_journals")
def prune_journals() -> None:
    retention.prune()


@shared_task(name="vault.tasks.renew_frame_keys")
def renew_frame_keys() -> None:
    key_maintenance.renew_frame_keys()


@shared_task(name="vault.tasks.destroy_retired_keys")
def destroy_retired_keys() -> None:
    key_maintenance.destroy_retired_keys()
