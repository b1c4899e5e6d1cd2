"""The room as Django knows it."""

from __future__ import annotations

from django.apps import AppConfig


class RoomConfig(AppConfig):
    """The one application of this site."""

    name = "comity.web"
    label = "room"
    default_auto_field = "django.db.models.BigAutoField"
