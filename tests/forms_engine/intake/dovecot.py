"""A genuine mail server as a child of the test: Dovecot with one mailbox, IMAP over TLS on a loopback address.

Own configuration, own folder, an authority of its own. Debian's package dovecot-imapd has the program; its service may
run or stand still, nothing here touches it.
"""

import contextlib
import datetime as dt
import imaplib
import ipaddress
import os
import pathlib
import pwd
import shutil
import socket
import ssl
import subprocess
import time

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from portal.common import clock

PROGRAM = shutil.which("dovecot", path=f"{os.environ['PATH']}:/usr/sbin")
needs_dovecot = pytest.mark.skipif(PROGRAM is None, reason="Dovecot fehlt: apt-get install dovecot-imapd")
ADDRESS = "127.0.0.2"  # loopback as well, but no name for the same machine: it takes TLS
USER, PASSWORD = "eingang@stadt.invalid", "geheim-ß-größer"
READY = 20  # seconds


class Dovecot:
    def __init__(self, folder: pathlib.Path, port: int):
        self._folder, self.port = folder, port
        self.authority = folder / "cert.pem"
        _certify(folder)
        me = pwd.getpwuid(os.getuid()).pw_name
        # As root it works for users of its own, which the package made, and gives the mailbox to nobody.
        owner = pwd.getpwnam("nobody") if me == "root" else pwd.getpwuid(os.getuid())
        alone = "" if me == "root" else f"default_internal_user = {me}\ndefault_login_user = {me}\n"
        (folder / "mail").mkdir()
        os.chown(folder / "mail", owner.pw_uid, owner.pw_gid)
        (folder / "conf").write_text(
            f"""
base_dir = {folder}/run
log_path = {folder}/log
protocols = imap
listen = {ADDRESS}
ssl = required
ssl_cert = <{folder}/cert.pem
ssl_key = <{folder}/key.pem
{alone}first_valid_uid = 1
mail_location = maildir:{folder}/mail
auth_mechanisms = plain login
passdb {{
  driver = static
  args = password={PASSWORD}
}}
userdb {{
  driver = static
  args = uid={owner.pw_uid} gid={owner.pw_gid} home={folder}/mail
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = {port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
""",
            encoding="utf-8",
        )
        self._process = subprocess.Popen([PROGRAM, "-F", "-c", str(folder / "conf")], stdin=subprocess.DEVNULL)
        self._wait()

    def _wait(self) -> None:
        ends = time.monotonic() + READY
        while True:
            with contextlib.suppress(OSError, imaplib.IMAP4.error):
                self.client().logout()
                return
            log = self._folder / "log"
            told = log.read_text() if log.exists() else "no log"
            assert self._process.poll() is None and time.monotonic() < ends, told
            time.sleep(0.1)

    def client(self) -> imaplib.IMAP4_SSL:
        """Somebody else who looks into the mailbox."""
        trust = ssl.create_default_context(cafile=str(self.authority))
        line = imaplib.IMAP4_SSL(ADDRESS, self.port, ssl_context=trust, timeout=READY)
        line.authenticate("PLAIN", lambda _: f"\0{USER}\0{PASSWORD}".encode())
        return line

    def put(self, *messages: bytes, folder: str = "INBOX") -> None:
        with self.client() as line:
            for message in messages:
                assert line.append(folder, "", "", message)[0] == "OK"

    def found(self, folder: str = "INBOX") -> list[bytes]:
        """The messages of a folder by their numbers; its name as it goes over the wire."""
        with self.client() as line:
            kind, _told = line.select(f'"{folder}"', readonly=True)
            if kind != "OK":
                return []
            _kind, numbers = line.search(None, "ALL")
            return [line.fetch(number, "(BODY.PEEK[])")[1][0][1] for number in numbers[0].decode().split()]

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(READY)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((ADDRESS, 0))
        return probe.getsockname()[1]


def _certify(folder: pathlib.Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Mailserver der Tests")])
    now = clock.now()
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(ADDRESS))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    kept = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "key.pem").write_bytes(key.private_bytes(serialization.Encoding.PEM, *kept))
