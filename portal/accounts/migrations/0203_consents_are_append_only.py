from django.db import migrations

FORWARD = """
create function consent_append_only() returns trigger language plpgsql as $$
begin
  raise exception 'consents are append-only (%)', tg_op using errcode = 'restrict_violation';
end $$;
create trigger consent_append_only before update or delete on accounts_consent
  for each row execute function consent_append_only();
create trigger consent_no_truncate before truncate on accounts_consent
  for each statement execute function consent_append_only();
"""
BACKWARD = """
drop trigger consent_no_truncate on accounts_consent;
drop trigger consent_append_only on accounts_consent; drop function consent_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0202_profile")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
