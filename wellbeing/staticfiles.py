"""Static files under hashed names, `import`s between ES modules included, so caches never serve a stale script."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class ModuleManifestStorage(CompressedManifestStaticFilesStorage):
    support_js_module_import_aggregation = True
