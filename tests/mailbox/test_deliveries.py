"""The way of a decision to its recipient: each happening, in each order, leads to one state with its evidence."""

import datetime as dt

import pytest
from django.db.transaction import TransactionManagementError
from django.template.loader import render_to_string

from mailbox import actions, deliveries, delivery_reports, delivery_states, leaving, sending
from mailbox.delivery_states import DeliveryState
from mailbox.models import Attachment, Delivery, Dispatch, Ended, Evidence, Kind
from mailbox.states import IllegalTransition
from portal.accounts import consents, profile, roles
from portal.accounts.models import Role
from portal.common import clock
from portal.outbox.models import OutboxMessage
from tests import make

pytestmark = pytest.mark.django_db

MONDAY = dt.datetime(2026, 11, 2, 9, 0, tzinfo=clock.BERLIN)
FRIDAY = dt.date(2026, 11, 6)  # the fourth day after the notice
WINDOW = ("Alice Ammer", "Fraunhoferstraße 12", "80469 München")


@pytest.fixture
def consented(alice):
    consents.answer(alice, consents.ANNOUNCEMENT, given=True)
    return alice


@pytest.fixture
def decide(post):
    """A decision, posted on Monday; its notice waits."""

    def made(at=MONDAY, order=None, **change):
        with clock.frozen(at):
            message = post(kind=Kind.DECISION, order=order or deliveries.Order(WINDOW), **change)
        return Delivery.objects.select_related("message").get(message=message)

    return made


def told(delivery, at=MONDAY):
    with clock.frozen(at):
        sending.send_notice(delivery.message.notices.get().pk)
    delivery.refresh_from_db()
    return delivery


def opened(delivery, at, by):
    with clock.frozen(at):
        actions.mark_read(delivery.message, by=by)
    delivery.refresh_from_db()
    return delivery


def swept(delivery, at):
    with clock.frozen(at):
        deliveries.sweep()
    delivery.refresh_from_db()
    return delivery


def bounced(delivery, at, once="dsn:1"):
    with clock.frozen(at):
        deliveries.notice_failed(delivery.message, "5.1.1", once=once)
    delivery.refresh_from_db()
    return delivery


def kinds(delivery):
    return list(delivery.events.values_list("kind", flat=True))


def later(days=0, **more):
    return MONDAY + dt.timedelta(days=days, **more)


def test_a_decision_is_provided_when_it_is_posted_with_the_rule_and_the_consent_of_that_day(consented, decide):
    delivery = decide()
    assert (delivery.state, delivery.rule["code"]) == ("provided", "baydig24")
    assert delivery.consent["sha256"] == consents.TEXTS[consents.ANNOUNCEMENT].sha256
    assert kinds(delivery) == [Evidence.PLANNED, Evidence.PROVIDED]
    assert deliveries.address(delivery) == WINDOW


def test_other_messages_and_copies_have_no_delivery(post):
    post()
    post(kind=Kind.DECISION, copy=True)
    assert not Delivery.objects.exists()


def test_the_day_counts_from_the_notice_and_comes_by_itself(consented, decide):
    delivery = told(decide())
    assert (delivery.state, delivery.counts_on) == ("notice_sent", FRIDAY)
    assert swept(delivery, later(3, hours=14)).state == "notice_sent"  # Thursday, shortly before midnight
    swept(delivery, later(3, hours=15))
    assert (delivery.state, delivery.announced_by, delivery.announced_on) == ("announced", "fiction", FRIDAY)
    assert delivery.appeal_until == dt.date(2026, 12, 7)  # 6 December is a Sunday


def test_without_consent_only_opening_it_counts_and_after_ten_days_a_letter_goes_out(decide):
    delivery = told(decide())
    assert (delivery.rule["code"], delivery.counts_on) == ("vwvfg41-2a", None)
    assert swept(delivery, later(10)).state == "notice_sent"
    swept(delivery, later(11))
    assert (delivery.state, Dispatch.objects.get().public_id) == ("letter_queued", delivery.public_id)
    assert kinds(delivery)[-2:] == [Evidence.LAPSED, Evidence.LETTER_QUEUED]


def test_without_consent_it_counts_on_the_day_after_it_was_opened(decide, alice):
    delivery = opened(told(decide()), later(2), alice)
    assert (delivery.announced_by, delivery.announced_on) == ("retrieval", dt.date(2026, 11, 5))


def test_a_withdrawn_consent_counts_for_the_next_decision_and_not_for_the_last(consented, decide):
    first = decide()
    consents.answer(consented, consents.ANNOUNCEMENT, given=False)
    assert (first.rule["code"], decide().rule["code"]) == ("baydig24", "vwvfg41-2a")


def test_formal_service_needs_the_other_consent(consented, decide):
    formal = deliveries.Order(WINDOW, formal=True)
    assert decide(order=formal).rule["code"] == "vwvfg41-2a"
    consents.answer(consented, consents.SERVICE, given=True)
    assert decide(order=formal).rule["code"] == "baydig25"


def test_who_opens_early_is_told_early_and_loses_no_day_of_the_appeal(consented, decide):
    delivery = opened(told(decide()), later(1), consented)
    assert (delivery.announced_by, delivery.announced_on) == ("retrieval", dt.date(2026, 11, 3))
    assert delivery.appeal_until == dt.date(2026, 12, 7)


def test_opened_before_the_notice_went_out_counts_by_retrieval_and_the_notice_is_evidence(consented, decide):
    delivery = told(opened(decide(), later(hours=1), consented), later(hours=2))
    assert (delivery.state, delivery.announced_by) == ("announced", "retrieval")
    assert kinds(delivery)[-2:] == [Evidence.ANNOUNCED, Evidence.NOTICE_SENT]


def test_opened_after_the_day_changes_nothing_even_before_the_sweep(consented, decide):
    delivery = opened(told(decide()), later(9), consented)
    assert (delivery.announced_by, delivery.announced_on) == ("fiction", FRIDAY)
    assert kinds(delivery)[-1] == Evidence.RETRIEVED


def test_a_bounce_stops_the_day_and_queues_one_letter(consented, decide):
    delivery = bounced(told(decide()), later(1))
    assert (delivery.state, delivery.counts_on, delivery.due_at) == ("letter_queued", None, None)
    bounced(delivery, later(1))
    bounced(delivery, later(2), once="dsn:2")
    assert Dispatch.objects.count() == 1
    assert swept(delivery, later(30)).state == "letter_queued"


def test_a_bounce_after_the_day_takes_the_announcement_back(consented, decide):
    delivery = bounced(swept(told(decide()), later(6)), later(8))
    assert (delivery.state, delivery.announced_on, delivery.appeal_until) == ("letter_queued", None, None)
    assert kinds(delivery)[-3:] == [Evidence.ANNOUNCED, Evidence.NOTICE_FAILED, Evidence.LETTER_QUEUED]


def test_a_bounce_after_it_was_opened_is_only_evidence(consented, decide):
    delivery = bounced(opened(told(decide()), later(1), consented), later(2))
    assert (delivery.state, Dispatch.objects.count()) == ("announced", 0)
    assert kinds(delivery)[-1] == Evidence.NOTICE_FAILED


def test_without_any_address_for_the_notice_the_letter_goes_out_at_once(consented, decide):
    delivery = decide(notify="")
    assert (delivery.state, delivery.counts_on) == ("letter_queued", None)
    assert OutboxMessage.objects.get().topic == "notice.failed"


def test_opened_while_the_letter_waits_the_letter_is_not_sent(consented, decide):
    delivery = opened(decide(notify=""), later(1), consented)
    assert (delivery.announced_by, Dispatch.objects.get().state) == ("retrieval", "cancelled")


def test_opened_after_the_provision_ended_counts_only_the_letter(decide, alice):
    delivery = opened(swept(told(decide()), later(11)), later(12), alice)
    assert (delivery.state, Dispatch.objects.get().state) == ("letter_queued", "queued")
    assert kinds(delivery)[-1] == Evidence.RETRIEVED


def test_the_letter_counts_on_the_fourth_day_after_it_was_posted(consented, decide):
    delivery = decide(notify="")
    assert deliveries.letter_handed(delivery, posted_on=dt.date(2026, 11, 4), reference="L1")
    assert not deliveries.letter_handed(delivery, posted_on=dt.date(2026, 11, 4), reference="L1")
    swept(delivery, later(5))
    assert (delivery.state, delivery.counts_on) == ("letter_handed", dt.date(2026, 11, 8))
    assert swept(delivery, later(6)).announced_by == Ended.POST
    assert OutboxMessage.objects.filter(topic="delivery.finished").count() == 1


@pytest.mark.parametrize("days", [0, 5, 20])
def test_a_letter_that_comes_back_announced_nothing(consented, decide, days):
    delivery = decide(notify="")
    deliveries.letter_handed(delivery, posted_on=MONDAY.date(), reference="L1")
    swept(delivery, later(days))
    assert deliveries.letter_returned(delivery, reason="unbekannt verzogen", reference="L1")
    delivery.refresh_from_db()
    assert (delivery.state, delivery.announced_on, delivery.counts_on) == ("returned", None, None)


def test_what_is_posted_for_later_is_planned_until_then(consented, decide):
    delivery = decide(visible_from=later(2))
    assert (delivery.state, delivery.provided_at) == ("planned", None)
    assert swept(delivery, later(2)).state == "provided"
    assert delivery.provided_at == later(2)


def test_a_decision_without_instruction_can_be_appealed_for_a_year(consented, decide):
    delivery = swept(told(decide(order=deliveries.Order(WINDOW, instructed=False))), later(5))
    assert delivery.appeal_until == dt.date(2027, 11, 8)  # 6 November 2027 is a Saturday


def test_a_certificate_has_no_appeal(consented, decide):
    delivery = swept(told(decide(order=deliveries.Order(WINDOW, instructed=None))), later(5))
    assert (delivery.announced_on, delivery.appeal_until) == (FRIDAY, None)


def test_a_decision_nobody_opened_can_be_taken_back_once(consented, decide, clara):
    delivery = told(decide())
    assert deliveries.withdraw(delivery.message, by=clara)
    assert not deliveries.withdraw(delivery.message, by=clara)
    assert swept(delivery, later(30)).state == "withdrawn"


def test_what_is_known_cannot_be_taken_back(consented, decide, clara):
    delivery = opened(decide(), later(1), consented)
    with pytest.raises(deliveries.CannotWithdraw, match="bekannt gegeben"):
        deliveries.withdraw(delivery.message, by=clara)


def test_each_fetched_attachment_is_evidence(consented, decide, pdf):
    delivery = decide(attachments=[(pdf, "Bescheid.pdf")])
    actions.note_download(Attachment.objects.select_related("message").get(), by=consented)
    assert delivery.events.last().detail == {"position": 1}


def test_without_a_window_the_address_of_the_profile_is_taken(alice, decide):
    profile.record_own(alice, {"street": "Sendlinger Straße 8", "postcode": "80331", "place": "München"})
    delivery = decide(order=deliveries.Order())
    assert deliveries.address(delivery) == ("Alice Ammer", "Sendlinger Straße 8", "80331 München")


def test_a_letter_without_an_address_stands_still_and_is_seen(decide):
    decide(notify="", order=deliveries.Order())
    assert (Dispatch.objects.get().state, Dispatch.objects.get().last_error) == ("failed", "no address")


def test_unknown_steps_raise():
    with pytest.raises(IllegalTransition):
        delivery_states.advance(Delivery.objects.all(), DeliveryState.PLANNED, DeliveryState.ANNOUNCED)


def test_every_state_leads_to_a_legal_end_and_the_table_names_every_state():
    assert set(delivery_states.ALLOWED) == set(DeliveryState)
    reached = set(delivery_states.LEGAL_ENDS)
    for _ in DeliveryState:
        reached |= {origin for origin, targets in delivery_states.ALLOWED.items() if targets & reached}
    assert reached == set(DeliveryState)


def test_the_case_closes_when_the_notice_went_out_as_before(consented, decide):
    told(decide())
    make.drain()
    assert OutboxMessage.objects.get(topic="delivery.finished").done_at


def test_a_deleted_account_leaves_no_address_and_no_letter(consented, decide):
    delivery = decide(notify="")
    leaving.forget(consented, keep_messages=True)
    delivery.refresh_from_db()
    assert (delivery.sealed_address, Dispatch.objects.get().state) == (None, "cancelled")
    assert not bytes(Dispatch.objects.get().sealed_to)


def test_the_reply_of_the_mail_server_is_kept_as_evidence(consented, decide, mail_server):
    delivery = told(decide())
    assert delivery.events.get(kind=Evidence.NOTICE_SENT).detail["reply"] == "planned"
    assert len(mail_server.accepted) == 1


def test_the_envelope_carries_the_token_and_the_header_the_house(consented, decide, mail_server, settings):
    settings.MAILBOX_RETURN_PATH = "hinweis@ruecklauf.invalid"
    told(decide())
    assert mail_server.accepted[0]["From"] == settings.DEFAULT_FROM_EMAIL
    assert "ruecklauf" not in str(mail_server.accepted[0])


def test_the_page_of_the_decision_names_the_day_and_the_end_of_the_appeal(client, consented, decide):
    delivery = swept(told(decide()), later(5))
    client.force_login(consented)
    page = client.get(f"/postfach/{delivery.message.public_id}/").content.decode()
    assert "Gilt als bekannt gegeben am 6. November 2026." in page
    assert "7. Dezember 2026" in page


@pytest.mark.parametrize(
    ("state", "words"), [("letter", "Es zählt der Brief"), ("withdrawn", "zurückgenommen"), ("returned", "kam zurück")]
)
def test_the_page_says_what_became_of_it(consented, decide, clara, state, words):
    delivery = decide(notify="") if state != "withdrawn" else decide()
    if state == "withdrawn":
        deliveries.withdraw(delivery.message, by=clara)
    if state == "returned":
        deliveries.letter_returned(delivery, reason="x", reference="L")
    shown = delivery_reports.shown(delivery.message)
    assert words in render_to_string("mailbox/delivery.html", {"delivery": shown})


def test_the_admin_shows_states_and_no_address(client, consented, decide, otto):
    delivery = decide(notify="")
    roles.seed()
    roles.grant(otto, Role.OPERATOR, by=None)
    client.force_login(otto)
    for path in (f"delivery/{delivery.pk}", f"dispatch/{delivery.dispatch.pk}"):
        page = client.get(f"/verwaltung/mailbox/{path}/change/")
        assert page.status_code == 200
        assert "Fraunhofer" not in page.content.decode()
    assert client.get("/verwaltung/mailbox/announcementrule/add/").status_code == 200


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_nothing_is_told_to_a_delivery_outside_a_transaction(consented, decide, rule_table):
    """Each time: a lock that holds nothing would let two happenings through at once."""
    message = decide().message
    for _ in range(2):
        with pytest.raises(TransactionManagementError):
            deliveries.notice_failed(message, "5.1.1")
