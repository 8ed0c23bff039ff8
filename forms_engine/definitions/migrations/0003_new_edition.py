from django.db import migrations

from portal.directory.editions import drop_triggers, make_triggers

# Public pages say what is possible online.
TABLES = ("definitions_form", "definitions_formversion")


class Migration(migrations.Migration):
    dependencies = [("definitions", "0002_published_is_immutable"), ("directory", "0005_edition_triggers")]
    operations = [migrations.RunSQL(make_triggers(*TABLES), drop_triggers(*TABLES))]
