import pytest
from django.urls import reverse

from forms_engine.definitions import actions
from forms_engine.definitions.models import FormVersion
from portal.accounts.models import Role, RoleAssignment


@pytest.fixture
def version(db):
    source = (actions.CATALOGUE / "bewohnerparkausweis.yaml").read_text(encoding="utf-8")
    return actions.publish("bewohnerparkausweis", source, by=None)


def test_operators_read_the_source_but_change_nothing(client, otto, version):
    client.force_login(otto)
    page = reverse("admin:definitions_formversion_change", args=[version.id])
    response = client.get(page)
    assert "leika:" in response.text and "Haben Sie einen privaten Stellplatz?" in response.text
    assert client.post(page, {"number": 9}).status_code == 403
    assert client.post(reverse("admin:definitions_formversion_delete", args=[version.id])).status_code == 403
    assert FormVersion.objects.get().number == 1


def test_lists_name_form_number_and_date(client, otto, version):
    client.force_login(otto)
    assert "Bewohnerparkausweis" in client.get(reverse("admin:definitions_formversion_changelist")).text
    assert version.sha256 in client.get(reverse("admin:definitions_form_change", args=[version.form_id])).text


@pytest.mark.sample(2)
@pytest.mark.parametrize("role", [None, Role.CLERK])
def test_others_see_nothing(client, bob, version, role):
    bob.is_staff = True
    bob.save(update_fields=["is_staff"])
    if role:
        RoleAssignment.objects.create(user=bob, role=role)
    client.force_login(bob)
    assert client.get(reverse("admin:definitions_formversion_changelist")).status_code == 403
