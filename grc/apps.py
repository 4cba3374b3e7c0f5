"""The project's own app: templates, static files, and the Celery app for every process."""

from __future__ import annotations

from django.apps import AppConfig


class GrcConfig(AppConfig):
    """Loads the Celery app, so that an action in any process can hint at work."""

    name = "grc"

    def ready(self) -> None:
        from grc import celery  # noqa: F401  (becomes the current app)
