"""Organizations that stand already get the policy a new one starts with (AUT-1)."""

from typing import Any

from django.db import migrations


def ask_administrators(apps: Any, schema_editor: Any) -> None:
    """Clients ask their administrators; firms ask everybody, as the column's default does.

    Changes every client and nothing else: the count is checked (TEN-12).
    """
    rows = apps.get_model("tenants", "Organization").objects.using(schema_editor.connection.alias)
    clients = rows.filter(kind="client")
    expected = clients.count()
    changed = clients.update(second_factor="administrators")
    if changed != expected or rows.filter(second_factor="administrators").count() != expected:
        raise RuntimeError(f"{changed} of {expected} clients were changed.")


class Migration(migrations.Migration):
    dependencies = [("tenants", "0010_signing_in")]

    operations = [migrations.RunPython(ask_administrators, migrations.RunPython.noop)]
