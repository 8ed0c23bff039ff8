"""The reference client and server of the tus protocol, from npm, installed once by the lock file beside this one."""

import fcntl
import hashlib
import json
import pathlib
import shutil
import subprocess

import pytest

HERE = pathlib.Path(__file__).parent
VAR = pathlib.Path(__file__).resolve().parents[4] / "var"


def installed() -> pathlib.Path:
    """A folder with the programs and their packages, below var/. Skips where the registry cannot be reached."""
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.fail("Node fehlt: apt-get install nodejs npm")
    lock = (HERE / "package-lock.json").read_bytes()
    folder = VAR / f"foreign-tus-{hashlib.sha256(lock).hexdigest()[:12]}"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as mutex:
        fcntl.flock(mutex, fcntl.LOCK_EX)
        if not (folder / "complete").exists():
            for file in ("package.json", "package-lock.json"):
                shutil.copy(HERE / file, folder)
            command = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
            done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=240)
            if done.returncode:
                pytest.skip(f"Die Registry von npm ist nicht erreichbar: {done.stderr[-200:]}")
            (folder / "complete").touch()
    for program in ("client.mjs", "server.mjs"):
        shutil.copy(HERE / program, folder)
    return folder


def begin(**said) -> subprocess.Popen[str]:
    """A process of tus-js-client that uploads (client.mjs says what it understands)."""
    command = ["node", "client.mjs", json.dumps(said)]
    return subprocess.Popen(command, cwd=installed(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def outcome(process: subprocess.Popen[str], seconds: float = 120) -> dict[str, str]:
    said, complaints = process.communicate(timeout=seconds)
    assert said, complaints
    return json.loads(said.splitlines()[-1])
