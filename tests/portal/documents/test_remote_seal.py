"""The seal of a trust service, over real HTTP on loopback: it sees a hash, and what it sends back is judged."""

import base64
import contextlib
import datetime as dt
import http.server
import json
import threading
from collections.abc import Iterator

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

from forms_engine.cases import issuing
from forms_engine.cases.models import Paper
from portal.common import clock
from portal.documents import render, seal, seal_key
from portal.documents.seal import SealUnavailable
from tests import make
from tests.portal.documents import samples

AT = dt.datetime(2026, 3, 2, 10, 15, 30, tzinfo=dt.UTC)
TOKEN = "geheim-7"


class Partner(http.server.ThreadingHTTPServer):
    """A trust service with one key. `answers`: status or body to give instead, one a request."""

    def __init__(self, key: ec.EllipticCurvePrivateKey):
        super().__init__(("127.0.0.1", 0), Answering)
        self.key = key
        self.heard: list[tuple[str, str, dict]] = []
        self.answers: list[int | bytes] = []


class Answering(http.server.BaseHTTPRequestHandler):
    server: Partner

    def do_POST(self) -> None:
        said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.heard.append((self.path, self.headers["Authorization"], said))
        status, body = 200, json.dumps(self.answer(said)).encode()
        if self.server.answers:
            planned = self.server.answers.pop(0)
            status, body = (planned, b"{}") if isinstance(planned, int) else (200, planned)
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def answer(self, said: dict) -> dict:
        if self.path.endswith("/credentials/authorize"):
            return {"SAD": "erlaubt", "expiresIn": 60}
        assert said["SAD"] == "erlaubt"
        digest = base64.b64decode(said["hashes"][0])
        signature = self.server.key.sign(digest, ec.ECDSA(utils.Prehashed(hashes.SHA256())))
        return {"signatures": [base64.b64encode(signature).decode()]}

    def log_message(self, *_: object) -> None:
        pass


@contextlib.contextmanager
def running(key: ec.EllipticCurvePrivateKey) -> Iterator[Partner]:
    with Partner(key) as partner:
        threading.Thread(target=partner.serve_forever, args=(0.02,), daemon=True).start()
        yield partner
        partner.shutdown()


@pytest.fixture
def partner(settings, tmp_path):
    key, chain = seal_key.load(settings.SEAL_KEY_FILE, settings.SEAL_PASSWORD)
    pem_file = tmp_path / "siegel.pem"
    body = base64.encodebytes(chain[0].dump()).decode()
    pem_file.write_text(f"-----BEGIN CERTIFICATE-----\n{body}-----END CERTIFICATE-----\n")
    with running(key) as found:
        settings.SEALER = "portal.documents.remote_seal.RemoteSealer"
        settings.SEAL_CERTIFICATES, settings.SEAL_KEY_FILE = pem_file, None
        settings.SEAL_URL = f"http://127.0.0.1:{found.server_address[1]}/csc/v2"
        settings.SEAL_CREDENTIAL, settings.SEAL_TOKEN = "siegel-1", TOKEN
        seal._sealer.cache_clear()
        yield found
    seal._sealer.cache_clear()


def sealed(pdf: bytes) -> bytes:
    return seal.get_sealer().seal(pdf, reason="Bescheid", at=AT)


def test_a_remote_seal_holds_like_our_own_and_keeps_the_standards(partner):
    pdf = samples.small()
    done = sealed(pdf)
    assert seal.verify(done) == seal.Verdict(True, seal_key.DEMO_NAME, AT, True)
    assert done.startswith(pdf) and render.check_pdf(done) == []


def test_the_trust_service_gets_the_hash_and_the_token_and_nothing_of_the_letter(partner):
    sealed(samples.small())
    assert [path for path, _, _ in partner.heard] == ["/csc/v2/credentials/authorize", "/csc/v2/signatures/signHash"]
    for _, token, said in partner.heard:
        assert token == f"Bearer {TOKEN}" and said["credentialID"] == "siegel-1"
        assert set(said) <= {"credentialID", "hashes", "hashAlgorithmOID", "numSignatures", "SAD", "signAlgo"}
        assert [len(base64.b64decode(one)) for one in said["hashes"]] == [32]


@pytest.mark.parametrize(
    "answer", [503, 401, 302, b"nonsense", b"[]", b"{}", b'{"signatures": []}', b'{"signatures": ["%%"]}']
)
def test_whatever_is_no_signature_is_told_as_out_of_order(partner, answer):
    partner.answers = [b'{"SAD": "erlaubt"}', answer]
    with pytest.raises(SealUnavailable):
        sealed(samples.small())


def test_a_signature_of_another_key_is_refused(partner):
    partner.key = ec.generate_private_key(ec.SECP256R1())
    with pytest.raises(SealUnavailable, match="passt nicht zum Zertifikat"):
        sealed(samples.small())


@pytest.mark.slow
@pytest.mark.django_db
def test_a_letter_waits_while_the_trust_service_is_out_of_order_and_is_sealed_later(partner, alice, settings, tmp_path):
    settings.FILE_STORE = tmp_path / "files"
    paper = make.case(alice).papers.get()
    partner.answers = [503]
    assert not issuing.issue(paper.pk)
    paper.refresh_from_db()
    assert (paper.state, paper.attempts, paper.lease_until) == ("queued", 0, None) and paper.due_at > clock.now()
    assert "503" in paper.last_error
    with clock.frozen(paper.due_at):
        assert issuing.issue(paper.pk)
    assert Paper.objects.get(pk=paper.pk).state == "issued"
