"""A folder that another program empties: whole files or none, and never the same parcel twice.

The content is written under a hidden name, flushed and renamed; then its manifest is written to ".handed" and linked
into the folder. Whoever empties it waits for the manifest and takes both. Our copy of the manifest stays: by it a try
that is repeated after a crash knows what the first one has handed over, also when the other side has taken it since.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

LEDGER = ".handed"


def put(folder: Path, name: str, content: Mapping[str, bytes], manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Lay `content` (ending -> bytes) and the manifest into the folder as <name><ending> and <name>.json.

    Returns the manifest that counts: this one, or that of an earlier try. Raises OSError, with nothing half visible.
    """
    ledger, shown = folder / LEDGER / f"{name}.json", folder / f"{name}.json"
    ledger.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
    if not ledger.exists():
        for ending, data in content.items():
            _whole(folder / f"{name}{ending}", data)
        _whole(ledger, json.dumps(dict(manifest), ensure_ascii=False, indent=1, sort_keys=True).encode())
    taken = any(not (folder / f"{name}{ending}").exists() for ending in content)
    if not taken and not shown.exists():
        os.link(ledger, shown)
        _flush(folder)
    kept: dict[str, Any] = json.loads(ledger.read_bytes())
    return kept


def _whole(path: Path, data: bytes) -> None:
    part = path.with_name(f".{path.name}.part")
    with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o640), "wb") as target:
        target.write(data)
        target.flush()
        os.fsync(target.fileno())
    part.replace(path)
    _flush(path.parent)


def _flush(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
