from django.db import migrations

FORWARD = """
create function exchange_log_append_only() returns trigger language plpgsql as $$
begin
  raise exception 'the log of a room is append-only (%)', tg_op using errcode = 'restrict_violation';
end $$;
create trigger exchange_log_append_only before update or delete on exchange_accesslog
  for each row execute function exchange_log_append_only();
create trigger exchange_log_no_truncate before truncate on exchange_accesslog
  for each statement execute function exchange_log_append_only();
"""
BACKWARD = """
drop trigger exchange_log_no_truncate on exchange_accesslog;
drop trigger exchange_log_append_only on exchange_accesslog;
drop function exchange_log_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("exchange", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
