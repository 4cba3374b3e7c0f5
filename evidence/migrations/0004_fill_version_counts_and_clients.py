"""Count the versions each file has, and name the client of each line of a package."""

from django.db import migrations

COUNT = """UPDATE evidence_evidencefile f SET version_count = v.most
FROM (SELECT file_id, max(number) AS most FROM evidence_fileversion GROUP BY 1) v
WHERE v.file_id = f.id"""
COUNTED = "SELECT count(DISTINCT file_id) FROM evidence_fileversion"
NAME = """UPDATE evidence_packageentry p SET client_id = e.client_id
FROM tenants_engagement e WHERE e.id = p.engagement_id"""
NAMED = "SELECT count(*) FROM evidence_packageentry"


def fill(apps, schema_editor):
    """Write both, and assert how many rows each statement changed (TEN-12)."""
    with schema_editor.connection.cursor() as cursor:
        for change, expected in ((COUNT, COUNTED), (NAME, NAMED)):
            cursor.execute(change)
            changed = cursor.rowcount
            cursor.execute(expected)
            assert cursor.fetchone()[0] == changed, change


class Migration(migrations.Migration):
    dependencies = [("evidence", "0003_count_versions_on_the_file")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
