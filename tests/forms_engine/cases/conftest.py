import pytest

from tests import make
from tests.payments.conftest import fake, worker  # noqa: F401 - fixtures of the payment provider


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.FILE_STORE = tmp_path / "files"


@pytest.fixture
def case(alice):
    """Alice's application, sent, not paid."""
    return make.case(alice)


@pytest.fixture
def paid_case(case, fake):  # noqa: F811 - the fixture
    """Alice's application in review."""
    return make.paid(case, fake)
