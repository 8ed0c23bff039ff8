"""Keeps what people looked for in vain, for the editors: the masked words and how often, nothing else."""

from django.db import connection

from portal.common import clock
from portal.directory.masking import mask

MOST_ROWS = 5000  # a flood of nonsense must not fill the table; what is known is counted on


def note(text: str) -> None:
    """Count this search. Texts in which nothing but a person's data remains are dropped."""
    masked = mask(text)
    if not masked:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """
            insert into directory_emptysearch (text, count, first_on, last_on)
            select %(text)s, 1, %(today)s, %(today)s
            where (select count(*) from directory_emptysearch) < %(most)s
                or exists (select from directory_emptysearch where text = %(text)s)
            on conflict (text) do update set count = directory_emptysearch.count + 1, last_on = excluded.last_on
            """,
            {"text": masked, "today": clock.today(), "most": MOST_ROWS},
        )
