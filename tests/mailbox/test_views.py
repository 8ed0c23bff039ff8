"""The postbox in the browser: own messages only, everything shown as text, one-time actions once."""

import html
import re
from urllib.parse import quote

import pytest
from django.urls import reverse

from mailbox import actions, queries
from mailbox.models import Event, Message
from portal.documents import store
from portal.outbox.models import OutboxMessage

pytestmark = pytest.mark.django_db


@pytest.fixture
def at(client, alice):
    client.force_login(alice)
    return client


def url(name, message=None, **more):
    return reverse(f"mailbox:{name}", kwargs={"public_id": message.public_id} | more if message else None)


def text(response):
    return html.unescape(response.content.decode())


def once(response):
    return re.search(r'name="once" value="([^"]+)"', response.content.decode()).group(1)


def test_the_inbox_says_unread_in_words(at, letter):
    page = text(at.get(url("inbox")))
    assert "Sie haben 1 ungelesene Nachricht." in page
    assert "Ungelesen" in page
    at.get(url("message", letter))
    page = text(at.get(url("inbox")))
    assert "Sie haben alle Nachrichten gelesen." in page
    assert "Ungelesen" not in page


def test_the_inbox_shows_sender_date_subject_case_and_attachments(at, post, pdf):
    post(
        subject="Ihr Parkausweis",
        link_path="/konto/vorgang/1/",
        link_text="KVR-2026-000042-7",
        attachments=[(pdf, "a.pdf")],
    )
    page = text(at.get(url("inbox")))
    for part in ("Ihr Parkausweis", "Kreisverwaltungsreferat", "KVR-2026-000042-7", "/konto/vorgang/1/", "1 Anlage"):
        assert part in page
    assert re.search(r"\d+\. \w+ 20\d\d, \d\d:\d\d Uhr", page)


def test_an_empty_inbox_says_so(at):
    assert "In Ihrem Posteingang liegt nichts." in text(at.get(url("inbox")))


def test_long_inboxes_have_pages(at, post):
    for number in range(queries.PAGE + 1):
        post(subject=f"Nachricht Nummer {number:02d}", thread=f"case:{number}")
    first = text(at.get(url("inbox")))
    older = re.search(r'href="([^"]*ab=[^"]*)"', first).group(1)
    second = text(at.get(older))
    assert "Nachricht Nummer 00" not in first
    assert "Nachricht Nummer 00" in second
    assert "Zum Anfang der Liste" in second


def test_opening_a_message_shows_it_and_marks_it_once(at, letter):
    for _ in range(2):
        assert "wir haben entschieden" in text(at.get(url("message", letter)))
    assert letter.events.filter(kind=Event.READ).count() == 1


def test_a_look_without_reading_marks_nothing(at, letter):
    at.head(url("message", letter))
    assert at.get(url("message", letter), headers={"Sec-Purpose": "prefetch;prerender"}).status_code == 503
    letter.refresh_from_db()
    assert letter.first_read_at is None


def test_a_list_never_shows_the_text_of_an_unread_message(at, post, letter):
    post(body="Der Inhalt der zweiten Nachricht.")
    for page in (url("inbox"), url("message", letter)):
        assert "Der Inhalt der zweiten" not in text(at.get(page))


@pytest.mark.parametrize("name", ["message", "replied", "reply", "archive", "unarchive", "attachment"])
def test_strangers_see_nothing_and_change_nothing(client, bob, post, alice, pdf, name):
    message = post(attachments=[(pdf, "a.pdf")])
    client.force_login(bob)
    target = url(name, message, **({"position": 1} if name == "attachment" else {}))
    send = client.post if name in ("reply", "archive", "unarchive") else client.get
    assert send(target, {"body": "Hallo"}).status_code == 404
    message.refresh_from_db()
    assert (message.first_read_at, message.archived_at, Message.objects.count()) == (None, None, 1)
    assert list(message.events.values_list("kind", flat=True)) == [Event.CREATED]


def test_clerks_have_no_way_in_through_the_postbox(client, clara, letter):
    client.force_login(clara)
    assert client.get(url("message", letter)).status_code == 404


@pytest.mark.parametrize("name", ["inbox", "message", "replied", "reply", "archive", "unarchive"])
def test_without_signing_in_there_is_only_the_sign_in(client, letter, name):
    send = client.post if name in ("reply", "archive", "unarchive") else client.get
    response = send(url(name, letter if name != "inbox" else None))
    assert (response.status_code, response.url.split("?")[0]) == (302, reverse("account_login"))


@pytest.mark.parametrize("name", ["reply", "archive", "unarchive"])
def test_changes_need_a_post_with_its_token(alice, letter, name, settings):
    from django.test import Client

    settings.CSRF_FAILURE_VIEW = "django.views.csrf.csrf_failure"
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    assert client.get(url(name, letter)).status_code == 405
    assert client.post(url(name, letter), {"body": "Hallo"}).status_code == 403
    assert Message.objects.filter(direction="citizen").count() == 0


def test_pages_are_not_kept_by_browsers_or_proxies(at, letter):
    for page in (url("inbox"), url("message", letter)):
        assert "no-store" in at.get(page)["Cache-Control"]


def test_a_download_is_the_file_with_its_name(at, post, pdf):
    message = post(attachments=[(pdf, "Bescheid für Müller „neu“.pdf")])
    response = at.get(url("attachment", message, position=1))
    assert b"".join(response.streaming_content) == store.read(pdf)
    disposition = response["Content-Disposition"]
    assert disposition == f"attachment; filename*=utf-8''{quote('Bescheid für Müller „neu“.pdf')}"
    assert (response["X-Content-Type-Options"], response["Content-Type"]) == ("nosniff", "application/pdf")
    assert response["Content-Length"] == str(pdf.size)
    assert list(message.events.filter(kind=Event.DOWNLOADED).values_list("detail", flat=True)) == ["1"]


def test_a_file_name_cannot_write_headers(at, post, pdf):
    message = post(attachments=[(pdf, 'a"\r\nSet-Cookie: x=1\r\n\r\n<script>.pdf')])
    response = at.get(url("attachment", message, position=1))
    assert response["Content-Disposition"] == 'attachment; filename="a_ Set-Cookie_ x=1 _script_.pdf"'
    assert "Set-Cookie" not in response.headers


def test_big_files_come_in_pieces(at, post):
    message = post(attachments=[(store.put(b"x" * 200_000, media_type="text/plain"), "a.txt")])
    pieces = list(at.get(url("attachment", message, position=1)).streaming_content)
    assert max(map(len, pieces)) <= store.CHUNK
    assert sum(map(len, pieces)) == 200_000


@pytest.mark.parametrize("position", [0, 2])
def test_attachments_that_do_not_exist_are_not_found(at, post, pdf, position):
    message = post(attachments=[(pdf, "a.pdf")])
    assert at.get(url("attachment", message, position=position)).status_code == 404


@pytest.mark.parametrize("damage", ["gone", "changed"])
def test_a_damaged_file_is_no_download_and_no_crash(at, post, pdf, settings, damage):
    message = post(attachments=[(pdf, "a.pdf")])
    path = settings.FILE_STORE / pdf.path
    path.write_bytes(path.read_bytes()[:-1]) if damage == "changed" else path.unlink()
    response = at.get(url("attachment", message, position=1))
    assert response.status_code == 503
    assert "Die Datei lässt sich nicht öffnen" in text(response)
    assert not message.events.filter(kind=Event.DOWNLOADED).exists()


def test_a_destroyed_file_is_not_found(at, post, pdf):
    message = post(attachments=[(pdf, "a.pdf")])
    store.destroy(pdf)
    assert at.get(url("attachment", message, position=1)).status_code == 404
    assert not message.events.filter(kind=Event.DOWNLOADED).exists()


def test_replying_ends_on_a_page_that_repeats_nothing(at, letter):
    form = at.get(url("message", letter))
    sent = at.post(url("reply", letter), {"body": "Ja, gern.", "once": once(form)}, follow=True)
    assert sent.redirect_chain[0][1] == 302
    assert "Ihre Antwort ist angekommen" in text(sent)
    assert "Ja, gern." in text(sent)
    at.get(sent.redirect_chain[0][0])
    assert OutboxMessage.objects.filter(topic="mailbox.replied").count() == 1


def test_a_second_click_leads_to_the_same_reply(at, letter):
    data = {"body": "Ja, gern.", "once": once(at.get(url("message", letter)))}
    targets = {at.post(url("reply", letter), data).url for _ in range(2)}
    assert len(targets) == 1
    assert Message.objects.filter(direction="citizen").count() == 1


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("  \r\n ", "Geben Sie Ihre Antwort ein."),
        ("x" * 5003, "Die Antwort darf höchstens 5.000 Zeichen haben. Kürzen Sie sie um 3 Zeichen."),
    ],
)
def test_f31_errors_stand_above_and_at_the_field_and_keep_the_text(at, letter, body, sentence):
    response = at.post(url("reply", letter), {"body": body, "once": once(at.get(url("message", letter)))})
    page = text(response)
    assert "<title>Fehler: " in page
    assert page.count(sentence) == 2
    assert 'href="#id_body"' in page
    assert body.strip() in page
    assert Message.objects.filter(direction="citizen").count() == 0


def test_a_line_break_counts_as_one_character(at, letter):
    body = "\r\n".join(["x" * 9] * 500)  # 4,999 characters as people count, 5,498 as sent
    assert at.post(url("reply", letter), {"body": body}).status_code == 302


def test_html_and_header_lines_in_a_reply_are_only_text(at, letter):
    evil = "<script>alert(1)</script>\r\nBcc: bob@stadt.invalid\r\n\r\n{{ 7|add:7 }} \u202eexe.fdp"
    sent = at.post(url("reply", letter), {"body": evil}, follow=True)
    raw = sent.content.decode()
    assert "<script>alert" not in raw
    assert "&lt;script&gt;alert(1)&lt;/script&gt;\nBcc: bob@stadt.invalid\n\n{{ 7|add:7 }} exe.fdp" in raw
    assert queries.thread_messages("case:1")[-1].subject.startswith("Antwort: ")


def test_html_in_a_message_is_only_text(at, post):
    message = post(
        subject="<b>fett</b>\r\nBcc: x", body="<img src=x onerror=alert(1)>", link_text="<i>Vorgang", link_path="/x/"
    )
    for page in (url("inbox"), url("message", message)):
        raw = at.get(page).content.decode()
        assert "<b>fett" not in raw
        assert "<img src=x" not in raw
        assert "<i>Vorgang" not in raw
        assert "&lt;b&gt;fett&lt;/b&gt; Bcc: x" in raw


def test_where_no_reply_is_allowed_there_is_no_form(at, post):
    message = post(reply_allowed=False)
    page = text(at.get(url("message", message)))
    assert "<textarea" not in page
    assert "Auf diese Nachricht können Sie nicht antworten." in page
    response = at.post(url("reply", message), {"body": "Doch"}, follow=True)
    assert "Auf diese Nachricht können Sie nicht antworten." in text(response)
    assert Message.objects.count() == 1


def test_filing_away_and_taking_back(at, letter):
    page = text(at.post(url("archive", letter), follow=True))
    assert "Die Nachricht liegt jetzt in der Ablage." in page
    assert "In Ihrem Posteingang liegt nichts." in page
    assert "Ihr Bescheid" in text(at.get(url("inbox") + "?ablage=1"))
    assert "liegt wieder im Posteingang" in text(at.post(url("unarchive", letter), follow=True))


def test_the_history_links_to_the_other_messages_of_the_case(at, post, letter, alice):
    answer = actions.reply(letter, body="Ja.", by=alice)
    other = post(thread="case:2", subject="Etwas anderes")
    page = text(at.get(url("message", letter)))
    assert url("message", answer) in page
    assert url("message", other) not in page


def test_the_page_of_a_received_message_is_not_a_confirmation(at, letter):
    assert at.get(url("replied", letter)).status_code == 404
    letter.refresh_from_db()
    assert letter.first_read_at is None


def test_ones_own_reply_can_be_read_again_and_is_not_marked_for_the_city(at, letter, alice):
    answer = actions.reply(letter, body="Ja, gern.", by=alice)
    assert "Ja, gern." in text(at.get(url("message", answer)))
    answer.refresh_from_db()
    assert answer.first_read_at is None
