"""Runs a SAML identity provider of another house: the npm package samlp in Node, installed once by its lock file."""

import pathlib
import re
import socket
import subprocess
from html import unescape
from urllib.parse import urljoin

import requests

from portal.accounts.identity.demo import keys
from tests.portal.accounts.identity.foreign import installed

HERE = pathlib.Path(__file__).parent


class ForeignSaml:
    """`folder`: keys of "bundid" for the provider, and the certificate of the portal."""

    def __init__(self, folder: keys.Folder, *, encrypt: bool = True) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        files = (folder.key("bundid"), folder.certificate("bundid"), folder.certificate(keys.PORTAL))
        self.process = subprocess.Popen(
            ["node", "server.cjs", str(port), *map(str, files), *(["encrypt"] if encrypt else [])],
            cwd=installed(HERE, "samlp", "server.cjs"),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert self.process.stdout is not None and self.process.stdout.readline() == b"ready\n"

    def metadata(self, path: pathlib.Path) -> pathlib.Path:
        path.write_bytes(requests.get(f"{self.url}/metadata", timeout=10).content)
        return path

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)


def fields(page: str) -> dict[str, str]:
    found = (dict(re.findall(r'(\w+)="([^"]*)"', tag)) for tag in re.findall(r"<input[^>]*>", page))
    return {unescape(row["name"]): unescape(row.get("value", "")) for row in found if row.get("type") == "hidden"}


def target(page: str, base: str) -> str:
    return urljoin(base, unescape(re.findall(r'action="([^"]+)"', page)[-1]))
