"""The pages: a GET shows, a POST acts, and no page tells who reads what."""

import itertools
import re
import statistics
import time

import feedparser
import pytest
from django.test import Client
from lxml import etree

from mailbox.topics import actions, sending
from mailbox.topics.models import Dispatch, Reader, SignUp, Subscription
from portal.accounts import mandates
from portal.accounts.models import Evidence, MandateKind, Scope
from portal.common import proof
from tests.mailbox.topics.conftest import appeared, sent, subscribed

pytestmark = pytest.mark.django_db
INDEX = "/newsletter/"
WAYS = dict.fromkeys(("rathausumschau", "stellen", "bauen", "digitalisierung"), "none")
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def visitor() -> Client:
    return Client()


def challenge(page) -> dict[str, str]:
    """What a browser finds and computes on the page with the form."""
    text = page.content.decode()
    once = re.search(r'name="once" value="([^"]+)"', text)[1]
    probe = re.search(r'name="probe" value="([^"]+)"', text)[1]
    counters = []
    for number in range(proof.PUZZLES):
        tries = (str(n) for n in itertools.count())
        counters.append(next(n for n in tries if proof._zero_bits(f"{probe}:{number}:{n}") >= 2))
    return {"once": once, "probe": probe, "loesung": ".".join(counters)}


def sign_up(client: Client, address: str = "jo@stadt.example", *topics: str, **change):
    typed = {"mail": address, "themen": topics or ["bauen"], **challenge(client.get(INDEX))}
    return client.post(INDEX, typed | change)


def links(letter) -> list[str]:
    """Every address in both parts and in the headers, as a scanner finds them."""
    text = "".join(letter.get_body((kind,)).get_content() for kind in ("plain", "html"))
    found = re.findall(r"https?://[^\s\"<>]+", text + letter["List-Unsubscribe"] + letter["List-Archive"])
    return [re.sub(r"^https?://[^/]+", "", link) for link in sorted(set(found)) if "/newsletter/" in link]


def one_click(letter) -> str:
    return re.search(r"<https?://[^/]+(/[^>]+)>", letter["List-Unsubscribe"])[1]


def state() -> list[tuple]:
    rows = Subscription.objects.order_by("id").values_list("state", "channel", "ended_why", "confirmed_at")
    return [*rows, *SignUp.objects.values_list("confirmed_at", "topics"), Reader.objects.count()]


def test_from_the_form_over_the_mail_to_the_choice(topics, visitor):
    answer = sign_up(visitor, "Jo@Stadt.example", "bauen", "stellen")
    assert answer.status_code == 302 and answer.url == "/newsletter/angefragt/"
    assert "Bestätigen Sie Ihre E-Mail-Adresse" in visitor.get(answer.url).content.decode()
    actions.sweep_sign_ups()
    link = re.search(r"(/newsletter/bestaetigen/\S+)", sent()[0].get_content())[1]
    assert "Bauen und Wohnen" in visitor.get(link).content.decode() and not Subscription.objects.exists()
    choice = visitor.post(link, follow=True)
    page = choice.content.decode()
    assert page.count("checked") == 2 and "Ihre Newsletter sind bestätigt." in page
    visitor.post(choice.redirect_chain[-1][0], {"themen": ["digitalisierung"]})
    live = Subscription.objects.filter(state="confirmed")
    assert [row.topic.slug for row in live] == ["digitalisierung"]


def test_known_and_unknown_addresses_get_the_same_bytes(topics, topic):
    subscribed(topic, "da@stadt.example")
    answers = []
    for address in ("da@stadt.example", "neu@stadt.example", "da@stadt.example"):
        client = Client()
        answer = sign_up(client, address, "rathausumschau")
        page = client.get(answer.url)
        headers = {name: value for name, value in answer.headers.items() if name != "Expires"}  # the second it is now
        answers.append((answer.status_code, answer.url, answer.content, page.content, headers))
        actions.sweep_sign_ups()
    assert answers[0] == answers[1] == answers[2]
    assert len(sent()) == 2  # one a day and address, the same to both
    assert len({re.sub(r"/bestaetigen/\S+", "", m.get_content()) for m in sent()}) == 1


def test_known_and_unknown_addresses_take_the_same_statements(topics, topic, django_assert_num_queries):
    subscribed(topic, "da@stadt.example")
    for number, address in enumerate(("da@stadt.example", "neu@stadt.example", "da@stadt.example")):
        with django_assert_num_queries(4):  # the two, and their transaction
            actions.sign_up(address=address, topics=["bauen"], once=f"{number}" * 32)


@pytest.mark.slow
def test_known_and_unknown_addresses_take_the_same_time(topics, topic):
    took: dict[bool, list[float]] = {True: [], False: []}
    for number in range(1000):
        subscribed(topic, f"da{number}@stadt.example")
    for number in range(1000):
        for known in (True, False):
            begin = time.perf_counter()
            address = f"{'da' if known else 'neu'}{number}@stadt.example"
            actions.sign_up(address=address, topics=["bauen"], once=f"{known}{number}".ljust(32, "x"))
            took[known].append(time.perf_counter() - begin)
    assert abs(statistics.median(took[True]) - statistics.median(took[False])) < 0.005


def test_without_the_work_nothing_is_stored(topics, visitor):
    answer = sign_up(visitor, loesung="")
    assert answer.status_code == 422 and "Schreiben Sie das Wort ab" in answer.content.decode()
    foreign = challenge(visitor.get(INDEX))
    stolen = sign_up(visitor, probe=foreign["probe"], loesung=foreign["loesung"])
    assert stolen.status_code == 422 and not SignUp.objects.exists()


def test_one_piece_of_work_serves_one_form(topics, visitor):
    done = challenge(visitor.get(INDEX))
    for number in range(5):
        visitor.post(INDEX, {"mail": f"opfer{number}@stadt.example", "themen": ["bauen"], **done})
    assert SignUp.objects.count() == 1


def test_what_is_missing_is_named(topics, visitor):
    answer = sign_up(visitor, "jo@", themen=[])
    page = answer.content.decode()
    assert answer.status_code == 422 and "Wählen Sie mindestens einen Newsletter aus" in page
    assert "Geben Sie die E-Mail-Adresse so ein" in page and "<title>Fehler:" in page


def test_a_link_to_a_topic_has_it_ticked(topics, visitor):
    assert visitor.get(f"{INDEX}?thema=stellen").content.decode().count("checked") == 1
    assert "checked" not in visitor.get(f"{INDEX}?thema=nichts").content.decode()


def scan(client: Client, addresses: list[str], times: int) -> None:
    for _ in range(times):
        for address in addresses:
            assert client.get(address).status_code == 200
            assert client.head(address).status_code == 200


@pytest.fixture
def every_link(topics, letter) -> list[str]:
    actions.sign_up(address="li@stadt.example", topics=["bauen"], once="x" * 32)
    actions.sweep_sign_ups()
    return [*links(letter), re.search(r"(/newsletter/bestaetigen/\S+)", sent()[-1].get_content())[1]]


@pytest.mark.slow
def test_a_scanner_that_opens_every_link_changes_nothing(every_link):
    before = state()
    assert len(every_link) == 5
    scan(Client(), every_link, 10)
    assert state() == before


@pytest.mark.slow
def test_a_scanner_that_opens_them_ten_thousand_times_changes_nothing(every_link):
    before = state()
    scan(Client(), every_link, 1000)
    assert state() == before


@pytest.mark.parametrize("form", ["multipart", "urlencoded"])
def test_one_post_without_cookies_ends_it(letter, form):
    """As RFC 8058, 3.2 wants the mail program to do it, with the checks against forged forms switched on."""
    import listunsub

    client = Client(enforce_csrf_checks=True)
    request = listunsub.one_click_request(f"https://stadt.example{one_click(letter)}", form=form)
    answer = client.post(one_click(letter), request.body, content_type=request.content_type)
    assert (answer.status_code, answer.content) == (200, b"") and not answer.cookies
    assert Subscription.objects.get().ended_why == "one_click"
    again = client.post(one_click(letter), request.body, content_type=request.content_type)
    assert (again.status_code, again.content) == (200, b"") and Reader.objects.get().sealed_address == b""


def test_after_the_click_begun_batches_send_nothing(letter, subscription, edda, otto):
    appeared(subscription.topic, edda, otto)
    [row] = Dispatch.objects.filter(state="queued")
    Client().post(one_click(letter), {"List-Unsubscribe": "One-Click"})
    assert sending.send_due() == {"dropped": 1} and len(sent()) == 1
    row.refresh_from_db()
    assert row.state == "dropped"


def test_a_person_clicks_a_button_and_sees_it(letter):
    client = Client()
    assert "abbestellen?" in client.get(one_click(letter)).content.decode()
    page = client.post(one_click(letter), {"seite": "1"}, follow=True)
    assert "ist abbestellt" in page.content.decode() and Subscription.objects.get().ended_why == "asked"


def test_the_link_works_as_long_as_the_subscription(letter, subscription):
    Client().post(one_click(letter))
    subscribed(subscription.topic)
    assert Subscription.objects.get().state == "confirmed"
    Client().post(one_click(letter))
    assert Subscription.objects.get().state == "ended"


@pytest.mark.parametrize("kind", ["bestaetigen", "auswahl", "abmelden"])
def test_a_guessed_link_opens_nothing(letter, kind):
    before = state()
    for method in ("get", "post"):
        answer = getattr(Client(), method)(f"/newsletter/{kind}/{'x' * 43}/")
        assert answer.status_code == 404 and "Dieser Link gilt nicht mehr" in answer.content.decode()
    assert state() == before


def test_one_mails_links_open_nothing_of_another_reader(topic, edda, otto):
    for address in ("eins@stadt.example", "zwei@stadt.example"):
        subscribed(topic, address)
    appeared(topic, edda, otto)
    sending.send_due()
    one, _two = sent()
    for link in links(one):
        Client().post(link, {"themen": []})
    live = Subscription.objects.filter(state="confirmed")
    assert [actions.address_of(row.reader) for row in live] == ["zwei@stadt.example"]


def test_pages_behind_a_link_are_kept_and_passed_on_nowhere(letter):
    answer = Client().get(one_click(letter))
    assert "no-store" in answer["Cache-Control"] and answer["Referrer-Policy"] == "same-origin"
    assert answer["X-Robots-Tag"] == "noindex" and "jo@stadt" not in answer.content.decode()


def test_the_archive_shows_what_has_appeared(issue, visitor):
    page = visitor.get("/newsletter/rathausumschau/").content.decode()
    assert "Neues aus dem Rathaus" in page and f"Nr. 1/{issue.year}" in page
    shown = visitor.get(f"/newsletter/rathausumschau/{issue.year}/1/")
    assert '<h2 id="teil-1">Termine</h2>' in shown.content.decode()
    assert visitor.get(f"/newsletter/rathausumschau/{issue.year}/2/").status_code == 404


def test_drafts_are_nowhere_to_be_seen(topic, edda, visitor):
    from tests.mailbox.topics.conftest import written

    written(topic, edda, title="Geheim")
    for address in ("/newsletter/", "/newsletter/rathausumschau/", "/newsletter/rathausumschau/atom.xml"):
        assert "Geheim" not in visitor.get(address).content.decode()


def test_the_feed_is_valid_atom(issue, visitor):
    answer = visitor.get("/newsletter/rathausumschau/atom.xml")
    feed = etree.fromstring(answer.content)
    assert answer["Content-Type"].startswith("application/atom+xml") and feed.tag == f"{ATOM}feed"
    for place in (feed, *feed.iter(f"{ATOM}entry")):  # RFC 4287, 4.1.1 and 4.1.2
        assert [len(place.findall(f"{ATOM}{name}")) for name in ("id", "title", "updated")] == [1, 1, 1]
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)", place.findtext(f"{ATOM}updated"))
    assert feed.find(f"{ATOM}author/{ATOM}name") is not None
    assert [link.get("rel") for link in feed.findall(f"{ATOM}link")] == ["self", "alternate"]
    read = feedparser.parse(answer.content)
    assert not read.bozo and read.version == "atom10" and read.entries[0].id == f"urn:uuid:{issue.public_id}"
    assert "<strong>Montag:</strong>" in read.entries[0].content[0].value


# --- accounts ---


def test_an_account_chooses_without_another_mail(topics, alice, visitor):
    visitor.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    answer = visitor.post("/newsletter/meine/", WAYS | {"bauen": "postbox", "stellen": "mail"}, follow=True)
    assert answer.content.decode().count("checked") == 4 and not sent()
    ways = dict(Subscription.objects.values_list("topic__slug", "channel"))
    assert ways == {"bauen": "postbox", "stellen": "mail"}
    assert visitor.post("/newsletter/meine/", WAYS | {"bauen": "taube"}).status_code == 422


def test_nobody_chooses_for_somebody_they_act_for(topics, alice, bob, visitor):
    mandates.establish(alice, bob, mandates.Terms(MandateKind.PROXY, Scope.ALL), Evidence.INVITED)
    visitor.force_login(bob, backend="django.contrib.auth.backends.ModelBackend")
    visitor.post("/newsletter/meine/", WAYS | {"bauen": "mail"})
    assert actions.address_of(Reader.objects.get()) == "bob@stadt.invalid"
