from django.db import migrations

FORWARD = """
-- What a receivable or a payment is about never changes; captured money never shrinks.
create function payments_receivable_frozen() returns trigger language plpgsql as $$
begin
  if (new.public_id, new.kassenzeichen, new.amount_cents, new.created_at)
     is distinct from (old.public_id, old.kassenzeichen, old.amount_cents, old.created_at) then
    raise exception 'facts of receivable % are frozen', old.kassenzeichen using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger payments_receivable_frozen before update on payments_receivable
  for each row execute function payments_receivable_frozen();

create function payments_payment_frozen() returns trigger language plpgsql as $$
begin
  if (new.public_id, new.receivable_id, new.provider, new.amount_cents, new.idempotency_key, new.created_at)
     is distinct from
     (old.public_id, old.receivable_id, old.provider, old.amount_cents, old.idempotency_key, old.created_at)
     or (old.provider_ref is not null and new.provider_ref is distinct from old.provider_ref)
     or (old.booked_as <> '' and new.booked_as <> old.booked_as) then
    raise exception 'facts of payment % are frozen', old.public_id using errcode = 'restrict_violation';
  end if;
  if new.captured_cents < old.captured_cents then
    raise exception 'captured money of payment % cannot shrink', old.public_id using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger payments_payment_frozen before update on payments_payment
  for each row execute function payments_payment_frozen();

-- The items add up to the amount when the transaction ends.
create function payments_items_add_up() returns trigger language plpgsql as $$
declare
  rid bigint;
  owed bigint;
  listed bigint;
begin
  if tg_table_name = 'payments_receivable' then
    rid := new.id;
  elsif tg_op = 'DELETE' then
    rid := old.receivable_id;
  else
    rid := new.receivable_id;
  end if;
  select amount_cents into owed from payments_receivable where id = rid;
  select coalesce(sum(amount_cents), 0) into listed from payments_receivableitem where receivable_id = rid;
  if owed is not null and owed <> listed then
    raise exception 'items of receivable % add up to %, not %', rid, listed, owed using errcode = 'check_violation';
  end if;
  return null;
end $$;
create constraint trigger payments_items_add_up after insert on payments_receivable
  deferrable initially deferred for each row execute function payments_items_add_up();
create constraint trigger payments_items_add_up after insert or update or delete on payments_receivableitem
  deferrable initially deferred for each row execute function payments_items_add_up();

-- The ledger: append-only, and each posting complete and balanced when the transaction ends.
create function payments_ledger_append_only() returns trigger language plpgsql as $$
begin
  raise exception 'the ledger is append-only (% on %)', tg_op, tg_table_name using errcode = 'restrict_violation';
end $$;
create trigger payments_posting_append_only before update or delete on payments_posting
  for each row execute function payments_ledger_append_only();
create trigger payments_posting_no_truncate before truncate on payments_posting
  for each statement execute function payments_ledger_append_only();
create trigger payments_line_append_only before update or delete on payments_postingline
  for each row execute function payments_ledger_append_only();
create trigger payments_line_no_truncate before truncate on payments_postingline
  for each statement execute function payments_ledger_append_only();

create function payments_posting_balanced() returns trigger language plpgsql as $$
declare
  pid bigint;
  expected int;
  present int;
  total bigint;
begin
  if tg_table_name = 'payments_posting' then
    pid := new.id;
  else
    pid := new.posting_id;
  end if;
  select line_count into expected from payments_posting where id = pid;
  select count(*), coalesce(sum(cents), 0) into present, total from payments_postingline where posting_id = pid;
  if present is distinct from expected or total <> 0 then
    raise exception 'posting % has % of % lines and a sum of %', pid, present, expected, total
      using errcode = 'check_violation';
  end if;
  return null;
end $$;
create constraint trigger payments_posting_balanced after insert on payments_posting
  deferrable initially deferred for each row execute function payments_posting_balanced();
create constraint trigger payments_line_balanced after insert on payments_postingline
  deferrable initially deferred for each row execute function payments_posting_balanced();
"""
BACKWARD = """
drop trigger payments_line_balanced on payments_postingline;
drop trigger payments_posting_balanced on payments_posting;
drop function payments_posting_balanced();
drop trigger payments_line_no_truncate on payments_postingline;
drop trigger payments_line_append_only on payments_postingline;
drop trigger payments_posting_no_truncate on payments_posting;
drop trigger payments_posting_append_only on payments_posting;
drop function payments_ledger_append_only();
drop trigger payments_items_add_up on payments_receivableitem;
drop trigger payments_items_add_up on payments_receivable;
drop function payments_items_add_up();
drop trigger payments_payment_frozen on payments_payment;
drop function payments_payment_frozen();
drop trigger payments_receivable_frozen on payments_receivable;
drop function payments_receivable_frozen();
"""


class Migration(migrations.Migration):
    dependencies = [("payments", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
