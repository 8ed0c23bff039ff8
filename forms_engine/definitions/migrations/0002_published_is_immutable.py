from django.db import migrations

FORWARD = """
create function definitions_published_is_immutable() returns trigger language plpgsql as $$
begin
  if tg_op = 'TRUNCATE' then
    raise exception 'form versions are never truncated' using errcode = 'restrict_violation';
  end if;
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
"""
BACKWARD = """
drop trigger definitions_published_is_immutable on definitions_formversion;
drop function definitions_published_is_immutable();
"""


class Migration(migrations.Migration):
    dependencies = [("definitions", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
