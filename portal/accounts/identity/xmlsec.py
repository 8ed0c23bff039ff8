"""The xmlsec1 program (package xmlsec1): the only code that makes and checks XML signatures.

Called with files of its own and a time limit. Keys are always named by us; what a document says about its key counts
for nothing. Its output is never logged: it may show the document.
"""

import contextlib
import pathlib
import shutil
import subprocess
import tempfile
from collections.abc import Iterator

SECONDS = 10


class XmlsecFailed(Exception):
    """The signature does not fit, the document cannot be read, or the program is missing."""


def is_installed() -> bool:
    return shutil.which("xmlsec1") is not None


def verify(document: bytes, certificate: str, node_name: str, number: str) -> None:
    """Raises XmlsecFailed unless the element with this ID carries a signature by this certificate (PEM)."""
    with _files(document, certificate.encode()) as (xml, pem):
        _run(
            *("--verify", "--enabled-reference-uris", "empty,same-doc", "--enabled-key-data", "raw-x509-cert"),
            *("--pubkey-cert-pem", str(pem), "--id-attr:ID", node_name, "--node-id", number, str(xml)),
        )


def sign(document: bytes, key: pathlib.Path, node_name: str, number: str) -> bytes:
    """The document with the signature prepared in the element with this ID filled in. `key`: PEM file."""
    with _files(document) as (xml,):
        return _run("--sign", "--privkey-pem", str(key), "--id-attr:ID", node_name, "--node-id", number, str(xml))


@contextlib.contextmanager
def _files(*contents: bytes) -> Iterator[tuple[pathlib.Path, ...]]:
    with tempfile.TemporaryDirectory(prefix="saml-") as folder:
        paths = tuple(pathlib.Path(folder) / str(number) for number in range(len(contents)))
        for path, content in zip(paths, contents, strict=True):
            path.write_bytes(content)
        yield paths


def _run(*arguments: str) -> bytes:
    program = shutil.which("xmlsec1")
    if program is None:
        raise XmlsecFailed("xmlsec1 ist nicht installiert")
    try:
        done = subprocess.run([program, *arguments], capture_output=True, timeout=SECONDS, check=False)  # noqa: S603 - our own words and paths
    except subprocess.TimeoutExpired:
        raise XmlsecFailed("xmlsec1 wurde nicht fertig") from None
    if done.returncode != 0:
        raise XmlsecFailed("xmlsec1 lehnt das Dokument ab")
    return done.stdout
