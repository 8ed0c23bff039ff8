"""The postbox as a place: threads, unread again, folders, search, many at once, only one's own."""

import html

import pytest
from django.urls import reverse

from mailbox import actions, keeping, queries, searching
from mailbox.models import Folder, Message
from portal.accounts.levels import TrustLevel

pytestmark = pytest.mark.django_db


@pytest.fixture
def at(client, alice):
    client.force_login(alice)
    return client


def text(response):
    return html.unescape(response.content.decode())


def inbox(at, **query):
    return text(at.get(reverse("mailbox:inbox"), query))


def several(at, what, *rows, **more):
    chosen = [str(row.public_id) for row in rows]
    return at.post(reverse("mailbox:several"), {"tun": what, "nachricht": chosen} | more, follow=True)


def test_a_thread_stands_once_with_its_case_and_how_many_there_are(at, post):
    for number in range(3):
        post(subject=f"Nummer {number}", about="Parkausweis, KVR-2026-000042-7")
    post(subject="Etwas anderes", thread="case:2")
    page = inbox(at)
    assert "Nummer 2" in page and "Nummer 1" not in page and "Nummer 0" not in page
    assert "Parkausweis, KVR-2026-000042-7" in page
    assert "3 Nachrichten dazu" in page
    assert "Etwas anderes" in page


def test_an_unread_message_of_a_thread_stands_before_newer_read_ones(at, post, alice):
    post(subject="Noch ungelesen")
    actions.mark_read(post(subject="Schon gelesen"), by=alice)
    page = inbox(at)
    assert "Noch ungelesen" in page and "Schon gelesen" not in page


def test_pages_of_threads_have_neither_gaps_nor_doubles(post, alice):
    made = [post(subject=f"{n:02d}", thread=f"case:{n % 7}") for n in range(20)]
    for message in made[::3]:
        actions.mark_read(message, by=alice)
    found, after = [], ""
    while True:
        page = queries.inbox(alice, threads=True, after=after, size=2)
        found += [heading.in_thread for heading in page.headings]
        after = page.older
        if not after:
            break
    assert len(found) == 7 and sum(found) == 20


def test_unread_again_is_only_for_the_eye(at, letter, alice):
    at.get(reverse("mailbox:message", args=[letter.public_id]))
    letter.refresh_from_db()
    first = letter.first_read_at
    several(at, "ungelesen", letter)
    assert "Sie haben 1 ungelesene Nachricht." in inbox(at)
    at.get(reverse("mailbox:message", args=[letter.public_id]))
    letter.refresh_from_db()
    assert (letter.first_read_at, letter.shown_unread) == (first, False)
    assert letter.events.filter(kind="read").count() == 1


def test_what_was_never_opened_cannot_be_marked_unread(at, letter):
    several(at, "ungelesen", letter)
    letter.refresh_from_db()
    assert not letter.marked_unread


def test_a_folder_takes_a_whole_thread_and_its_name_is_sealed(at, post, alice):
    first, _second = post(subject="Eins"), post(subject="Zwei")
    at.post(reverse("mailbox:folders"), {"name": "Wohnung <b>Ä</b>\r\nX: 1"})
    folder = Folder.objects.get()
    assert b"Wohnung" not in bytes(folder.sealed_name)
    several(at, "verschieben", first, ordner=str(folder.public_id))
    assert "Eins" not in inbox(at)
    page = text(at.get(reverse("mailbox:folder", args=[folder.public_id])))
    assert "Wohnung <b>Ä</b> X: 1" in page and "Zwei" in page
    at.post(reverse("mailbox:remove_folder", args=[folder.public_id]))
    assert "Zwei" in inbox(at)
    assert not Folder.objects.exists()


def test_folders_of_others_do_not_exist(at, bob, letter):
    folder = keeping.add_folder(bob, "Bobs")
    for name in ("folder", "remove_folder"):
        address = reverse(f"mailbox:{name}", args=[folder.public_id])
        assert at.post(address).status_code in (404, 405)
        assert at.get(address).status_code in (404, 405)
    assert several(at, "verschieben", letter, ordner=str(folder.public_id)).status_code == 404
    assert Folder.objects.exists()


def test_messages_of_others_are_not_moved(client, bob, letter):
    client.force_login(bob)
    several(client, "ablegen", letter)
    letter.refresh_from_db()
    assert letter.archived_at is None


@pytest.mark.parametrize("bad", [{"nachricht": "x"}, {"tun": "loeschen"}, {"ordner": "'"}])
def test_forged_values_are_not_found(at, letter, bad):
    values = {"tun": "verschieben", "nachricht": str(letter.public_id)} | bad
    assert at.post(reverse("mailbox:several"), values).status_code == 404


def test_a_folder_needs_a_name_and_there_is_an_end_to_them(alice, monkeypatch):
    with pytest.raises(keeping.FolderRefused):
        keeping.add_folder(alice, " \r\n ")
    monkeypatch.setattr(keeping, "MOST_FOLDERS", 1)
    keeping.add_folder(alice, "Einer")
    with pytest.raises(keeping.FolderRefused):
        keeping.add_folder(alice, "Zwei")


# --- search -----------------------------------------------------------------------------------------------------------


def found(user, words, level=TrustLevel.HIGH, after=""):
    page = searching.search(user, None, words, level=level, after=after)
    return [heading.subject for heading in page.headings], page.older


def test_words_are_found_in_subject_text_and_file_names_of_opened_messages(post, alice, pdf):
    message = post(subject="Bescheid", body="Ihr Müllentsorgungsvertrag", attachments=[(pdf, "Gebührentafel.pdf")])
    actions.mark_read(message, by=alice)
    for words in ("bescheid", "MÜLL vertrag", "gebührentafel", "bescheid müll"):
        assert found(alice, words)[0] == ["Bescheid"]
    assert found(alice, "bescheid gibtesnicht")[0] == []
    assert found(alice, " ")[0] == []


def test_the_text_of_an_unopened_message_tells_nothing(post, alice):
    post(subject="Bescheid", body="Geheimnis")
    assert found(alice, "geheimnis")[0] == []
    assert found(alice, "bescheid")[0] == ["Bescheid"]


def test_the_text_of_a_message_of_a_higher_level_tells_nothing_to_a_weaker_sign_in(post, alice):
    message = post(subject="Bescheid", body="Geheimnis", level=TrustLevel.HIGH)
    actions.mark_read(message, by=alice)
    assert found(alice, "geheimnis", TrustLevel.BASIC)[0] == []
    assert found(alice, "geheimnis", TrustLevel.HIGH)[0] == ["Bescheid"]


def test_only_the_own_mailbox_is_searched_page_by_page(post, alice, bob, monkeypatch):
    monkeypatch.setattr(queries, "PAGE", 2)
    for number in range(5):
        post(subject=f"Zitrone {number}")
    post(subject="Zitrone von Bob", recipient=bob)
    every, after = [], ""
    while True:
        some, after = found(alice, "zitrone", after=after)
        every += some
        if not after:
            break
    assert every == [f"Zitrone {n}" for n in (4, 3, 2, 1, 0)]


def test_one_page_looks_through_no_more_than_its_bound(post, alice, monkeypatch):
    monkeypatch.setattr(searching, "PIECE", 2)
    monkeypatch.setattr(searching, "MOST", 4)
    for number in range(6):
        post(subject="Ziel" if number == 0 else "anderes")
    hits, after = found(alice, "ziel")
    assert hits == [] and after
    assert found(alice, "ziel", after=after)[0] == ["Ziel"]


def test_searched_words_stand_in_no_address_and_no_session_in_the_clear(at, letter):
    response = at.post(reverse("mailbox:search"), {"suche": "Kanarienvogel"})
    assert response.url == reverse("mailbox:search")
    assert "Kanarienvogel" not in str(dict(at.session))
    assert "Ihr Bescheid" in text(at.get(response.url))


# --- taken back -------------------------------------------------------------------------------------------------------


def test_a_withdrawn_message_is_seen_as_such_and_its_content_is_gone(at, post, clara, pdf):
    letter = post(attachments=[(pdf, "a.pdf")])
    assert keeping.withdraw(letter, by=clara)
    page = inbox(at)
    assert "Zurückgezogen" in page and "Bescheid" not in page
    page = text(at.get(reverse("mailbox:message", args=[letter.public_id])))
    assert "zurückgezogen" in page and "entschieden" not in page
    assert at.get(reverse("mailbox:attachment", args=[letter.public_id, 1])).status_code == 404
    letter.refresh_from_db()
    assert letter.first_read_at is None
    assert letter.notices.get().state == "dropped"


def test_read_messages_and_decisions_stay(letter, post, alice, clara):
    actions.mark_read(letter, by=alice)
    assert not keeping.withdraw(letter, by=clara)
    assert not keeping.withdraw(post(kind="decision"), by=clara)
    assert not Message.objects.filter(withdrawn_at__isnull=False).exists()


def test_a_withdrawn_message_takes_no_reply_and_is_withdrawn_once(letter, alice, clara):
    assert keeping.withdraw(letter, by=clara)
    assert not keeping.withdraw(letter, by=clara)
    letter.refresh_from_db()
    with pytest.raises(actions.ReplyRefused):
        actions.reply(letter, body="x", by=alice)


def test_what_the_person_wrote_lies_under_sent_the_newest_first(at, post, alice, bob):
    assert "Sie haben uns noch nichts geschrieben." in text(at.get(reverse("mailbox:sent")))
    for number in range(2):
        actions.reply(post(subject=f"Frage {number}"), body="Ja.", by=alice)
    actions.reply(post(recipient=bob, subject="Fremde Frage"), body="Nein.", by=bob)
    page = text(at.get(reverse("mailbox:sent")))
    assert page.index("Antwort: Frage 1") < page.index("Antwort: Frage 0")
    assert ">Frage 0<" not in page and "Fremde Frage" not in page
    assert 'aria-current="page">Gesendet' in page


def test_pages_of_what_was_sent_have_neither_gaps_nor_doubles(at, post, alice):
    written = [actions.reply(post(), body="Ja.", by=alice).public_id for _ in range(queries.PAGE + 3)]
    first = queries.sent(alice)
    rest = queries.sent(alice, after=first.older)
    assert [heading.public_id for heading in (*first.headings, *rest.headings)] == written[::-1] and not rest.older
    page = text(at.get(reverse("mailbox:sent"), {"ab": first.older}))
    assert "Zum Anfang der Liste" in page and page.count("Antwort: ") == 3
    assert at.get(reverse("mailbox:sent"), {"ab": "Unsinn"}).status_code == 200
