from django.db import migrations

from portal.directory.editions import drop_triggers, make_triggers

# At the end of the transaction: whoever writes holds the one row only while committing, so that no two wait crosswise.
FUNCTION = """
create function directory_new_edition() returns trigger language plpgsql as $$
begin
    insert into directory_edition (id, value, transaction)
    values (1, gen_random_uuid(), pg_current_xact_id()::text)
    on conflict (id) do update set value = excluded.value, transaction = excluded.transaction
    where directory_edition.transaction <> excluded.transaction;
    return null;
end $$;
"""
TABLES = (
    "directory_organisation", "directory_office", "directory_openinghours", "directory_closure", "directory_service",
    "directory_service_offices", "directory_service_combinable", "directory_topic", "directory_topic_services",
    "directory_lifeevent", "directory_lifeevent_services", "directory_synonym", "directory_searchword",
)


class Migration(migrations.Migration):
    dependencies = [("directory", "0004_retired_opinions_edition")]
    operations = [
        migrations.RunSQL(FUNCTION, "drop function directory_new_edition()"),
        migrations.RunSQL(make_triggers(*TABLES), drop_triggers(*TABLES)),
    ]
