import pytest
from django.db import IntegrityError, transaction

from forms_engine.fim import actions
from forms_engine.fim.intake import read_files
from forms_engine.fim.models import FimSource
from tests.forms_engine.fim.samples import FARBE, HUND, made

pytestmark = pytest.mark.django_db


@pytest.fixture
def kept():
    taken = read_files({"hund.xml": HUND, "farbe.xml": FARBE})
    return actions.save_draft(made().source, taken, {}, by=None)


@pytest.mark.parametrize("wrong", [{"sha256": "kurz"}, {"standard": "1"}])
def test_the_database_refuses_what_no_import_writes(kept, wrong):
    with pytest.raises(IntegrityError), transaction.atomic():
        FimSource.objects.filter(pk=kept.pk).update(**wrong)


def test_a_version_comes_from_one_file(kept):
    with pytest.raises(IntegrityError), transaction.atomic():
        FimSource.objects.create(version=kept.version, standard="2", sha256="0" * 64, files=b"")
