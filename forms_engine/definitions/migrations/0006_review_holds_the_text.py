from django.db import migrations

FORWARD = """
create or replace function definitions_published_is_immutable() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    if old.state = 'draft' then
      return old;
    end if;
    raise exception 'only a draft of a form can be deleted' using errcode = 'restrict_violation';
  end if;
  if old.state = 'draft' then
    return new;
  end if;
  if (new.source, new.sha256, new.number, new.form_id, new.created_at)
     is distinct from (old.source, old.sha256, old.number, old.form_id, old.created_at) then
    raise exception 'the text of a form version in review or later is immutable' using errcode = 'restrict_violation';
  end if;
  if old.state in ('review', 'approved') then
    return new;
  end if;
  if old.state = 'published' and new.state = 'withdrawn'
     and (new.published_at, new.author_id, new.reviewer_id, new.note)
     is not distinct from (old.published_at, old.author_id, old.reviewer_id, old.note) then
    return new;
  end if;
  raise exception 'a published form version is immutable (%)', tg_op using errcode = 'restrict_violation';
end $$;
"""
BACKWARD = """
create or replace function definitions_published_is_immutable() returns trigger language plpgsql as $$
begin
  if old.state = 'draft' and tg_op = 'DELETE' then
    return old;
  end if;
  if old.state = 'draft' then
    return new;
  end if;
  raise exception 'a published form version is immutable (%)', tg_op using errcode = 'restrict_violation';
end $$;
"""


class Migration(migrations.Migration):
    dependencies = [("definitions", "0005_review_and_pauses")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
