from django.db import migrations

FORWARD = """
create function submission_immutable() returns trigger language plpgsql as $$
begin
  -- The key may be rewrapped (rotation) or destroyed (disposal), nothing else; a destroyed key stays destroyed.
  if tg_op = 'UPDATE' and tg_table_name = 'submissions_submission'
     and to_jsonb(new) - 'wrapped_key' = to_jsonb(old) - 'wrapped_key'
     and (to_jsonb(old) ->> 'wrapped_key') is not null then
    return new;
  end if;
  raise exception 'a submission never changes (%)', tg_op using errcode = 'restrict_violation';
end $$;
create trigger submission_immutable before update or delete on submissions_submission
  for each row execute function submission_immutable();
create trigger submission_file_immutable before update or delete on submissions_submissionfile
  for each row execute function submission_immutable();
"""
BACKWARD = """
drop trigger submission_file_immutable on submissions_submissionfile;
drop trigger submission_immutable on submissions_submission;
drop function submission_immutable();
"""


class Migration(migrations.Migration):
    dependencies = [("submissions", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
