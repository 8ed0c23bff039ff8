"""Tools from npm, installed once by the lock file beside this one, below var/. Afterwards they need no network."""

import fcntl
import hashlib
import os
import pathlib
import shutil
import subprocess

import pytest

HERE = pathlib.Path(__file__).parent
VAR = pathlib.Path(__file__).resolve().parents[2] / "var"


def program(name: str) -> pathlib.Path:
    """The command of one of the packages in package.json."""
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.fail("Node fehlt: apt-get install nodejs npm")
    files = [HERE / name for name in ("package.json", "package-lock.json")]
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]
    folder = VAR / f"browser-tools-{digest}"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as mutex:
        fcntl.flock(mutex, fcntl.LOCK_EX)
        if not (folder / "complete").exists():
            for file in files:
                shutil.copy(file, folder)
            command = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
            environment = os.environ | {"PUPPETEER_SKIP_DOWNLOAD": "1"}
            subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True, timeout=600)
            (folder / "complete").touch()
    return folder / "node_modules/.bin" / name
