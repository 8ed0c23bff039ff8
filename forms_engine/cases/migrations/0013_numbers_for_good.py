"""A file number stays with its case for good, and no serial is given out twice, whatever SQL says."""

from django.db import migrations

FOR_GOOD = """
create function case_number_for_good() returns trigger language plpgsql as $$
begin
  raise exception 'a case keeps its file number (%)', tg_op using errcode = 'restrict_violation';
end $$;
create trigger case_number_for_good before update of number on cases_case
  for each row when (new.number is distinct from old.number) execute function case_number_for_good();
create trigger case_stays before delete on cases_case
  for each row execute function case_number_for_good();

create function file_number_counts_up() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and (new.id, new.office, new.year) = (old.id, old.office, old.year) and new.last >= old.last then
    return new;
  end if;
  raise exception 'file numbers only count up (%)', tg_op using errcode = 'restrict_violation';
end $$;
create trigger file_number_counts_up before update or delete on cases_filenumber
  for each row execute function file_number_counts_up();
"""
AS_BEFORE = """
drop trigger file_number_counts_up on cases_filenumber; drop function file_number_counts_up();
drop trigger case_stays on cases_case; drop trigger case_number_for_good on cases_case;
drop function case_number_for_good();
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0012_closed_index")]
    operations = [migrations.RunSQL(FOR_GOOD, AS_BEFORE)]
