"""Whatever a mail contains: values with limits or a sentence, never an exception of the parser."""

import contextlib
import email.message
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forms_engine.intake import letters
from tests.forms_engine.intake.conftest import mail


def nested(depth: int) -> bytes:
    message = email.message.EmailMessage()
    message.set_content("innen")
    for _ in range(depth):
        outer = email.message.EmailMessage()
        outer.make_mixed()
        outer.attach(message)
        message = outer
    return message.as_bytes()


def test_an_ordinary_mail_is_read_whole():
    read = letters.read(mail("Grüße", "Schönen Tag", [("Übersicht.pdf", "application/pdf", b"%PDF-1.4")]))
    assert (read.subject, read.text, read.address) == ("Grüße", "Schönen Tag", "erika@example.org")
    assert [(part.name, part.data) for part in read.attachments] == [("Übersicht.pdf", b"%PDF-1.4")]
    assert read.answerable


def test_html_is_words_only():
    text = letters.plain_text("<style>p{}</style><p>Guten&nbsp;Tag</p><script>böse()</script><img src=x><p>Ende")
    assert text == "Guten Tag\n\nEnde"


@pytest.mark.parametrize(
    "name, value",
    [
        ("Auto-Submitted", "auto-replied"),
        ("Precedence", "bulk"),
        ("List-Id", "<x.example.org>"),
        ("Return-Path", "<>"),
        ("X-Auto-Response-Suppress", "All"),
    ],
)
def test_machines_get_no_answer(name, value):
    assert not letters.read(mail(**{name.replace("-", "_"): value})).answerable


@pytest.mark.parametrize("sender", ["MAILER-DAEMON@x.de", "no-reply@x.de", "bounces+7@x.de"])
def test_senders_that_are_machines_get_no_answer(sender):
    assert not letters.read(mail(sender=sender)).answerable


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n\n",
        nested(letters.MAX_DEPTH + 2),
        b"A: b\n" * (letters.MAX_HEADERS + 2) + b"\n",
        b"Content-Type: multipart/mixed; boundary=x\n\n" + b"--x\n\n.\n" * 9000,
    ],
)
def test_bombs_are_refused_with_a_sentence(data):
    with pytest.raises(letters.Unreadable, match=r"\.$"):
        letters.read(data)


@pytest.mark.parametrize(
    "data",
    [
        b"Subject: =?utf-8?q?=ZZ?=\nFrom: <<>>,,;\nTo: @@@\nContent-Type: text/plain; charset=nonsense\n\n\xff\xfe",
        b"Content-Type: multipart/mixed\n\nkein Rand",
        b"Content-Type: application/pdf\nContent-Transfer-Encoding: base64\n\n!!!kein base64!!!",
        b"Content-Disposition: attachment; filename*=utf-8''%FF%FE\nContent-Type: image/png\n\nx",
        b"Content-Type: message/rfc822\n\nSubject: innen\n\nText",
    ],
)
def test_broken_mails_are_read_as_far_as_they_go(data):
    assert isinstance(letters.read(data), letters.Letter)


@settings(max_examples=200, deadline=None)
@given(
    st.binary(max_size=400), st.sampled_from([b"", b"From: a@b.de\n", b"Content-Type: multipart/mixed; boundary=a\n"])
)
def test_no_bytes_break_the_reader(rubbish, head):
    with contextlib.suppress(letters.Unreadable):
        letters.read(head + rubbish)


@pytest.mark.slow
def test_a_big_mail_costs_a_few_times_its_size():
    data = mail(attachments=[("x.bin", "application/octet-stream", b"x" * 5_000_000)])
    tracemalloc.start()
    letters.read(data)
    assert tracemalloc.get_traced_memory()[1] < 12 * len(data)
    tracemalloc.stop()
