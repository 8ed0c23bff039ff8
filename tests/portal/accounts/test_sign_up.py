"""Sign-up, sign-in and account pages: what they refuse with which sentence, what they store, what they mail."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth import get_user

from portal.accounts.models import User

GOOD = {
    "given_name": "Zoë",
    "family_name": "Nguyễn",
    "email": "Zoe@Stadt.Invalid",
    "password1": "drei nasse Wörter",
}


def sentences(response) -> list[str]:
    summary = response.content.decode().split('id="fehler"')[1].split("</ul>")[0]
    return re.findall(r'href="#[^"]+">(.*?)</a>', summary)


def confirmed(user):
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    return user


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("given_name", "", "Geben Sie Ihren Vornamen ein"),
        ("given_name", "x" * 121, "Der Vorname darf höchstens 120 Zeichen lang sein"),
        ("given_name", "R2D2", "Der Vorname darf keine Ziffern und keine Zeichen wie @ enthalten"),
        ("family_name", "", "Geben Sie Ihren Familiennamen ein"),
        ("email", "", "Geben Sie Ihre E-Mail-Adresse ein"),
        ("email", "zoe", "Geben Sie eine E-Mail-Adresse wie name@beispiel.de ein"),
        (
            "email",
            f"{'x' * 64}@{'y' * 60}.{'z' * 60}.{'w' * 60}.{'v' * 20}.de",
            "Die E-Mail-Adresse darf höchstens 254 Zeichen lang sein",
        ),
        ("password1", "", "Geben Sie ein Passwort ein"),
        ("password1", "kurz", "Das Passwort muss mindestens 10 Zeichen haben"),
        ("password1", "password123", "Wählen Sie ein Passwort, das weniger verbreitet ist"),
        ("password1", "zoe@stadt.invalid", "Das Passwort darf Ihrem Namen und Ihrer E-Mail-Adresse nicht ähneln"),
    ],
)
def test_f33_each_cause_has_its_own_sentence_and_creates_nothing(client, db, field, value, sentence):
    response = client.post("/konto/signup/", {**GOOD, field: value})
    assert sentences(response) == [sentence]
    assert not User.objects.exists()


def test_signing_up_stores_the_names_and_waits_for_the_code(client, db, mailoutbox):
    client.post("/konto/signup/", GOOD)
    user = User.objects.get()
    assert (user.email, user.get_full_name()) == ("zoe@stadt.invalid", "Zoë Nguyễn")
    assert not get_user(client).is_authenticated
    [mail] = mailoutbox
    assert "Zoë" not in mail.subject + mail.body and "Nguyễn" not in mail.body
    assert mail.subject == "Ihr Code für das Serviceportal"


def test_the_code_signs_in_and_leads_to_where_the_person_wanted_to_go(client, db, mailoutbox):
    client.post("/konto/signup/?next=/konto/profil/", {**GOOD, "next": "/konto/profil/"})
    code = re.search(r"lautet:\s+(\S+)", mailoutbox[0].body)[1]
    response = client.post("/konto/confirm-email/", {"code": code})
    assert response.url == "/konto/profil/"
    assert get_user(client).email == "zoe@stadt.invalid"


def test_a_wrong_code_has_its_own_sentence_and_signs_nobody_in(client, db):
    client.post("/konto/signup/", GOOD)
    assert sentences(client.post("/konto/confirm-email/", {"code": ""})) == ["Geben Sie den Code aus der E-Mail ein"]
    [wrong] = sentences(client.post("/konto/confirm-email/", {"code": "XXXX"}))
    assert wrong.startswith("Der Code stimmt nicht")
    assert not get_user(client).is_authenticated


def test_an_address_that_has_an_account_looks_the_same_from_outside(client, alice, mailoutbox):
    response = client.post("/konto/signup/", {**GOOD, "email": alice.email}, follow=True)
    assert "Sehen Sie in Ihr E-Mail-Postfach" in response.content.decode()
    assert User.objects.get() == alice
    assert mailoutbox[0].subject == "Ihr Konto im Serviceportal"


def test_signing_in_names_empty_fields_and_a_pair_that_does_not_fit(client, alice):
    confirmed(alice)
    assert sentences(client.post("/konto/login/", {})) == [
        "Geben Sie Ihre E-Mail-Adresse ein",
        "Geben Sie Ihr Passwort ein",
    ]
    [pair] = sentences(client.post("/konto/login/", {"login": alice.email, "password": "falsch"}))
    assert pair == "E-Mail-Adresse und Passwort passen nicht zusammen. Prüfen Sie beide Angaben"
    assert not get_user(client).is_authenticated


def test_the_fifth_wrong_password_locks_for_five_minutes_also_with_the_right_one(client, alice):
    confirmed(alice)
    for _ in range(5):
        client.post("/konto/login/", {"login": alice.email, "password": "falsch"})
    response = client.post("/konto/login/", {"login": alice.email, "password": "ein gutes Kennwort"})
    assert sentences(response) == ["Das waren zu viele Versuche. Warten Sie fünf Minuten und beginnen Sie neu"]
    assert not get_user(client).is_authenticated


def test_f53_password_managers_recognise_every_field(client, alice):
    page = client.get("/konto/login/").content.decode()
    assert 'autocomplete="username"' in page and 'autocomplete="current-password"' in page
    page = client.get("/konto/signup/").content.decode()
    for token in ("given-name", "family-name", "email", "new-password"):
        assert f'autocomplete="{token}"' in page
    assert "placeholder" not in page and " required" not in page and page.count("novalidate") == 1


def test_a_new_password_by_mail(client, alice, mailoutbox):
    confirmed(alice)
    client.post("/konto/password/reset/", {"email": alice.email})
    link = re.search(r"http://testserver(\S+)", mailoutbox[0].body)[1]
    form = client.get(link, follow=True).redirect_chain[-1][0]
    assert sentences(client.post(form, {"password1": "kurz"})) == ["Das Passwort muss mindestens 10 Zeichen haben"]
    client.post(form, {"password1": "vier blaue Stühle"})
    alice.refresh_from_db()
    assert alice.check_password("vier blaue Stühle")
    assert mailoutbox[1].subject == "Ihr Passwort wurde geändert"
    assert "IP" not in mailoutbox[1].body


def test_an_unknown_address_is_told_only_by_mail(client, db, mailoutbox):
    response = client.post("/konto/password/reset/", {"email": "niemand@stadt.invalid"}, follow=True)
    assert "Wir haben Ihnen eine E-Mail geschickt" in response.content.decode()
    assert mailoutbox[0].subject == "Kein Konto mit dieser Adresse"


def test_changing_the_password_asks_for_the_old_one(client, alice):
    client.force_login(confirmed(alice), backend="django.contrib.auth.backends.ModelBackend")
    wrong = client.post("/konto/password/change/", {"oldpassword": "falsch", "password1": "vier blaue Stühle"})
    assert sentences(wrong) == ["Das bisherige Passwort stimmt nicht. Geben Sie es noch einmal ein"]
    right = {"oldpassword": "ein gutes Kennwort", "password1": "vier blaue Stühle"}
    response = client.post("/konto/password/change/", right, follow=True)
    assert response.redirect_chain[-1][0] == "/konto/profil/"
    assert "Ihr neues Passwort ist gespeichert." in response.content.decode()


def test_a_new_address_counts_once_its_code_is_typed(client, alice, mailoutbox):
    client.force_login(confirmed(alice), backend="django.contrib.auth.backends.ModelBackend")
    client.post("/konto/email/", {"email": "neu@stadt.invalid", "action_add": ""})
    alice.refresh_from_db()
    assert alice.email == "alice@stadt.invalid"
    code = re.search(r"lautet:\s+(\S+)", mailoutbox[0].body)[1]
    client.post("/konto/confirm-email/", {"code": code})
    alice.refresh_from_db()
    assert alice.email == "neu@stadt.invalid"
