"""Big files of known texts: SHA-1 hashes in order, one "HASH" or "HASH:count" a line, searched on disk.

The layout in which Have I Been Pwned offers its list of leaked passwords for download (some ten gigabytes).
"""

import hashlib
import os
import pathlib
import re


def contains(path: pathlib.Path, text: str) -> bool:
    """Binary search by byte position in a file of sorted SHA-1 lines. Raises OSError."""
    wanted = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest().upper().encode()
    with path.open("rb") as file:
        low, high = 0, os.fstat(file.fileno()).st_size
        while low < high:  # lines that begin before low are smaller, those that begin at high or later are greater
            middle = (low + high) // 2
            file.seek(max(0, middle - 1))
            if middle:
                file.readline()  # the rest of the line before
            found = file.readline()[:40].upper()
            if found == wanted:
                return True
            if found and found < wanted:
                low = file.tell()
            else:
                high = middle
    return False


def is_list(path: pathlib.Path) -> bool:
    """Whether a file looks like such a list: three hashes in order at its start."""
    with path.open("rb") as file:
        lines = [file.readline().strip() for _ in range(3)]
    found = [line[:40].upper() for line in lines if line]
    return bool(found) and found == sorted(found) and all(re.fullmatch(rb"[0-9A-F]{40}(:\d+)?", x) for x in found)
