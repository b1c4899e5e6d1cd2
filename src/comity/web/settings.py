"""Settings of the room: made for one house, in one place, strict unless said otherwise."""

from __future__ import annotations

from pathlib import Path

import django
from csp.constants import NONCE, NONE, SELF
from django.conf import settings

HERE = Path(__file__).parent
LANGUAGES = (("en", "English"), ("fr", "Français"))


def settings_for(
    data: Path, secret: str, *, hosts: tuple[str, ...], https: bool = False
) -> dict[str, object]:
    """Return Django's settings for a house.

    Parameters
    ----------
    data
        The house's folder; the room keeps `people.sqlite` there.
    secret
        What sessions and forms are signed with.
    hosts
        Names under which the room is reached.
    https
        Whether it stands behind a proxy that speaks TLS: cookies then travel
        over TLS alone. On the loopback of one machine there is none.
    """
    return {
        "DEBUG": False,
        "SECRET_KEY": secret,
        "ALLOWED_HOSTS": list(hosts),
        "CSRF_TRUSTED_ORIGINS": [f"https://{host}" for host in hosts] if https else [],
        "ROOT_URLCONF": "comity.web.urls",
        "ASGI_APPLICATION": "comity.web.asgi.application",
        "INSTALLED_APPS": [
            "django.contrib.sessions",
            "django.contrib.staticfiles",
            "django_htmx",
            "csp",
            "comity.web",
        ],
        "MIDDLEWARE": [
            "django.middleware.security.SecurityMiddleware",
            "whitenoise.middleware.WhiteNoiseMiddleware",
            "csp.middleware.CSPMiddleware",
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.locale.LocaleMiddleware",
            "django.middleware.common.CommonMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.middleware.clickjacking.XFrameOptionsMiddleware",
            "django_htmx.middleware.HtmxMiddleware",
            "comity.web.middleware.room_middleware",
        ],
        "TEMPLATES": [
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "APP_DIRS": True,
                "OPTIONS": {
                    "context_processors": [
                        "django.template.context_processors.request",
                        "django.template.context_processors.i18n",
                        "csp.context_processors.nonce",
                        "comity.web.context.room",
                    ],
                },
            }
        ],
        "DATABASES": {
            "default": {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": str(data / "people.sqlite"),
                "OPTIONS": {
                    "init_command": "PRAGMA journal_mode=WAL; PRAGMA secure_delete=ON;",
                    "transaction_mode": "IMMEDIATE",
                },
            }
        },
        "STATIC_URL": "/static/",
        "WHITENOISE_USE_FINDERS": True,
        "WHITENOISE_AUTOREFRESH": False,
        "STORAGES": {
            "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
            "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
        },
        "DATA_UPLOAD_MAX_MEMORY_SIZE": 40 * 1_048_576,
        "DATA_UPLOAD_MAX_NUMBER_FIELDS": 500,
        "FILE_UPLOAD_MAX_MEMORY_SIZE": 40 * 1_048_576,
        "SESSION_COOKIE_NAME": "comity_desk",
        "SESSION_COOKIE_AGE": 12 * 3600,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Strict",
        "SESSION_COOKIE_SECURE": https,
        "SESSION_EXPIRE_AT_BROWSER_CLOSE": True,
        "CSRF_COOKIE_SAMESITE": "Strict",
        "CSRF_COOKIE_HTTPONLY": True,
        "CSRF_COOKIE_SECURE": https,
        "CSRF_FAILURE_VIEW": "comity.web.views.errors.forged",
        "SECURE_SSL_REDIRECT": https,
        "SECURE_PROXY_SSL_HEADER": ("HTTP_X_FORWARDED_PROTO", "https") if https else None,
        "SECURE_HSTS_SECONDS": 31_536_000 if https else 0,
        "SECURE_HSTS_INCLUDE_SUBDOMAINS": https,
        "SECURE_HSTS_PRELOAD": https,
        "SECURE_REFERRER_POLICY": "same-origin",
        "SECURE_CROSS_ORIGIN_OPENER_POLICY": "same-origin",
        "X_FRAME_OPTIONS": "DENY",
        "CONTENT_SECURITY_POLICY": {
            "DIRECTIVES": {
                "default-src": [NONE],
                "script-src": [SELF, NONCE],
                "style-src": [SELF],
                "img-src": [SELF, "data:"],
                "connect-src": [SELF],
                "form-action": [SELF],
                "frame-ancestors": [NONE],
                "base-uri": [NONE],
            }
        },
        "LANGUAGE_CODE": "en",
        "LANGUAGES": LANGUAGES,
        "LANGUAGE_COOKIE_NAME": "comity_language",
        "LANGUAGE_COOKIE_HTTPONLY": True,
        "LANGUAGE_COOKIE_SAMESITE": "Strict",
        "LANGUAGE_COOKIE_SECURE": https,
        "LOCALE_PATHS": [str(HERE / "locale")],
        "USE_I18N": True,
        "USE_TZ": True,
        "TIME_ZONE": "UTC",
        "LOGGING": {
            "version": 1,
            "disable_existing_loggers": False,
            "filters": {"redacted": {"()": "comity.web.logs.Redacted"}},
            "handlers": {"console": {"class": "logging.StreamHandler", "filters": ["redacted"]}},
            "root": {"handlers": ["console"], "level": "ERROR"},
            "loggers": {"django": {"handlers": [], "level": "ERROR", "propagate": True}},
        },
    }


def set_up(data: Path, secret: str, *, hosts: tuple[str, ...], https: bool = False) -> None:
    """Configure Django for a house, once in a process."""
    if not settings.configured:
        settings.configure(**settings_for(data, secret, hosts=hosts, https=https))
        django.setup()
