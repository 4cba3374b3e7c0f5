"""Tell which keys of the store rows name, so that bytes nothing names can go (UPL-19)."""

from django.db import migrations

NAMED = """
CREATE FUNCTION public.tickmark_named_keys(keys text[]) RETURNS SETOF text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT storage_key FROM public.evidence_fileversion WHERE storage_key = ANY (keys)
  UNION ALL SELECT storage_key FROM public.evidence_requestimport WHERE storage_key = ANY (keys)
  UNION ALL SELECT storage_key FROM public.evidence_package WHERE storage_key = ANY (keys)
$$;
REVOKE ALL ON FUNCTION public.tickmark_named_keys(text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION public.tickmark_named_keys(text[]) TO tickmark_app
"""


class Migration(migrations.Migration):
    dependencies = [
        ("evidence", "0006_download_links"),
    ]

    operations = [
        migrations.RunSQL(NAMED, "DROP FUNCTION public.tickmark_named_keys(text[])"),
    ]
