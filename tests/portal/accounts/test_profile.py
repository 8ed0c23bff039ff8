"""Each datum has a source and a level; a surer one never gives way to a less sure one."""

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.accounts import consents, keys, profile
from portal.accounts.levels import TrustLevel
from portal.accounts.models import Consent, PersonDatum, PersonKey
from portal.common.crypto import CannotOpen, KeyDestroyed

HIGH, SUBSTANTIAL, BASIC = TrustLevel.HIGH, TrustLevel.SUBSTANTIAL, TrustLevel.BASIC


def known(user) -> dict[str, tuple[str, str, int]]:
    return {d.name: (d.value, d.source, int(d.level)) for d in profile.of(user)}


def test_what_others_say_carries_its_source_and_level(alice):
    profile.record(alice, source="bundid", data={"birth_date": ("1985-04-03", HIGH), "street": ("Weg 1", BASIC)})
    assert known(alice)["birth_date"] == ("1985-04-03", "bundid", 3)
    assert known(alice)["street"] == ("Weg 1", "bundid", 1)
    assert [d.label for d in profile.of(alice)][:3] == ["Vorname", "Familienname", "Geburtsdatum"]


def test_an_own_entry_does_not_replace_a_proven_datum_and_cannot_remove_it(alice):
    profile.record(alice, source="bayernid", data={"place": ("München", SUBSTANTIAL)})
    profile.record_own(alice, {"place": "Berlin"})
    profile.record_own(alice, {"place": ""})
    assert known(alice)["place"] == ("München", "bayernid", 2)


def test_a_less_sure_source_does_not_replace_a_surer_one_but_an_equal_one_does(alice):
    profile.record(alice, source="bundid", data={"street": ("Alt 1", SUBSTANTIAL)})
    profile.record(alice, source="bayernid", data={"street": ("Falsch 2", BASIC)})
    assert known(alice)["street"][0] == "Alt 1"
    profile.record(alice, source="bayernid", data={"street": ("Neu 3", SUBSTANTIAL)})
    assert known(alice)["street"] == ("Neu 3", "bayernid", 2)


SAID = st.lists(
    st.tuples(st.sampled_from(["own", "bayernid", "bundid"]), st.sampled_from([1, 2, 3]), st.text("ab", min_size=1))
)


@pytest.mark.slow
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=SAID)
def test_the_level_of_a_datum_never_sinks(alice, said):
    PersonDatum.objects.all().delete()
    highest = -1
    for source, level, value in said:
        profile.record(alice, source=source, data={"place": (value, TrustLevel(level))})
        highest = max(highest, 0 if source == "own" else level)
        assert known(alice)["place"][2] == highest


def test_a_proven_name_is_the_accounts_name_and_cannot_be_changed_by_hand(client, alice):
    profile.record(alice, source="bayernid", data={"given_name": ("Alicia", SUBSTANTIAL)})
    alice.refresh_from_db()
    assert alice.given_name == "Alicia"
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/konto/profil/name/").status_code == 404
    assert "BayernID, Vertrauensniveau substanziell" in client.get("/konto/profil/").content.decode()


def test_an_unknown_datum_is_a_mistake_of_the_caller(alice):
    with pytest.raises(ValueError, match="shoe_size"):
        profile.record(alice, source="bundid", data={"shoe_size": ("43", HIGH)})


def test_values_lie_sealed_under_the_persons_key(alice, bob):
    profile.record(alice, source="bundid", data={"place": ("Geheimhausen", HIGH)})
    with connection.cursor() as cursor:
        cursor.execute("select sealed from accounts_persondatum")
        assert b"Geheimhausen" not in bytes(cursor.fetchone()[0])
    keys.envelope(bob)
    PersonDatum.objects.update(user=bob)
    with pytest.raises(CannotOpen):
        profile.of(bob)


def test_after_the_key_is_destroyed_nothing_is_known_and_no_new_key_comes(alice):
    profile.record(alice, source="bundid", data={"place": ("München", HIGH)})
    keys.destroy(alice)
    assert profile.of(alice) == []
    with pytest.raises(KeyDestroyed):
        profile.record(alice, source="bundid", data={"place": ("München", HIGH)})
    assert PersonKey.objects.get().wrapped_key is None


def test_withdrawing_the_consent_deletes_what_others_said_and_keeps_it_out(client, alice):
    profile.record(alice, source="bundid", data={"place": ("München", HIGH)})
    profile.record_own(alice, {"phone": "089 123"})
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    client.post("/konto/daten/einwilligung/identity_data/", {"antwort": "nein"})
    profile.record(alice, source="bundid", data={"place": ("München", HIGH)})
    assert "place" not in known(alice) and known(alice)["phone"][0] == "089 123"
    client.post("/konto/daten/einwilligung/identity_data/", {"antwort": "ja"})
    profile.record(alice, source="bundid", data={"place": ("München", HIGH)})
    assert known(alice)["place"][0] == "München"


def test_consents_are_only_added_never_changed(alice):
    assert consents.answer(alice, consents.IDENTITY_DATA, given=True)
    assert not consents.answer(alice, consents.IDENTITY_DATA, given=True)
    for change in (Consent.objects.all().delete, lambda: Consent.objects.update(given=False)):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            change()
    assert Consent.objects.get().given


@pytest.mark.parametrize("wrong", [{"source": "own", "level": 3}, {"source": "bundid", "level": 9}])
def test_the_database_refuses_data_that_lie_about_their_level(alice, wrong):
    with pytest.raises(IntegrityError), transaction.atomic():
        PersonDatum.objects.create(user=alice, name="place", sealed=b"x", **wrong)


def test_the_database_keeps_one_row_per_datum(alice):
    rows = [PersonDatum(user=alice, name="place", sealed=b"x", source="own", level=0) for _ in range(2)]
    with pytest.raises(IntegrityError), transaction.atomic():
        PersonDatum.objects.bulk_create(rows)


def test_address_and_phone_are_typed_kept_and_removed(client, alice):
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    client.post("/konto/profil/adresse/", {"street": "Weg 1", "postcode": "80469", "place": "München", "phone": ""})
    page = client.get("/konto/profil/").content.decode()
    assert "Weg 1" in page and "Eigene Angabe" in page
    client.post("/konto/profil/adresse/", {"street": "", "postcode": "80469", "place": "München", "phone": ""})
    assert "street" not in known(alice) and known(alice)["postcode"][0] == "80469"


def test_wishes_are_kept_and_silence_the_mail_about_new_devices(client, alice, mailoutbox):
    from portal.accounts import sign_ins

    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    kinds = ("message", "status", "payment", "appointment")
    wishes = {"language": "de-leicht"} | {f"mail_{kind}": "none" for kind in kinds}
    client.post("/konto/profil/sprache-und-hinweise/", wishes)
    client.defaults["HTTP_USER_AGENT"] = "Firefox/140 Windows"
    client.post("/verwaltung/login/", {"username": alice.email, "password": "ein gutes Kennwort"})
    alice.refresh_from_db()
    assert alice.preferences.language == "de-leicht"
    assert sign_ins.sweep_notices() == 0
