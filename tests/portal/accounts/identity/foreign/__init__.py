"""Runs a foreign OpenID provider: the npm package oidc-provider in Node, installed once by its lock file."""

import fcntl
import hashlib
import pathlib
import shutil
import socket
import subprocess

import pytest
import requests

HERE = pathlib.Path(__file__).parent
VAR = pathlib.Path(__file__).resolve().parents[5] / "var"


def installed(source: pathlib.Path = HERE, name: str = "oidc-provider", server: str = "server.mjs") -> pathlib.Path:
    """A folder with the server and its packages, below var/."""
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.fail("Node fehlt: apt-get install nodejs npm")
    lock = (source / "package-lock.json").read_bytes()
    folder = VAR / f"{name}-{hashlib.sha256(lock).hexdigest()[:12]}"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as mutex:
        fcntl.flock(mutex, fcntl.LOCK_EX)
        if not (folder / "complete").exists():
            for file in ("package.json", "package-lock.json"):
                shutil.copy(source / file, folder)
            command = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
            subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=240)
            (folder / "complete").touch()
    shutil.copy(source / server, folder)
    return folder


class ForeignProvider:
    def __init__(self, callback: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.issuer = f"http://127.0.0.1:{port}"
        self.process = subprocess.Popen(
            ["node", "server.mjs", str(port), callback],
            cwd=installed(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert self.process.stdout is not None and self.process.stdout.readline() == b"ready\n"

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)

    def walk(self, address: str, back: str, **choices: str) -> str:
        """What a browser does between our redirect and the way back to us: the address it is sent to at the end."""
        with requests.Session() as browser:
            for _ in range(10):
                response = browser.get(address, allow_redirects=False, timeout=10)
                assert response.is_redirect, response.text
                address = requests.compat.urljoin(address, response.headers["Location"])
                if address.startswith(back):
                    return address
                if "/interaction/" in address:
                    address += "?" + requests.compat.urlencode(choices)
        raise AssertionError(address)
