from django.db import migrations

# As in 0002, and beside it the disposal: key, content and names go together and never come back.
FORWARD = """
create or replace function submission_immutable() returns trigger language plpgsql as $$
declare
  gone text[] := array['wrapped_key', 'sealed', 'owner_id', 'acting_for_id'];
begin
  if tg_op = 'UPDATE' and tg_table_name = 'submissions_submission' and (to_jsonb(old) ->> 'wrapped_key') is not null then
    if to_jsonb(new) - 'wrapped_key' = to_jsonb(old) - 'wrapped_key' then
      return new;
    end if;
    if to_jsonb(new) - gone = to_jsonb(old) - gone and new.wrapped_key is null and new.sealed = ''::bytea
       and new.owner_id is null and new.acting_for_id is null then
      return new;
    end if;
  end if;
  if tg_op = 'UPDATE' and tg_table_name = 'submissions_submissionfile' then
    if to_jsonb(new) - 'sealed_name' = to_jsonb(old) - 'sealed_name' and new.sealed_name = ''::bytea
       and exists (select 1 from submissions_submission where id = old.submission_id and wrapped_key is null) then
      return new;
    end if;
  end if;
  raise exception 'a submission never changes (%)', tg_op using errcode = 'restrict_violation';
end $$;
"""
BACKWARD = """
create or replace function submission_immutable() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and tg_table_name = 'submissions_submission'
     and to_jsonb(new) - 'wrapped_key' = to_jsonb(old) - 'wrapped_key'
     and (to_jsonb(old) ->> 'wrapped_key') is not null then
    return new;
  end if;
  raise exception 'a submission never changes (%)', tg_op using errcode = 'restrict_violation';
end $$;
"""


class Migration(migrations.Migration):
    dependencies = [("submissions", "0009_links_without_account")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
