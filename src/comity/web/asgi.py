"""The application that a server runs, once the house is open."""

from __future__ import annotations

from django.core.asgi import get_asgi_application

application = get_asgi_application()
