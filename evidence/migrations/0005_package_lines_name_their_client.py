"""Every line of a package names its client."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("evidence", "0004_fill_version_counts_and_clients"),
        ("tenants", "0004_queues_show_ones_own_work"),
    ]

    operations = [
        migrations.AlterField(
            model_name="packageentry",
            name="client",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="tenants.organization",
            ),
        ),
    ]
