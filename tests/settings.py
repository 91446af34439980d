"""The real settings with a throw-away data folder and a quick password hasher."""

import atexit
import os
import shutil
import tempfile

_data = tempfile.mkdtemp(prefix="wellbeing-tests-")
atexit.register(shutil.rmtree, _data, ignore_errors=True)
for _name in [name for name in os.environ if name.startswith("WELLBEING_") and not name.startswith("WELLBEING_TEST_")]:
    del os.environ[_name]
os.environ["WELLBEING_DATA_DIR"] = _data
os.environ["WELLBEING_ENV_FILE"] = os.devnull
if _url := os.environ.get("WELLBEING_TEST_DATABASE_URL"):
    os.environ["WELLBEING_DATABASE_URL"] = _url

from wellbeing.settings import *  # noqa: E402, F403

# At most what `tests.conftest` lets a passphrase cost.
VAULT_ARGON2_KIB = 64
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Files, as in production: in memory a page's parallel requests lock each other out instead of waiting.
for _alias, _database in DATABASES.items():  # noqa: F405
    if _database["ENGINE"] == "django.db.backends.sqlite3":
        _database["TEST"] = {"NAME": os.path.join(_data, f"{_alias}.sqlite3")}
        _database["OPTIONS"] = _database["OPTIONS"] | {
            "init_command": _database["OPTIONS"]["init_command"].replace("synchronous=FULL", "synchronous=OFF")
        }
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = True
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
# The name that Django's test client gives the site.
PUBLIC_URL, ALLOWED_HOSTS = "http://testserver", ["testserver"]
