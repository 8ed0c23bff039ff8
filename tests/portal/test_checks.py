"""Nothing starts with settings that are missing, contradict each other, or belong to the demo."""

import os
import pathlib
import runpy
import string
import subprocess
import sys
from types import SimpleNamespace

import pytest
from asn1crypto import pem

from portal import checks
from portal.documents import seal_key
from tests.faults.processes import OURS, ROOT, clean_environment
from tests.portal.production import KEY, environment

DEMO_KEY = "demo:ZGVtby1kZW1vLWRlbW8tZGVtby1kZW1vLWRlbW8tISE="
PROGRAMS = {
    "web": [sys.executable, "-m", "gunicorn", "-c", "python:portal.server", "portal.wsgi"],
    "worker": [sys.executable, "-m", "celery", "-A", "portal", "worker", "--pool", "solo"],
    "beat": [sys.executable, "-m", "celery", "-A", "portal", "beat", "--pidfile", ""],
    "command": [sys.executable, "manage.py", "check"],
}


@pytest.fixture
def production(tmp_path):
    return environment(tmp_path)


def _start(program: str, variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        PROGRAMS[program], cwd=ROOT, env=clean_environment(**variables), capture_output=True, text=True, timeout=60
    )


def _found(variables: dict[str, str]) -> list[int]:
    """The numbers of the problems with these variables: the settings file is read anew with nothing else set."""
    with pytest.MonkeyPatch.context() as patch:
        for name in os.environ:
            if name.startswith(OURS):
                patch.delenv(name)
        for name, value in variables.items():
            patch.setenv(name, value)
        conf = SimpleNamespace(**runpy.run_path(str(ROOT / "portal" / "settings.py")))
    return [number for number, _ in checks.problems(conf)]


def test_a_complete_environment_has_no_problem(production):
    assert _found(production) == []


@pytest.mark.parametrize(
    ("name", "value", "number"),
    [
        ("PORTAL_SEAL_URL", "http://siegel.stadt.de", 80),
        ("PORTAL_SEAL_CREDENTIAL", "", 81),
        ("PORTAL_SEAL_TOKEN", "", 81),
        ("PORTAL_SEAL_CERTIFICATES", "", 82),
        ("PORTAL_SEAL_CERTIFICATES", "/gibt/es/nicht.pem", 82),
    ],
)
def test_a_trust_service_needs_address_credential_token_and_certificate(production, tmp_path, name, value, number):
    _key, own = seal_key.load(pathlib.Path(production["PORTAL_SEAL_KEY_FILE"]), production["PORTAL_SEAL_PASSWORD"])
    (tmp_path / "siegel.pem").write_bytes(pem.armor("CERTIFICATE", own[0].dump()))
    remote = production | {
        "PORTAL_SEALER": "portal.documents.remote_seal.RemoteSealer",
        "PORTAL_SEAL_KEY_FILE": "",
        "PORTAL_SEAL_URL": "https://siegel.stadt.de/csc/v2",
        "PORTAL_SEAL_CREDENTIAL": "siegel-1",
        "PORTAL_SEAL_TOKEN": "geheim",
        "PORTAL_SEAL_CERTIFICATES": str(tmp_path / "siegel.pem"),
    }
    assert _found(remote) == []
    assert _found(remote | {name: value}) == [number]


@pytest.mark.parametrize(
    ("name", "value", "number"),
    [
        ("PORTAL_SEAL_MODULE", "/gibt/es/nicht.so", 83),
        ("PORTAL_SEAL_SLOT", "", 84),
        ("PORTAL_SEAL_CREDENTIAL", "", 84),
        ("PORTAL_SEAL_PASSWORD", "", 84),
        ("PORTAL_SEAL_CERTIFICATES", "", 82),
    ],
)
def test_a_seal_module_needs_library_token_key_pin_and_certificate(production, tmp_path, name, value, number):
    _key, own = seal_key.load(pathlib.Path(production["PORTAL_SEAL_KEY_FILE"]), production["PORTAL_SEAL_PASSWORD"])
    (tmp_path / "siegel.pem").write_bytes(pem.armor("CERTIFICATE", own[0].dump()))
    module = production | {
        "PORTAL_SEALER": "portal.documents.hardware_seal.HardwareSealer",
        "PORTAL_SEAL_KEY_FILE": "",
        "PORTAL_SEAL_MODULE": str(tmp_path / "siegel.pem"),  # any file that can be read
        "PORTAL_SEAL_SLOT": "siegel",
        "PORTAL_SEAL_CREDENTIAL": "2026",
        "PORTAL_SEAL_CERTIFICATES": str(tmp_path / "siegel.pem"),
    }
    assert _found(module) == []
    assert _found(module | {name: value}) == [number]


def test_an_empty_environment_names_everything_that_is_missing():
    nowhere = {"PORTAL_FILE_STORE": "/gibt/es/nicht", "PORTAL_STATIC_ROOT": "/gibt/es/nicht"}
    assert _found(nowhere) == [1, 3, 6, 8, 12, 15, 18, 20, 23, 25, 27, 50, 72]


@pytest.mark.parametrize(
    ("name", "value", "number"),
    [
        ("PORTAL_INTAKE_IMAP_HOST", "imap.stadt.de", 75),
        ("PORTAL_INTAKE_SCAN_FOLDER", "/gibt/es/nicht", 77),
        ("PORTAL_INTAKE_MAIL_FOLDER", "/gibt/es/nicht", 77),
        ("PORTAL_DKIM_KEY_FILE", "/gibt/es/nicht.pem", 85),
        ("PORTAL_NEWSLETTER_RETURN", "viel-zu-lange-adresse@stadt.de", 87),
        ("PORTAL_NEWSLETTER_MAIL_FOLDER", "/gibt/es/nicht", 88),
        ("PORTAL_SECRET_KEY", "", 1),
        ("PORTAL_SECRET_KEY", "zu kurz", 2),
        ("PORTAL_SECRET_KEY", "a" * 60, 2),
        ("PORTAL_SECRET_KEY", "insecure-" + string.ascii_letters, 2),
        ("PORTAL_KEKS", "", 3),
        ("PORTAL_KEKS", "2026:kurz", 4),
        ("PORTAL_KEKS", DEMO_KEY, 5),
        ("PORTAL_KEKS", f"2026:{KEY},{DEMO_KEY}", 5),
        ("PORTAL_SCANNER", "portal.documents.scans.signatures.SignatureScanner", 70),
        ("PORTAL_SCANNER", "gibt.es.nicht", 71),
        ("PORTAL_CLAMD", "", 72),
        ("PORTAL_CLAMD", "clamav:3310", 73),
        ("PORTAL_CLAMD", "tcp://clamav", 73),
        ("PORTAL_EXCHANGE_SCAN_WINDOW_BYTES", "1048576", 90),
        ("PORTAL_EXCHANGE_SCAN_WINDOW_BYTES", "5368709120", 90),
        ("PORTAL_ADMIN_HOST", "", 50),
        ("PORTAL_ADMIN_HOST", "https://intern.stadt.de/", 51),
        ("PORTAL_ADMIN_HOST", "portal.stadt.de", 52),
        ("PORTAL_ADMIN_HOST", "verwaltung.stadt.de", 53),
        ("PORTAL_STAFF_IDLE_SECONDS", "60", 55),
        ("PORTAL_STAFF_IDLE_SECONDS", "7200", 55),
        ("PORTAL_STAFF_SESSION_SECONDS", "86400", 56),
        ("PORTAL_HOSTS", "", 6),
        ("PORTAL_HOSTS", "portal.stadt.de,*", 7),
        ("PORTAL_URL", "http://portal.stadt.de", 8),
        ("PORTAL_URL", "https://anders.stadt.de", 9),
        ("STRIPE_SECRET_KEY", "", 12),
        ("STRIPE_SECRET_KEY", "pk_live_abc", 13),
        ("STRIPE_SECRET_KEY", "sk_test_abc", 14),
        ("PORTAL_STRIPE_TEST", "1", 14),
        ("STRIPE_WEBHOOK_SECRETS", "", 15),
        ("STRIPE_WEBHOOK_SECRETS", "whsec_a,sk_live_b", 16),
        ("STRIPE_API_BASE", "http://127.0.0.1:8100", 17),
        ("PORTAL_SEAL_KEY_FILE", "", 18),
        ("PORTAL_SEAL_KEY_FILE", "/gibt/es/nicht.p12", 19),
        ("PORTAL_SEAL_PASSWORD", "falsch", 19),
        ("PORTAL_VERIFY_KEY", "", 20),
        ("PORTAL_VERIFY_KEY", "###", 21),
        ("PORTAL_VERIFY_KEY", DEMO_KEY, 22),
        ("PORTAL_MAIL_FROM", "portal@stadt.invalid", 23),
        ("PORTAL_MAIL_BACKEND", "django.core.mail.backends.filebased.EmailBackend", 24),
        ("PORTAL_FILE_STORE", "/gibt/es/nicht", 25),
        ("PORTAL_STATIC_ROOT", "/gibt/es/nicht", 27),
        ("PORTAL_PROXIES", "0", 28),
    ],
)
def test_each_wrong_value_is_found_alone(production, name, value, number):
    production |= {"PORTAL_DKIM_DOMAIN": "stadt.de"}
    assert _found(production | {name: value}) == [number]


@pytest.mark.parametrize(
    ("name", "value", "number"),
    [
        ("PORTAL_URL", "https://portal.stadt.de", 10),
        ("PORTAL_HOSTS", "127.0.0.1,portal.stadt.de", 11),
        ("PORTAL_URL", "http://10.0.0.5:8000", 11),
        ("STRIPE_SECRET_KEY", "sk_live_abc", 26),
    ],
)
@pytest.mark.parametrize("mode", ["PORTAL_DEMO", "PORTAL_DEBUG"])
def test_a_demo_is_private(mode, name, value, number):
    assert _found({mode: "1"}) == []
    assert _found({mode: "1", name: value}) == [number]


def test_a_staging_system_says_that_it_tests(production):
    assert _found(production | {"PORTAL_STRIPE_TEST": "1", "STRIPE_SECRET_KEY": "sk_test_abc"}) == []


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.slow
def test_no_program_starts_with_wrong_settings(production, program):
    done = _start(program, production | {"PORTAL_KEKS": "", "PORTAL_URL": "http://portal.stadt.de"})
    assert done.returncode == 1
    assert "portal.E003" in done.stderr
    assert "PORTAL_URL ist „http://portal.stadt.de“" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("program", ["web", "worker"])
def test_nonsense_in_the_environment_is_one_sentence(production, program):
    done = _start(program, production | {"PORTAL_UPLOAD_MAX_BYTES": "viel"})
    assert done.returncode == 1
    assert "PORTAL_UPLOAD_MAX_BYTES muss eine ganze Zahl sein, nicht „viel“." in done.stderr
    assert "Traceback" not in done.stderr


def test_every_sentence_names_its_variable_and_says_what_to_do(settings):
    settings.DEMO = False
    settings.SECRET_KEY = settings.KEY_ENCRYPTION_KEYS = settings.VERIFY_KEY = ""
    settings.ALLOWED_HOSTS = []
    for _, sentence in checks.problems():
        assert sentence.split()[0].rstrip(":").startswith(("PORTAL_", "STRIPE_"))
        assert sentence.endswith(".")
        assert sentence.count(".") >= 1


@pytest.mark.slow
def test_the_deployment_checks_find_nothing_in_a_complete_environment(production):
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    done = subprocess.run(command, cwd=ROOT, env=clean_environment(**production), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
