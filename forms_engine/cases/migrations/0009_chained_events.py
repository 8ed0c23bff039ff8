"""Events are chained case by case, notes are append-only, search words go with the key (docs/adr/0033)."""

import django.db.models.deletion
from django.db import migrations, models

FORMS = """
set constraints all immediate;
update cases_case set form_id = version.form_id
  from submissions_submission as submission
  join definitions_formversion as version on version.id = submission.form_version_id
  where submission.id = cases_case.submission_id;
"""
CHAIN = """
create function case_event_hash(
  previous bytea, case_id bigint, place integer, moment timestamptz, kind text, actor text, data jsonb
) returns bytea language sql immutable as $$
  select sha256(previous || convert_to(concat_ws(E'\\n',
    case_id, place, (extract(epoch from moment) * 1000000)::bigint, kind, actor, data::text), 'UTF8'))
$$;

create function case_event_chained() returns trigger language plpgsql as $$
declare last_place integer; last_hash bytea;
begin
  -- One writer at a time for each case; readers and foreign keys do not wait.
  perform 1 from cases_case where id = new.case_id for no key update;
  select position, hash into last_place, last_hash from cases_caseevent
    where case_id = new.case_id order by position desc nulls last limit 1;
  new.position := coalesce(last_place, 0) + 1;
  new.hash := case_event_hash(
    coalesce(last_hash, decode(repeat('00', 32), 'hex')),
    new.case_id, new.position, new.at, new.kind, new.actor, new.data);
  return new;
end $$;

alter table cases_caseevent disable trigger case_event_append_only;
do $$
declare event record; previous bytea; place integer; current bigint := 0;
begin
  for event in select * from cases_caseevent order by case_id, id loop
    if event.case_id <> current then
      current := event.case_id; place := 0; previous := decode(repeat('00', 32), 'hex');
    end if;
    place := place + 1;
    previous := case_event_hash(previous, event.case_id, place, event.at, event.kind, event.actor, event.data);
    update cases_caseevent set position = place, hash = previous where id = event.id;
  end loop;
end $$;
alter table cases_caseevent enable trigger case_event_append_only;
create trigger case_event_chained before insert on cases_caseevent
  for each row execute function case_event_chained();

create function case_note_append_only() returns trigger language plpgsql as $$
begin
  raise exception 'case notes are append-only (%)', tg_op using errcode = 'restrict_violation';
end $$;
create trigger case_note_append_only before update or delete on cases_casenote
  for each row execute function case_note_append_only();

-- Whoever destroys the key of a case, by whatever way, takes its words out of the search.
create function case_words_go_with_the_key() returns trigger language plpgsql as $$
begin
  delete from cases_searchtoken where case_id = new.id;
  return null;
end $$;
create function case_words_go_with_the_answers() returns trigger language plpgsql as $$
begin
  delete from cases_searchtoken where case_id in (select id from cases_case where submission_id = new.id);
  return null;
end $$;
create trigger case_words_go_with_the_answers after update of wrapped_key on submissions_submission
  for each row when (new.wrapped_key is null) execute function case_words_go_with_the_answers();
create trigger case_words_go_with_the_key after update of wrapped_key on cases_case
  for each row when (new.wrapped_key is null) execute function case_words_go_with_the_key();
"""
UNCHAINED = """
drop trigger case_words_go_with_the_answers on submissions_submission; drop function case_words_go_with_the_answers();
drop trigger case_words_go_with_the_key on cases_case; drop function case_words_go_with_the_key();
drop trigger case_note_append_only on cases_casenote; drop function case_note_append_only();
drop trigger case_event_chained on cases_caseevent; drop function case_event_chained();
drop function case_event_hash(bytea, bigint, integer, timestamptz, text, text, jsonb);
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0008_case_file")]
    operations = [
        migrations.RunSQL(FORMS, migrations.RunSQL.noop),
        migrations.RunSQL(CHAIN, UNCHAINED),
        migrations.AlterField(
            model_name="case",
            name="form",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="definitions.form",
                verbose_name="Formular",
            ),
        ),
        migrations.AddConstraint(
            model_name="caseevent",
            constraint=models.CheckConstraint(
                condition=models.Q(("hash__isnull", False), ("position__isnull", False)), name="case_event_is_chained"
            ),
        ),
    ]
