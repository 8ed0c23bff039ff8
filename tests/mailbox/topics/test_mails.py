"""One mail: foreign programs take it, nothing in it counts, and nothing typed can end a header."""

import email
import email.policy
import re

import dkim
import listunsub
import mailparser
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.core import mail
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from mailbox.topics import mails, sending, writing
from mailbox.topics.models import Dispatch, Topic
from tests.mailbox.topics.conftest import sent

pytestmark = pytest.mark.django_db
LINKS = mails.Links("https://stadt.example/newsletter/abmelden/x/", "https://stadt.example/newsletter/auswahl/y/", "x")


@pytest.fixture
def signing(settings, tmp_path) -> bytes:
    """A key is configured; returns the DNS record of its public half."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    file = tmp_path / "dkim.pem"
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    settings.DKIM_KEY_FILE, settings.DKIM_DOMAIN, settings.DKIM_SELECTOR = file, "stadt.example", "portal"
    public = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    import base64

    return b"v=DKIM1; k=rsa; p=" + base64.b64encode(public)


def raw() -> bytes:
    sending.send_due()
    return mail.outbox[-1].message().as_bytes(linesep="\r\n")


def test_the_mail_says_everything_that_lists_have_to_say(letter, subscription, settings):
    assert letter["To"] == "jo@stadt.example"
    assert letter["Subject"] == "Rathausumschau: Neues aus dem Rathaus"
    assert letter["List-Id"].endswith("<rathausumschau.newsletter.stadt.invalid>")
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    web, _comma, written = letter["List-Unsubscribe"].partition(", ")
    assert web.startswith(f"<{settings.PUBLIC_URL}/newsletter/abmelden/") and written.startswith("<mailto:portal@")
    assert letter["List-Archive"] == f"<{settings.PUBLIC_URL}/newsletter/rathausumschau/>"
    assert letter["Auto-Submitted"] == "auto-generated" and letter["List-Help"] and letter["Precedence"] is None
    assert mails.returned(mail.outbox[-1].from_email) == Dispatch.objects.get().public_id.hex


def test_text_and_html_say_the_same(letter):
    text, html = (letter.get_body((kind,)).get_content() for kind in ("plain", "html"))
    assert letter.get_content_type() == "multipart/alternative"
    for said in ("Neues aus dem Rathaus", "Termine", "Bürger*innen", "https://stadt.example/stra", "Abmelden: http"):
        assert said in text
    assert '<html lang="de">' in html and "<h1>Neues aus dem Rathaus</h1>" in html and '<h2 id="teil-1">' in html
    assert re.findall(r"https?://\S+/newsletter/abmelden/[\w-]+/", text)[0] in html


def test_nobody_learns_who_opens_it(letter):
    html = letter.get_body(("html",)).get_content()
    assert not re.search(r"<img|src=|url\(|@import|<link|<script|<iframe|<object|background=", html, re.IGNORECASE)
    links = set(re.findall(r'href="(http[^"]+)"', html))
    personal = {link for link in links if "/abmelden/" in link or "/auswahl/" in link}
    assert len(personal) == 2 and not any("?" in link for link in links)


def test_two_readers_get_the_same_links_but_their_own_two(topic, edda, otto):
    from tests.mailbox.topics.conftest import appeared, subscribed

    subscribed(topic, "a@stadt.example")
    subscribed(topic, "b@stadt.example")
    appeared(topic, edda, otto)
    sending.send_due()
    one, two = (set(re.findall(r'href="([^"]+)"', m.get_body(("html",)).get_content())) for m in sent())
    assert len(one - two) == len(two - one) == 2


def test_foreign_parsers_accept_it(issue):
    source = raw()
    strict = email.message_from_bytes(source, policy=email.policy.strict)
    assert all(not part.defects for part in strict.walk())
    parsed = mailparser.parse_from_bytes(source)
    assert not parsed.defects and parsed.subject == "Rathausumschau: Neues aus dem Rathaus"
    assert "wieder frei" in parsed.text_plain[0] and "wieder frei" in parsed.text_html[0]
    assert max(len(line) for line in source.split(b"\r\n")) < 998 and source.isascii()


def test_a_foreign_program_finds_no_fault_with_the_unsubscription(signing, issue, settings):
    settings.PUBLIC_URL = "https://stadt.example"
    found = email.message_from_bytes(raw(), policy=email.policy.compat32)
    field, post, signature = (found[name] for name in ("List-Unsubscribe", "List-Unsubscribe-Post", "DKIM-Signature"))
    assert listunsub.audit(field, post, dkim_signatures=[signature]) == []
    web, written = listunsub.parse(field, strict=True)
    assert listunsub.one_click_request(web).url == web
    assert listunsub.parse_mailto(written, strict=True).subject.startswith("Abmelden ")


def test_the_signature_covers_the_two_fields_and_holds(signing, issue):
    source = raw()
    assert dkim.verify(source, dnsfunc=lambda name, timeout=5: signing)
    covered = re.search(rb"h=([^;]+);", source)[1].lower()
    assert covered.count(b"list-unsubscribe:") == 2 and covered.count(b"list-unsubscribe-post") == 2
    assert not dkim.verify(source.replace(b"wieder frei", b"immer frei"), dnsfunc=lambda name, timeout=5: signing)
    forged = source.replace(b"To: jo@", b"To: li@")
    assert not dkim.verify(forged, dnsfunc=lambda name, timeout=5: signing)


def test_without_a_key_nothing_is_signed(issue):
    assert b"DKIM-Signature" not in raw()


def test_the_message_id_belongs_to_the_row_and_tells_nothing(letter):
    row = Dispatch.objects.get()
    assert letter["Message-ID"] == mails.mail_id(row.public_id.hex)
    assert row.public_id.hex not in letter.as_string()


def test_a_return_path_cannot_be_made_up(settings):
    own = mails.return_path("ab" * 16)
    assert mails.returned(own) == mails.returned(own.upper()) == "ab" * 16
    for forged in (own.replace("ab.", "ab.0", 1), own.replace("abab", "cdab", 1), "newsletter@stadt.invalid", "", "@"):
        assert mails.returned(forged) is None


def sheet(title: str, body: str = "Text") -> mails.Sheet:
    topic = Topic(slug="bauen", title="Bauen")
    return mails.Sheet(topic, title, "Nr. 1/2026", writing.read(body, base="https://stadt.example"), "https://x/")


@pytest.mark.slow
@hypothesis(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=300), st.text(max_size=300))
def test_whatever_is_typed_adds_no_header_and_no_part(title, body):
    source = mails.compose(sheet(title, body), "jo@stadt.example", "<a@b>", LINKS)
    found = email.message_from_bytes(source, policy=email.policy.default)
    names = [name.lower() for name in found]
    assert len(names) == len(set(names)) == 14
    assert [part.get_content_type() for part in found.iter_parts()] == ["text/plain", "text/html"]
    assert "\n" not in str(found["Subject"]) and found["To"] == "jo@stadt.example" and source.isascii()


@pytest.mark.parametrize("bad", ["jo@stadt.example\r\nBcc: x@y.de", "jo\n@stadt.example", "j\0@stadt.example"])
def test_an_address_that_would_end_its_field_is_refused(bad):
    with pytest.raises(mails.BadHeader):
        mails.compose(sheet("x"), bad, "<a@b>", LINKS)


def test_long_titles_are_folded_and_read_back_whole():
    title = "Über " + "Änderungen " * 12
    source = mails.compose(sheet(title.strip()), "jo@stadt.example", "<a@b>", LINKS)
    assert email.message_from_bytes(source, policy=email.policy.default)["Subject"] == f"Bauen: {title.strip()}"
