"""Settings of the site. Every variable is `WELLBEING_*`, read through `wellbeing.env`, listed in `.env.example`."""

import secrets
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dj_database_url
from csp.constants import NONE, SELF
from kombu.entity import Queue

from core import hosts
from vault.crypto.server_keys import web_key_path
from wellbeing import __version__, env

BASE_DIR = Path(__file__).resolve().parent.parent

## Where things live

DATA_DIR = Path(env.read_str("WELLBEING_DATA_DIR", str(BASE_DIR / "data"))).resolve()
KEYS_DIR = Path(env.read_str("WELLBEING_KEYS_DIR", str(DATA_DIR / "keys"))).resolve()
PORT = env.read_int("WELLBEING_PORT", 8000, low=1, high=65535)
BIND = env.read_bind()
# What every absolute address begins with, whatever a request says.
PUBLIC_URL = env.read_site("WELLBEING_URL", f"http://localhost:{PORT}")
PUBLIC_HOST = urlsplit(PUBLIC_URL).hostname or ""
OTHER_HOSTS = [hosts.to_ascii(name) for name in env.read_list("WELLBEING_HOSTS", [])]
HTTPS = PUBLIC_URL.startswith("https://")
# On for trying the site on one's own machine; anywhere else only when the deployer says so.
CAMERA = env.read_bool("WELLBEING_CAMERA", PUBLIC_HOST in hosts.LOCAL)

## Core

DEBUG = env.read_bool("WELLBEING_DEBUG", False)
# What this process is for: it has the secrets of that alone. On one machine every process may be everything.
ROLE = env.read_choice("WELLBEING_ROLE", "all", ("ALL", "WEB", "WORKER", "UPKEEP", "BEAT"))
# Exchanged while the site runs, see `vault.crypto.keys.rotation`; None when the key comes from the environment.
_is_given = env.read_secret("WELLBEING_SECRET_KEY")
SECRET_KEY_FILE = None if _is_given or ROLE in {"WORKER", "BEAT"} else web_key_path(KEYS_DIR, "secret-key")
SECRET_KEY, *_other_keys = (
    env.read_secrets("WELLBEING_SECRET_KEY", file=SECRET_KEY_FILE or KEYS_DIR)
    if ROLE not in {"WORKER", "BEAT"}
    # Django needs one; nothing that a worker signs with it is believed by anybody.
    else [secrets.token_urlsafe(64)]
)
SECRET_KEYS_GIVEN = env.read_list("WELLBEING_SECRET_KEY_FALLBACKS", [])
SECRET_KEY_FALLBACKS = [*_other_keys, *SECRET_KEYS_GIVEN]
# What `AddressMiddleware` leaves of any Host header.
ALLOWED_HOSTS = [hosts.join_host(PUBLIC_HOST, None)]
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
ROOT_URLCONF = "wellbeing.urls"
AUTH_USER_MODEL = "accounts.User"

INSTALLED_APPS = [
    # Before ours, which takes models of theirs out of the administration again.
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "accounts.apps.AccountsConfig",
    "vault.apps.VaultConfig",
    "vault.keystore.apps.KeystoreConfig",
    "emotion.apps.EmotionConfig",
    "recommender.apps.RecommenderConfig",
    "rights.apps.RightsConfig",
    "wellbeing.apps.WellbeingConfig",
    *(["research.apps.ResearchConfig"] if (BASE_DIR / "research").is_dir() else []),
    "rest_framework",
    "drf_spectacular",
    "import_export",
    "csp",
    # Its pages are found where the addresses are read, not in every worker.
    "django.contrib.admin.apps.SimpleAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "wellbeing.middleware.FreshKeysMiddleware",
    # Its part in an answer comes last, when nothing else is written into it.
    "wellbeing.middleware.PaddingMiddleware",
    # Before the rest, so that static files and refusals have these headers too.
    "wellbeing.middleware.PrivacyHeadersMiddleware",
    "csp.middleware.CSPMiddleware",
    "wellbeing.middleware.AddressMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.SignInMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.SessionTouchMiddleware",
    "accounts.middleware.SessionMarksMiddleware",
    "accounts.middleware.ReauthenticationMiddleware",
    "accounts.middleware.StaffSecondFactorMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "wellbeing.middleware.SwapMiddleware",
    "wellbeing.middleware.DeepInputMiddleware",
    "vault.middleware.VaultMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "wellbeing.context_processors.site",
            ],
            "builtins": ["core.dates"],
        },
    }
]

## Databases: the main one, and the keystore that backups leave out

SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": ("PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA secure_delete=ON;PRAGMA foreign_keys=ON"),
}


def _database(variable: str, file: str, *roles: str) -> Any:
    if ROLE not in {"ALL", *roles}:
        return {"ENGINE": "django.db.backends.dummy"}
    url = env.read_url(variable, f"sqlite:///{DATA_DIR / file}", ("postgres", "postgresql", "sqlite"))
    config = dj_database_url.parse(url, conn_max_age=60)
    if config["ENGINE"] == "django.db.backends.sqlite3":
        config["OPTIONS"] = SQLITE_OPTIONS
    else:
        config["CONN_HEALTH_CHECKS"] = True
    return config


DATABASES = {
    "default": _database("WELLBEING_DATABASE_URL", "wellbeing.sqlite3", "WEB", "WORKER", "UPKEEP"),
    # The erasure keys.
    "keystore": _database("WELLBEING_KEYSTORE_URL", "keystore.sqlite3", "WEB"),
}
DATABASE_ROUTERS = ["vault.keystore.router.KeystoreRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# The limits on guessing must hold across processes and while Redis is away. With more rows than MAX_ENTRIES Django
# deletes a third, whether they still count or not; `emotion.services.cache_cleanup` deletes those that count no more.
CACHES = {
    "default": {
        "BACKEND": "wellbeing.cache.LoudDatabaseCache",
        "LOCATION": "cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000_000},
    }
}

## Redis or Valkey: 0 carries task ids, 1 holds sealed frames

REDIS_URL = env.read_url("WELLBEING_REDIS_URL", "", ("redis", "rediss")).rstrip("/")
EMBEDDED_VALKEY = not REDIS_URL
VALKEY_SOCKET = env.valkey_socket(DATA_DIR)
_databases = f"unix://{VALKEY_SOCKET}?db=" if EMBEDDED_VALKEY else f"{REDIS_URL}/"
BROKER_REDIS_URL = f"{_databases}0"
BLOBS_URL = env.read_url("WELLBEING_BLOBS_URL", f"{_databases}1", ("redis", "rediss", "unix"))

CELERY_BROKER_URL = f"redis+socket://{VALKEY_SOCKET}?virtual_host=0" if EMBEDDED_VALKEY else BROKER_REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_CONCURRENCY = env.read_int("WELLBEING_WORKERS", 1, low=1, high=256)
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SOFT_TIME_LIMIT = 20
CELERY_TASK_TIME_LIMIT = 30
CELERY_WORKER_MAX_TASKS_PER_CHILD = 5000
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 25
# A child loads the model before it takes tasks; Celery would kill it after four seconds.
CELERY_WORKER_PROC_ALIVE_TIMEOUT = 60
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
# Redelivery takes visibility timeout + scan period; kombu's default scan alone is about 100 s.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 120,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "health_check_interval": 10,
    "socket_timeout": 15,
    "socket_connect_timeout": 5,
    "global_keyprefix": "wb:",
    "sep": ":",
    "priority_steps": [0, 9],
}
#: Seconds between two runs. A message that no worker took until the next one goes out is dropped.
_PERIODS = {
    "emotion.tasks.sweep_captures": 15.0,
    "emotion.tasks.delete_expired_limits": 60 * 60.0,
    "vault.tasks.prune_journals": 60 * 60.0,
    # Announces and activates in turn, so that a frame key writes for a day.
    "vault.tasks.renew_frame_keys": 12 * 60 * 60.0,
    "vault.tasks.destroy_retired_keys": 10 * 60.0,
}
CELERY_BEAT_SCHEDULE: dict[str, Any] = {
    task: {"task": task, "schedule": seconds, "options": {"expires": seconds}} for task, seconds in _PERIODS.items()
}
CELERY_TASK_DEFAULT_QUEUE = "captures"
CELERY_TASK_QUEUES = [Queue(name) for name in ("captures", "upkeep")]
# Whoever decodes pictures has no key that upkeep needs.
WORKER_QUEUES = {"WORKER": ["captures"], "UPKEEP": ["upkeep"]}.get(ROLE, ["captures", "upkeep"])
# 0 goes before 9: a backlog of captures must not hold up the sweeper.
CELERY_TASK_ROUTES: dict[str, dict[str, Any]] = {
    "emotion.tasks.classify_waiting": {"priority": 9},
    **{task: {"queue": "upkeep"} for task in _PERIODS},
}
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat-schedule")

## Signing in (never opens a vault)

AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}Validator"}
    for name in ("UserAttributeSimilarity", "MinimumLength", "CommonPassword", "NumericPassword")
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "today"
ACCOUNT_LOGOUT_REDIRECT_URL = "home"
ACCOUNT_FORMS = {"login": "accounts.forms.SignInForm"}
ACCOUNT_ADAPTER = "accounts.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_SESSION_REMEMBER = False
PASSWORD_RESET_TIMEOUT = 24 * 60 * 60
ACCOUNT_EMAIL_CONFIRMATION_EXPIRE_DAYS = 3
# In the browser that signed up, and nowhere else.
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 10 * 60
# A whole office may share one address; allauth's own ten wrong passwords a minute would shut all of it out.
# In a browser the person has signed in with, nobody's guesses but those made there count.
ACCOUNT_RATE_LIMITS = {"login": "300/m/ip", "login_failed": "100/m/ip,5/5m/key", "login_failed_here": "5/5m/key"}
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "accounts.credentials.ResetTokenGenerator"  # noqa: S105 -- a class
SIGNUP_OPEN, SIGNUP_DECLARED = env.read_bool("WELLBEING_SIGNUP", True), bool(env.read_str("WELLBEING_SIGNUP", ""))
# Limits on guessing count by address: behind a proxy, by the one it reports.
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if env.read_bool("WELLBEING_BEHIND_PROXY", False) else 0

MFA_ADAPTER = "vault.second_factors.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_TOLERANCE = 1
MFA_RECOVERY_CODES_SHOW_ONCE = True
# Browsers allow passkeys over plain HTTP on localhost alone.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS

## The organisation's own sign-in (OpenID Connect), when one is named

OIDC_PROVIDER_ID = "work"
OIDC_ISSUER = env.read_str("WELLBEING_OIDC_ISSUER", "").rstrip("/")
OIDC_SIGNUP = env.read_bool("WELLBEING_OIDC_SIGNUP", True)
SOCIALACCOUNT_ADAPTER = "accounts.sign_on.SocialAccountAdapter"
SOCIALACCOUNT_PROVIDERS: dict[str, Any] = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "SCOPE": ["openid", "email"],
        "APPS": env.oidc_apps(OIDC_PROVIDER_ID, OIDC_ISSUER),
    }
}
# An address the provider vouches for never opens an account that somebody else made here: sign in, then connect.
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False

## Mail: printed on the terminal until a server is named

EMAIL_HOST = env.read_str("WELLBEING_EMAIL_HOST", "")
EMAIL_PORT = env.read_int("WELLBEING_EMAIL_PORT", 587, low=1, high=65535)
EMAIL_HOST_USER = env.read_str("WELLBEING_EMAIL_USER", "")
EMAIL_HOST_PASSWORD = env.read_secret("WELLBEING_EMAIL_PASSWORD")
# From the first byte on port 465 (RFC 8314), by STARTTLS on every other.
EMAIL_TLS = env.read_bool("WELLBEING_EMAIL_TLS", True)
EMAIL_USE_SSL = EMAIL_TLS and EMAIL_PORT == 465
EMAIL_USE_TLS = EMAIL_TLS and not EMAIL_USE_SSL
# For each step of it; no page waits.
EMAIL_TIMEOUT = 10
EMAIL_BACKEND = "core.mail.QueueBackend"
MAIL_SERVER_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'console'}.EmailBackend"
DEFAULT_FROM_EMAIL = env.read_sender("WELLBEING_EMAIL_FROM", f"wellbeing@{PUBLIC_HOST}")
ACCOUNT_EMAIL_VERIFICATION = "mandatory" if EMAIL_HOST else "none"
MFA_ALLOW_UNVERIFIED_EMAIL = not EMAIL_HOST

## Sessions, cookies, headers

SESSION_ENGINE = "accounts.session_store"
SESSION_COOKIE_AGE = env.read_int("WELLBEING_SESSION_SECONDS", 12 * 60 * 60, low=300, high=7 * 24 * 60 * 60)
# Long enough for a page that waits for the next snapshot of its schedule; the vault closes long before.
SESSION_IDLE_SECONDS = env.read_int("WELLBEING_SESSION_IDLE_SECONDS", 8 * 60 * 60, low=60, high=7 * 24 * 60 * 60)
STAFF_IDLE_SECONDS = 30 * 60
BROWSER_COOKIE_NAME = "__Host-browser" if HTTPS else "browser"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "wellbeing.views.csrf_failure"
SECURE_SSL_REDIRECT = HTTPS
# What watches the site asks past the proxy.
PROBES = ["/healthz", "/readyz", "/metrics"]
SECURE_REDIRECT_EXEMPT = [f"^{path[1:]}$" for path in PROBES]
SECURE_HSTS_SECONDS = 63_072_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if env.read_bool("WELLBEING_BEHIND_PROXY", False) else None
)
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        **{f"{kind}-src": [SELF] for kind in ("script", "style", "font", "connect", "manifest", "worker")},
        "img-src": [SELF, "blob:", "data:"],
        "media-src": [SELF, "blob:"],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        # Text from a server never becomes a script: static/js/trusted-types.js makes the one policy.
        "require-trusted-types-for": ["'script'"],
        "trusted-types": ["default"],
    }
}
MESSAGE_STORAGE = "wellbeing.messages.BrowserMessages"
# The address of a page is for nobody, its own files included.
SECURE_REFERRER_POLICY = "strict-origin"

## Uploads never touch a disk

FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
MAX_FRAME_BYTES = 512 * 1024
MAX_FRAMES = 5
DATA_UPLOAD_MAX_MEMORY_SIZE = FILE_UPLOAD_MAX_MEMORY_SIZE = MAX_FRAMES * MAX_FRAME_BYTES + 64 * 1024

## Vault and captures

VAULT_IDLE_SECONDS = env.read_int("WELLBEING_VAULT_IDLE_SECONDS", 15 * 60, low=60, high=8 * 60 * 60)
# What one guess at a passphrase takes; a lock that was made when it was less is made anew as it opens.
VAULT_ARGON2_KIB = 1024 * env.read_int("WELLBEING_ARGON2_MIB", 64, low=64, high=1024)
VAULT_COOKIE_NAME = "__Host-vaultkey" if HTTPS else "vaultkey"
OPENED_COOKIE_NAME = "__Host-opened" if HTTPS else "opened"
SEEN_COOKIE_PREFIX = "__Host-seen-" if HTTPS else "seen-"
KEEP_DAYS = env.read_int("WELLBEING_KEEP_DAYS", 365, low=7, high=3660)
FRAME_TTL_SECONDS = 15 * 60
CAPTURE_MAX_ATTEMPTS = 5
CAPTURES_PER_HOUR = env.read_int("WELLBEING_CAPTURES_PER_HOUR", 60, low=1, high=100_000)
CAPTURES_WAITING = env.read_int("WELLBEING_CAPTURES_WAITING", 2000, low=1, high=1_000_000)
METRICS_TOKEN = env.read_secret("WELLBEING_METRICS_TOKEN")

## Static files

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "wellbeing.staticfiles.ModuleManifestStorage"},
}

## API

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        # The first one says in WWW-Authenticate what is asked for.
        "accounts.tokens.HashedTokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": [
        "rest_framework.permissions.IsAuthenticated",
        "accounts.tokens.TokenScopePermission",
    ],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["core.api_parsers.FlatJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "core.api_errors.handle_exception",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Wellbeing",
    "DESCRIPTION": "Everything here concerns the signed-in person alone; no route names another person.",
    "VERSION": __version__,
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVERS": [{"url": PUBLIC_URL}],
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "ENUM_NAME_OVERRIDES": {"ExpressionEnum": "emotion.choices.Expression"},
}

## Language and time

LANGUAGE_CODE = "en"
# What the catalogue and the support page are written in; the rest of the site speaks the first.
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGE_COOKIE_NAME = "__Host-language" if HTTPS else "language"
LANGUAGE_COOKIE_SECURE, LANGUAGE_COOKIE_HTTPONLY, LANGUAGE_COOKIE_SAMESITE = HTTPS, True, "Lax"
LANGUAGE_COOKIE_AGE = 365 * 24 * 60 * 60
TIME_ZONE = env.read_zone("WELLBEING_TIME_ZONE", "UTC")

## Logs name ids and outcomes, never a label, a picture or a key; error reports show no typed value and no variable

DEFAULT_EXCEPTION_REPORTER_FILTER = "wellbeing.error_reporting.SilentReporterFilter"

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.read_choice("WELLBEING_LOG_LEVEL", "INFO", LOG_LEVELS)},
    "loggers": {
        "django.server": {"handlers": ["console"], "propagate": False},
        "celery.app.trace": {"level": "WARNING"},
        "celery.worker.strategy": {"level": "WARNING"},
        "celery.beat": {"level": "WARNING"},
        # They would list the letters a person's document is made of.
        "fontTools": {"level": "CRITICAL"},
        "fpdf": {"level": "CRITICAL"},
    },
}
