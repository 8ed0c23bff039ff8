from django.db import migrations

from portal.directory.editions import drop_triggers, make_triggers

# Public pages say where a service can be booked.
TABLES = ("appointments_offering", "appointments_counter")


class Migration(migrations.Migration):
    dependencies = [("appointments", "0002_append_only"), ("directory", "0005_edition_triggers")]
    operations = [migrations.RunSQL(make_triggers(*TABLES), drop_triggers(*TABLES))]
