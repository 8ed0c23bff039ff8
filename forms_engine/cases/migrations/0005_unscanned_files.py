"""Files that people gave before there was a scanner wait for their scan like all others."""

from django.db import migrations

WAIT = """
update documents_storedfile set scan = 'waiting', scan_due_at = now()
where scan = 'own' and destroyed_at is null and id in (
    select stored_id from submissions_upload union select stored_id from cases_casedocument
)
"""


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0004_office"),
        ("submissions", "0003_acting_for"),
        ("documents", "0002_scans"),
    ]

    operations = [migrations.RunSQL(WAIT, migrations.RunSQL.noop)]
