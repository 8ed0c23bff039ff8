from django.db import migrations

FORWARD = """
-- What a second person has approved is what goes out: title, text and topic stand still from then on, and an issue that
-- has appeared stays as it is and never goes away.
create function topics_issue_frozen() returns trigger language plpgsql as $$
begin
  if old.state = 'published' then
    raise exception 'a published issue does not change (%)', tg_op using errcode = 'restrict_violation';
  end if;
  if tg_op = 'DELETE' then
    if old.state = 'draft' then
      return old;
    end if;
    raise exception 'only a draft can be deleted' using errcode = 'restrict_violation';
  end if;
  if old.state <> 'draft'
     and (new.title, new.body, new.topic_id, new.author_id) is distinct from (old.title, old.body, old.topic_id, old.author_id) then
    raise exception 'the text of an issue stands still after the draft' using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger topics_issue_frozen before update or delete on topics_issue
  for each row execute function topics_issue_frozen();
"""
BACKWARD = """
drop trigger topics_issue_frozen on topics_issue;
drop function topics_issue_frozen();
"""


class Migration(migrations.Migration):
    dependencies = [("topics", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
