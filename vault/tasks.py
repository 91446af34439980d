"""What workers do for vaults: each task is one service, and its message carries nothing."""

from celery import shared_task

from vault.services import key_maintenance, retention

prune_journals = shared_task(name="vault.tasks.prune_journals")(retention.prune)
renew_frame_keys = shared_task(name="vault.tasks.renew_frame_keys")(key_maintenance.renew_frame_keys)
destroy_retired_keys = shared_task(name="vault.tasks.destroy_retired_keys")(key_maintenance.destroy_retired_keys)
