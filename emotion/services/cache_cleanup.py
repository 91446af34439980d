"""What the limits on guessing and flooding have counted is deleted once it counts no more."""

from django.core.cache import caches
from django.core.cache.backends.db import DatabaseCache
from django.db import connections, router
from django.utils import timezone


def delete_expired() -> None:
    """Rows of the cache's table whose time is over, which Django deletes only when the same key is written again."""
    cache = caches["default"]
    if not isinstance(cache, DatabaseCache):
        return
    connection = connections[router.db_for_write(cache.cache_model_class)]
    table, expires = (connection.ops.quote_name(name) for name in (cache.cache_model_class._meta.db_table, "expires"))
    now = connection.ops.adapt_datetimefield_value(timezone.now().replace(microsecond=0))
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table} WHERE {expires} < %s", [now])  # noqa: S608 -- names of our own
