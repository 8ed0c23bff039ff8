"""Fifty planted sentences: in subjects, texts, names, files, folders, answers, reasons. A raw dump shows none."""

from pathlib import Path

import pytest
from django.db import connection, transaction

from mailbox import actions, exporting, keeping, looks, searching
from mailbox.models import Export
from portal.accounts.levels import TrustLevel
from portal.accounts.models import Preferences
from portal.documents import store

pytestmark = pytest.mark.django_db(transaction=True)
BIRDS = ("Amsel", "Bussard", "Dohle", "Elster", "Fink", "Gimpel", "Habicht", "Ibis", "Kiebitz", "Lerche")
SENTENCES = [f"{bird} Nummer {n} fliegt über das Dach von Frau Quittengelb." for n in range(5) for bird in BIRDS]


@pytest.fixture
def planted(post, alice, otto, clara, _files):
    """Each sentence lies somewhere a person wrote or a clerk did."""
    rest = iter(SENTENCES)
    Preferences.objects.create(user=alice, mail_message="daily")
    for number in range(6):
        file = store.put(next(rest).encode() + b" " * 70_000, media_type="text/plain", foreign=number % 2 == 1)
        message = post(
            subject=next(rest),
            body=next(rest),
            about=next(rest),
            thread=f"case:{number}",
            attachments=[(file, f"{next(rest)[:-1]}.txt")],
        )
        if number == 5:
            keeping.withdraw(message, by=clara)
            break
        actions.mark_read(message, by=alice)
        sent = store.put(next(rest).encode(), media_type="text/plain", foreign=True)
        actions.reply(message, body=next(rest), by=alice, attachments=[(sent, "a.txt")])
        keeping.add_folder(alice, next(rest))
    looks.ask(message, reason=" ".join(rest), by=otto)
    with transaction.atomic():
        order = exporting.ask(message.mailbox, exporting.contents(alice, None), by=alice)
    assert exporting.pack(order.pk)
    assert Export.objects.get().stored
    return SENTENCES


def dump():
    """Every row of every table of the database, as PostgreSQL writes it."""
    with connection.cursor() as cursor:
        cursor.execute("select tablename from pg_tables where schemaname = 'public'")
        for (table,) in cursor.fetchall():
            with cursor.copy(f'copy "{table}" to stdout') as rows:
                yield table, b"".join(bytes(piece) for piece in rows)


@pytest.mark.slow
def test_a_raw_dump_and_the_folder_of_files_show_none_of_fifty_planted_sentences(planted, settings):
    found = dict(dump())
    assert found["mailbox_message"] and found["mailbox_export"] and found["mailbox_folder"]
    stored = [file.read_bytes() for file in Path(settings.FILE_STORE).rglob("*") if file.is_file()]
    assert len(stored) > 10
    assert len(planted) == len(set(planted)) == 50
    for sentence in planted:
        raw, escaped = sentence.encode(), sentence.encode().hex().encode()
        assert not [table for table, data in found.items() if raw in data or escaped in data]
        assert not any(raw in data for data in stored)


@pytest.mark.slow
def test_the_search_would_have_found_them(planted, alice):
    """Otherwise the test above would prove nothing: what is sealed can be opened with the key."""

    assert searching.search(alice, None, "Quittengelb Amsel", level=TrustLevel.HIGH).headings
