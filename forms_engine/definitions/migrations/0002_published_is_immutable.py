from django.db import migrations

FORWARD = """
create function definitions_published_is_immutable() returns trigger language plpgsql as $$
begin
  if old.state = 'draft' and tg_op = 'DELETE' then
    return old;
  end if;
  if old.state = 'draft' then
    return new;
  end if;
  raise exception 'a published form version is immutable (%)', tg_op using errcode = 'restrict_violation';
end $$;
create trigger definitions_published_is_immutable before update or delete on definitions_formversion
  for each row execute function definitions_published_is_immutable();
alter table definitions_formversion add constraint version_sha256_of_source
  check (sha256 = encode(sha256(convert_to(source, 'UTF8')), 'hex'));
"""
BACKWARD = """
alter table definitions_formversion drop constraint version_sha256_of_source;
drop trigger definitions_published_is_immutable on definitions_formversion;
drop function definitions_published_is_immutable();
"""


class Migration(migrations.Migration):
    dependencies = [("definitions", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
