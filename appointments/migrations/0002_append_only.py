from django.db import migrations

FORWARD = """
create function appointments_event_append_only() returns trigger language plpgsql as $$
begin
  raise exception 'events of appointments are append-only (%)', tg_op using errcode = 'restrict_violation';
end $$;
create trigger appointments_event_append_only before update or delete on appointments_appointmentevent
  for each row execute function appointments_event_append_only();
"""
BACKWARD = """
drop trigger appointments_event_append_only on appointments_appointmentevent;
drop function appointments_event_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("appointments", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
