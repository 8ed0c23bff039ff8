from django.db import migrations

FORWARD = """
create function audit_append_only() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and old.position is null and new.position is not null
     and (new.id, new.at, new.actor, new.action, new.subject, new.data)
       is not distinct from (old.id, old.at, old.actor, old.action, old.subject, old.data) then
    return new;  -- linking an entry into the chain, once
  end if;
  raise exception 'audit entries are append-only (%)', tg_op using errcode = 'restrict_violation';
end $$;
create trigger audit_append_only before update or delete on audit_auditentry
  for each row execute function audit_append_only();
create trigger audit_no_truncate before truncate on audit_auditentry
  for each statement execute function audit_append_only();
"""
BACKWARD = """
drop trigger audit_no_truncate on audit_auditentry;
drop trigger audit_append_only on audit_auditentry;
drop function audit_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
