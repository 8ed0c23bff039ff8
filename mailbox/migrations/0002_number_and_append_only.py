from django.db import migrations

FORWARD = """
create sequence mailbox_number as integer maxvalue 999999999;

create function mailbox_event_append_only() returns trigger language plpgsql as $$
begin
  raise exception 'message events are append-only (%)', tg_op using errcode = 'restrict_violation';
end $$;
create trigger mailbox_event_append_only before update or delete on mailbox_messageevent
  for each row execute function mailbox_event_append_only();
create trigger mailbox_event_no_truncate before truncate on mailbox_messageevent
  for each statement execute function mailbox_event_append_only();

-- A posted message stays as it was sent; it is read for the first time once. Only filing it away may change.
create function mailbox_message_fixed() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE'
     and to_jsonb(new) - '{first_read_at,archived_at}'::text[] = to_jsonb(old) - '{first_read_at,archived_at}'::text[]
     and (old.first_read_at is null or new.first_read_at is not distinct from old.first_read_at) then
    return new;
  end if;
  raise exception 'a posted message does not change (%)', tg_op using errcode = 'restrict_violation';
end $$;
create trigger mailbox_message_fixed before update or delete on mailbox_message
  for each row execute function mailbox_message_fixed();

create function mailbox_attachment_fixed() returns trigger language plpgsql as $$
begin
  raise exception 'an attachment of a posted message does not change (%)', tg_op using errcode = 'restrict_violation';
end $$;
create trigger mailbox_attachment_fixed before update or delete on mailbox_attachment
  for each row execute function mailbox_attachment_fixed();
"""
BACKWARD = """
drop trigger mailbox_attachment_fixed on mailbox_attachment;
drop function mailbox_attachment_fixed();
drop trigger mailbox_message_fixed on mailbox_message;
drop function mailbox_message_fixed();
drop trigger mailbox_event_no_truncate on mailbox_messageevent;
drop trigger mailbox_event_append_only on mailbox_messageevent;
drop function mailbox_event_append_only();
drop sequence mailbox_number;
"""


class Migration(migrations.Migration):
    dependencies = [("mailbox", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
