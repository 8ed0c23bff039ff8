"""A stand-in for demo and tests that knows one signature: the test file of EICAR. It protects nobody."""

from collections.abc import Iterator

from portal.documents.scans.base import Verdict

NAME = "Demo-Scanner (nur EICAR)"
# In two parts, so that no scanner takes this source for the test file.
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


class SignatureScanner:
    def version(self) -> str:
        return NAME

    def scan(self, pieces: Iterator[bytes]) -> Verdict:
        tail = b""
        for piece in pieces:
            seen = tail + piece
            if EICAR in seen:
                return Verdict("Eicar-Test-Signature", NAME)
            tail = seen[-len(EICAR) :]
        return Verdict("", NAME)
