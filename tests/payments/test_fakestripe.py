"""The stand-in is honest: Stripe's shapes, Stripe's idempotency, a page that works, faults that happen."""

import json
import pathlib
import urllib.error
import urllib.parse
import urllib.request

import pytest
from django.core.management import CommandError, call_command

from payments.fakestripe import params
from payments.fakestripe.server import FakeStripe
from tests.payments.conftest import KEY

ROOT = pathlib.Path(__file__).resolve().parents[2]
FIXTURES = ROOT.parent / "shared" / "data" / "stripe" / "fixtures3.json"
ORDER = {
    "mode": "payment",
    "success_url": "http://127.0.0.1:8000/zurueck/?s={CHECKOUT_SESSION_ID}",
    "cancel_url": "http://127.0.0.1:8000/abbruch/",
    "line_items[0][quantity]": "1",
    "line_items[0][price_data][currency]": "eur",
    "line_items[0][price_data][unit_amount]": "3000",
    "line_items[0][price_data][product_data][name]": "Bewohnerparkausweis & <b>",
    "metadata[kassenzeichen]": "1080000000017",
}


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: object) -> None:
        return None


def call(fake, path, data=None, *, key=KEY, **headers) -> tuple[int, str, dict]:
    """Status, body, headers of one request; form fields or JSON as `data`."""
    body = data if data is None else (data if isinstance(data, bytes) else urllib.parse.urlencode(data).encode())
    sent = {"Authorization": f"Bearer {key}", **{name.replace("_", "-"): value for name, value in headers.items()}}
    request = urllib.request.Request(fake.url + path, body, sent)
    try:
        with urllib.request.build_opener(_Stay).open(request, timeout=10) as answer:
            return answer.status, answer.read().decode(), dict(answer.headers)
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(), dict(error.headers)


def created(fake, **other) -> dict:
    status, body, _ = call(fake, "/v1/checkout/sessions", {**ORDER, **other})
    assert status == 200, body
    return json.loads(body)


# --- shapes ---


def kinds(value: object) -> object:
    if isinstance(value, dict):
        return {key: kinds(part) for key, part in value.items()}
    return type(value).__name__


def differences(ours: dict, theirs: dict, path: str) -> list[str]:
    """Fields we invent, and fields of another type. Null and empty fit everything; free maps are not compared."""
    found = [f"{path}.{name}: unknown to Stripe" for name in ours.keys() - theirs.keys()]
    for name in ours.keys() & theirs.keys():
        mine, real = ours[name], theirs[name]
        if mine in (None, {}, []) or real in (None, {}, []) or name == "metadata":
            continue
        if isinstance(mine, dict) and isinstance(real, dict):
            found += differences(mine, real, f"{path}.{name}")
        elif type(mine) is not type(real):
            found.append(f"{path}.{name}: {kinds(mine)} instead of {kinds(real)}")
    return found


@pytest.fixture
def everything(fake) -> dict[str, dict]:
    """One object of each kind, after a payment and a refund."""
    session = created(fake)
    fake.store.pay(session["id"], "card")
    store = fake.store
    refund = store.refund({"payment_intent": store.sessions[session["id"]]["payment_intent"], "metadata": {}})
    return {
        "checkout.session": store.sessions[session["id"]],
        "payment_intent": next(iter(store.intents.values())),
        "charge": next(iter(store.charges.values())),
        "refund": refund,
        "balance_transaction": next(iter(store.transactions.values())),
        "balance": store.balance(),
        "event": {**next(iter(store.events.values())), "data": {}},
    }


@pytest.mark.skipif(not FIXTURES.exists(), reason=f"Stripe's public example objects are not at {FIXTURES}")
def test_objects_have_the_shape_of_stripes_examples(everything):
    examples = json.loads(FIXTURES.read_text(encoding="utf-8"))["resources"]
    found = [line for kind, ours in everything.items() for line in differences(ours, examples[kind], kind)]
    found += [f"{kind}.{name}: missing" for kind, ours in everything.items() for name in examples[kind].keys() - ours]
    assert not found


def test_the_comparison_of_shapes_would_notice():
    assert differences({"a": 1, "new": 1}, {"a": "x"}, "o") == ["o.new: unknown to Stripe", "o.a: int instead of str"]
    assert differences({"a": {"b": 1}}, {"a": {"b": []}}, "o") == []


# --- API ---


def test_only_the_agreed_key_opens_the_door(fake):
    assert call(fake, "/v1/balance", key="sk_test_wrong")[0] == 401
    assert call(fake, "/_control/state", key="sk_test_wrong")[0] == 401
    assert call(fake, "/v1/balance")[0] == 200


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"mode": ""}, "mode"),
        ({"mode": "setup"}, "mode"),
        ({"success_url": ""}, "success_url"),
        ({"success_url": "javascript:alert(1)"}, "success_url"),
        ({"line_items[0][price_data][unit_amount]": "30,00"}, "unit_amount"),
        ({"line_items[0][price_data][unit_amount]": "49"}, "line_items"),
        ({"line_items[0][price_data][currency]": "usd"}, "line_items"),
        ({"expires_at": "5"}, "expires_at"),
        ({"client_reference_id": "x" * 201}, "client_reference_id"),
        ({"metadata[k]": "x" * 501}, "metadata"),
        ({"metadata[" + "k" * 41 + "]": "x"}, "metadata"),
        ({"sucess_url": "http://x/"}, "sucess_url"),
    ],
)
def test_wrong_parameters_are_named(fake, change, param):
    status, body, _ = call(fake, "/v1/checkout/sessions", {**ORDER, **change})
    assert (status, param in json.loads(body)["error"]["param"]) == (400, True)
    assert not fake.store.sessions


def test_nested_parameters_are_read_as_stripe_writes_them():
    assert params.parse("a[b][0][c]=1&a[b][1][c]=2&d=%C3%A4") == {"a": {"b": [{"c": "1"}, {"c": "2"}]}, "d": "ä"}


def test_a_key_repeats_its_answer_even_a_failure(fake):
    fake.plan.set({"api": [{"on": "POST /v1/checkout/sessions", "do": "error_after"}]})
    first = call(fake, "/v1/checkout/sessions", ORDER, Idempotency_Key="k")
    again = call(fake, "/v1/checkout/sessions", ORDER, Idempotency_Key="k")
    assert (first[0], first[:2] == again[:2], len(fake.store.sessions)) == (500, True, 1)


def test_a_key_with_other_parameters_is_refused(fake):
    call(fake, "/v1/checkout/sessions", ORDER, Idempotency_Key="k")
    status, body, _ = call(fake, "/v1/checkout/sessions", {**ORDER, "locale": "de"}, Idempotency_Key="k")
    assert (status, json.loads(body)["error"]["type"]) == (400, "idempotency_error")


def test_failed_validation_does_not_use_up_the_key(fake):
    assert call(fake, "/v1/checkout/sessions", {**ORDER, "mode": "setup"}, Idempotency_Key="k")[0] == 400
    assert call(fake, "/v1/checkout/sessions", ORDER, Idempotency_Key="k")[0] == 200


def test_a_key_is_forgotten_after_a_day(fake):
    call(fake, "/v1/checkout/sessions", ORDER, Idempotency_Key="k")
    fake.store.ahead = 86401
    call(fake, "/v1/checkout/sessions", ORDER, Idempotency_Key="k")
    assert len(fake.store.sessions) == 2


def test_lists_are_paged_newest_first(fake):
    idents = [created(fake)["id"] for _ in range(3)]
    first = json.loads(call(fake, "/v1/checkout/sessions?limit=2")[1])
    assert ([row["id"] for row in first["data"]], first["has_more"]) == (idents[:0:-1], True)
    rest = json.loads(call(fake, f"/v1/checkout/sessions?limit=2&starting_after={idents[1]}")[1])
    assert ([row["id"] for row in rest["data"]], rest["has_more"]) == ([idents[0]], False)
    assert call(fake, "/v1/checkout/sessions?limit=101")[0] == 400


def test_expansion_shows_the_objects_themselves(fake):
    ident = created(fake)["id"]
    fake.store.pay(ident, "paypal")
    path = f"/v1/checkout/sessions/{ident}?expand[0]=payment_intent.latest_charge"
    charge = json.loads(call(fake, path)[1])["payment_intent"]["latest_charge"]
    assert (charge["amount_captured"], charge["payment_method_details"]) == (3000, {"type": "paypal"})
    assert call(fake, f"/v1/checkout/sessions/{ident}?expand[0]=customer")[0] == 200  # null stays null
    assert call(fake, f"/v1/checkout/sessions/{ident}?expand[0]=id")[0] == 400


@pytest.mark.parametrize(
    "path",
    ["/v1/checkout/sessions/cs_x", "/v1/payment_intents/x", "/v1/charges/x", "/v1/refunds/x", "/v1/events/x", "/v1/y"],
)
def test_what_is_not_there_is_not_found(fake, path):
    assert call(fake, path)[0] == 404


def test_refunds_never_exceed_what_was_captured(fake):
    ident = created(fake)["id"]
    fake.store.pay(ident, "card")
    intent = fake.store.sessions[ident]["payment_intent"]
    assert call(fake, "/v1/refunds", {"payment_intent": intent, "amount": "2000"})[0] == 200
    assert call(fake, "/v1/refunds", {"payment_intent": intent, "amount": "1001"})[0] == 400
    assert call(fake, "/v1/refunds", {"payment_intent": intent})[0] == 200
    balance = json.loads(call(fake, "/v1/balance")[1])["available"][0]["amount"]
    assert balance == -round(3000 * 0.015) - 25  # everything back but the provider's fee


# --- page ---


def test_the_page_says_that_it_is_a_test_and_names_what_is_paid(fake):
    status, body, headers = call(fake, f"/c/pay/{created(fake)['id']}")
    assert status == 200
    for text in (
        "TESTZAHLUNG – es fließt kein Geld",
        "30,00",
        "1080 0000 0001 7",
        "Bewohnerparkausweis &amp; &lt;b&gt;",
    ):
        assert text in body
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'self'")
    assert "form-action 'self' http://127.0.0.1:8000" in policy
    assert "<script" not in body
    assert "style=" not in body


@pytest.mark.parametrize(
    ("choice", "status", "to"),
    [
        ("card", 303, "http://127.0.0.1:8000/zurueck/?s="),
        ("sepa_debit", 303, "http://127.0.0.1:8000/zurueck/?s="),
        ("cancel", 303, "http://127.0.0.1:8000/abbruch/"),
        ("declined", 402, ""),
        ("", 422, ""),
        ("bitcoin", 422, ""),
    ],
)
def test_each_choice_leads_on(fake, choice, status, to):
    ident = created(fake)["id"]
    answer, body, headers = call(fake, f"/c/pay/{ident}", {"wahl": choice})
    assert (answer, headers.get("Location", "").startswith(to)) == (status, True)
    assert ("Fehler: " in body) == (status in (402, 422))
    done = choice in ("card", "sepa_debit")
    assert fake.store.sessions[ident]["status"] == ("complete" if done else "open")


def test_a_closed_page_says_so_and_takes_no_money(fake):
    paid, expired = created(fake)["id"], created(fake)["id"]
    fake.store.pay(paid, "card")
    fake.store.expire(expired)
    assert "schon erledigt" in call(fake, f"/c/pay/{paid}")[1]
    assert "abgelaufen" in call(fake, f"/c/pay/{expired}", {"wahl": "card"})[1]
    assert call(fake, "/c/pay/cs_test_none")[0] == 404
    assert len(fake.store.charges) == 1


def test_a_page_expires_by_itself(fake):
    ident = created(fake)["id"]
    fake.store.ahead = 86401
    assert "abgelaufen" in call(fake, f"/c/pay/{ident}")[1]
    assert [event["type"] for event in fake.store.events.values()] == ["checkout.session.expired"]


# --- webhooks, control, restart ---


def control(fake, path, **what) -> int:
    return call(fake, f"/_control/{path}", json.dumps(what).encode())[0]


def test_faults_clock_and_bank_can_be_steered_over_http(fake):
    ident = created(fake)["id"]
    assert control(fake, "plan", api=[{"on": "GET /v1/balance", "do": "error_before"}]) == 200
    assert [call(fake, "/v1/balance")[0] for _ in range(2)] == [500, 200]
    assert control(fake, "pay", session=ident, method="sepa_debit") == 200
    assert control(fake, "bank", session=ident, outcome="paid") == 200
    assert fake.store.sessions[ident]["payment_status"] == "paid"
    assert control(fake, "pay", session=ident, method="card") == 400
    assert control(fake, "plan", api=[{"nonsense": 1}]) == 400
    assert control(fake, "clock", advance=60) == 200
    assert fake.store.ahead == 60
    assert control(fake, "nothing") == 404
    assert control(fake, "reset") == 200
    assert json.loads(call(fake, "/_control/state")[1]) == {"sessions": {}, "events": []}


def test_a_debit_is_answered_by_the_bank_after_its_time(fake):
    ident = created(fake)["id"]
    fake.store.pay(ident, "sepa_debit")
    fake.store.tick()
    assert fake.store.sessions[ident]["payment_status"] == "unpaid"
    fake.store.ahead = 3601
    fake.store.tick()
    assert fake.store.sessions[ident]["payment_status"] == "paid"


def test_nobody_at_the_webhook_is_tried_again(fake):
    fake.ringer.url = "http://127.0.0.1:9/"
    fake.store.pay(created(fake)["id"], "card")
    fake.store.save()
    assert fake.ringer.wait_quiet()
    assert fake.ringer.delivered[0][1] == 0
    assert len(fake.ringer._due) == 1


def test_a_restart_keeps_sessions_events_and_answers(tmp_path):
    def run() -> FakeStripe:
        fake = FakeStripe(keys=[KEY], secrets=["whsec"], file=tmp_path / "state.json")
        fake.start()
        return fake

    fake = run()
    ident = json.loads(call(fake, "/v1/checkout/sessions", ORDER, Idempotency_Key="k")[1])["id"]
    call(fake, f"/c/pay/{ident}", {"wahl": "sepa_debit"})
    fake.stop()
    fake = run()
    try:
        assert fake.store.sessions[ident]["status"] == "complete"
        assert list(fake.store.debits) == [ident]
        assert json.loads(call(fake, "/v1/checkout/sessions", ORDER, Idempotency_Key="k")[1])["id"] == ident
    finally:
        fake.stop()


@pytest.mark.parametrize("wrong", [{"port": 99999}, {"state": pathlib.Path("/dev/null/x.json")}])
def test_a_wrong_port_or_file_gets_a_sentence(wrong):
    with pytest.raises(CommandError, match="Prüfen Sie --port und --state"):
        call_command("fakestripe", **{"port": 0, **wrong})


def test_a_broken_state_file_is_not_overwritten(tmp_path):
    file = tmp_path / "state.json"
    file.write_text("{half", encoding="utf-8")
    with pytest.raises(CommandError):
        call_command("fakestripe", port=0, state=file)
    assert file.read_text(encoding="utf-8") == "{half"


def test_production_does_not_start_it(settings):
    settings.DEMO = settings.DEBUG = False
    with pytest.raises(CommandError, match="PORTAL_DEMO"):
        call_command("fakestripe")
