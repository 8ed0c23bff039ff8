from django.db import migrations

FORWARD = """
create function case_event_append_only() returns trigger language plpgsql as $$
begin
  raise exception 'case events are append-only (%)', tg_op using errcode = 'restrict_violation';
end $$;
create trigger case_event_append_only before update or delete on cases_caseevent
  for each row execute function case_event_append_only();
create trigger case_event_no_truncate before truncate on cases_caseevent
  for each statement execute function case_event_append_only();

-- A signed decision is what was decided; only the moment it was issued is noted, once.
create function decision_signed_is_final() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and old.issued_at is null
     and (new.id, new.public_id, new.case_id, new.revision, new.kind, new.reasons, new.author_id, new.approver_id,
          new.signed_at, new.valid_from, new.valid_until, new.area)
       is not distinct from
         (old.id, old.public_id, old.case_id, old.revision, old.kind, old.reasons, old.author_id, old.approver_id,
          old.signed_at, old.valid_from, old.valid_until, old.area) then
    return new;
  end if;
  raise exception 'a signed decision is final (%)', tg_op using errcode = 'restrict_violation';
end $$;
create trigger decision_signed_is_final before update or delete on cases_decision
  for each row execute function decision_signed_is_final();

-- What a paper says is frozen when it is ordered, and an issued paper stays as it is.
create function paper_is_frozen() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and old.state <> 'issued'
     and (new.case_id, new.kind, new.decision_id, new.payload_sealed, new.payload_sha256, new.code, new.ordered_at)
       is not distinct from
         (old.case_id, old.kind, old.decision_id, old.payload_sealed, old.payload_sha256, old.code, old.ordered_at) then
    return new;
  end if;
  raise exception 'a paper is frozen (%)', tg_op using errcode = 'restrict_violation';
end $$;
create trigger paper_is_frozen before update or delete on cases_paper
  for each row execute function paper_is_frozen();
"""
BACKWARD = """
drop trigger paper_is_frozen on cases_paper; drop function paper_is_frozen();
drop trigger decision_signed_is_final on cases_decision; drop function decision_signed_is_final();
drop trigger case_event_no_truncate on cases_caseevent;
drop trigger case_event_append_only on cases_caseevent; drop function case_event_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
