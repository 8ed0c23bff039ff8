"""A disk that is really full: what cannot be stored is told and waits, and goes out once when there is room again.

The disk is a small tmpfs in a mount namespace of its own (unshare(1)), seen by one process of the house only.
"""

import os
import subprocess
import sys

import pytest
from django.conf import settings as django_settings

from forms_engine.cases.models import Paper
from mailbox.models import Message, Notice
from portal.documents.models import StoredFile
from tests import make
from tests.faults.test_story import SETUP, _files, env, run  # noqa: F401 - fixtures

pytestmark = [pytest.mark.faults, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
# Root needs no names of its own to mount, and with them could not reach PostgreSQL, which runs for somebody else.
FENCE = ["unshare", *([] if os.geteuid() == 0 else ["--user", "--map-root-user"]), "--mount", "sh", "-c"]


def _can_mount() -> bool:
    try:
        return subprocess.run([*FENCE, "mount -t tmpfs none /mnt"], capture_output=True).returncode == 0
    except FileNotFoundError:
        return False


needs_namespace = pytest.mark.skipif(not _can_mount(), reason="Diese Maschine erlaubt keine eigenen Namensräume")


def run_on_disk(size: str, code: str, env: dict[str, str]) -> "subprocess.CompletedProcess[str]":  # noqa: F811 - no fixture
    """A Python process of the house whose file store is a disk of that size."""
    mounted = f'mkdir -p "$PORTAL_FILE_STORE" && mount -t tmpfs -o size={size} none "$PORTAL_FILE_STORE" && exec "$@"'
    argv = [*FENCE, mounted, "sh", sys.executable, "-c", SETUP + code]
    return subprocess.run(argv, env=env, cwd=django_settings.BASE_DIR, capture_output=True, text=True, check=False)


@needs_namespace
def test_a_letter_waits_for_room_and_is_delivered_once(alice, env):  # noqa: F811 - the fixture
    paper = make.case(alice).papers.get()
    issue = f"from forms_engine.cases import issuing; issuing.issue({paper.pk})"
    full = run_on_disk("16k", issue, env)
    paper.refresh_from_db()
    assert "kein Platz mehr" in paper.last_error, full.stderr
    assert (paper.state, paper.attempts, paper.lease_until) == ("queued", 0, None)  # it is not the letter's fault
    assert (paper.stored_id, Message.objects.count()) == (None, 0)

    Paper.objects.filter(pk=paper.pk).update(due_at=paper.ordered_at)
    assert run(issue, env) == 0
    paper.refresh_from_db()
    assert (paper.state, Message.objects.count()) == ("issued", 1)
    assert Notice.objects.filter(plan_day=0).count() == 1


@needs_namespace
def test_nothing_half_is_left_of_a_file_that_did_not_fit(env):  # noqa: F811 - the fixture
    code = """
import os
from django.conf import settings
from portal.documents import store
try:
    store.put(b"x" * 100_000, media_type="text/plain")
except OSError as error:
    print(error.errno, sum(len(files) for _, _, files in os.walk(settings.FILE_STORE)))
print(store.read(store.put(b"passt", media_type="text/plain")))
"""
    told = run_on_disk("64k", code, env)
    assert told.stdout.split() == ["28", "0", "b'passt'"], told.stderr
    assert StoredFile.objects.count() == 1
