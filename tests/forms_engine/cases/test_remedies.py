"""The instruction on legal remedies in the letter that a clerk signs, and in the time to appeal that follows."""

import re

import pytest
from django.urls import reverse

from forms_engine.cases.models import Case, Paper
from forms_engine.definitions import actions as definitions
from forms_engine.definitions import document
from forms_engine.definitions.queries import current_version
from mailbox.models import Delivery
from portal.documents import store
from tests import make
from tests.forms_engine.cases.test_papers import text_of
from tests.forms_engine.submissions.conftest import client_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def free(alice, clara):
    """Alice's permit, of a version without fee and conditions that instructs no harmless grant."""

    def made(**decision):
        source = (definitions.CATALOGUE / f"{make.FORM}.yaml").read_text(encoding="utf-8")
        data = document.read(source)
        data.pop("fee")
        data["decision"] |= {"conditions": [], "four_eyes": False} | decision
        data["decision"] = {key: value for key, value in data["decision"].items() if value is not None}
        definitions.publish(make.FORM, document.write(data), by=None)
        assert current_version(make.FORM).definition.fee is None
        return Case.objects.for_pages().get(pk=make.case(alice).pk)

    return made


def sign(case, clara, **said):
    """By the clerk's pages: the letter is looked at, then signed."""
    desk, address = client_of(clara), reverse("workplace:decide", args=[case.public_id])
    page = desk.get(reverse("workplace:case", args=[case.public_id])).content.decode()
    fields = {
        f"entscheiden-{name}": found[1]
        for name in ("valid_from", "valid_until", "area")
        if (found := re.search(rf'name="entscheiden-{name}"[^>]*value="([^"]*)"', page))
    }
    fields |= {"entscheiden-kind": "granted", "entscheiden-area": "Gärtnerplatz"}
    fields |= {f"entscheiden-{name}": value for name, value in said.items()}
    shown = desk.post(address, fields).content.decode()
    seen = re.search(r'name="vorlage" value="([^"]*)"', shown)
    done = desk.post(address, fields | {"bestaetigt": "1", "vorlage": seen[1] if seen else ""})
    assert done.status_code == 302
    make.work()
    return shown, Paper.objects.select_related("stored").get(case=case, kind="decision")


def test_a_whole_grant_without_burden_carries_none_and_there_is_nothing_to_appeal(free, clara):
    shown, paper = sign(free(remedy_for_grants=False), clara)
    assert "Rechtsbehelfsbelehrung" not in shown and "Rechtsbehelfsbelehrung" not in text_of(paper)
    assert Delivery.objects.get().instructed is None and store.read(paper.stored)


@pytest.mark.slow
def test_the_same_grant_of_a_version_from_before_is_instructed(free, clara):
    shown, paper = sign(free(), clara)
    assert "Rechtsbehelfsbelehrung" in shown and "Verwaltungsgericht" in text_of(paper)
    assert Delivery.objects.get().instructed is True


@pytest.mark.slow
def test_a_condition_of_the_clerk_burdens(free, clara):
    shown, _paper = sign(free(remedy_for_grants=False), clara, own_conditions="Nur bei Tag.")
    assert "Rechtsbehelfsbelehrung" in shown and Delivery.objects.get().instructed is True


@pytest.mark.slow
def test_a_refusal_names_objection_and_action_where_the_area_has_both(free, clara):
    case = free(remedy_for_grants=False, remedy=None, remedy_area="municipal_charges")
    said = {"kind": "refused", "reasons": ["eigener-stellplatz"], "explanation": "Nach Ortstermin.", "area": ""}
    said |= {"valid_from": "", "valid_until": ""}
    shown, paper = sign(case, clara, **said)
    for text in (shown, " ".join(text_of(paper).split())):
        assert "Widerspruch einlegen oder unmittelbar Klage erheben" in text
    assert Delivery.objects.get().instructed is True
