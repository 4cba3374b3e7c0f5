"""The web process: refuses to start with too much power in the database (TEN-10)."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "grc.settings")
application = get_wsgi_application()

from tenants.checks import refuse_too_much_power  # noqa: E402  (after Django is set up)

refuse_too_much_power()
