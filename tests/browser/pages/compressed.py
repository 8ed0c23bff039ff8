"""The portal behind the compression that its proxy does in production (docker/Caddyfile: encode)."""

import gzip
from collections.abc import Callable, Iterable
from typing import Any

from portal.wsgi import application as portal

TEXT = ("text/", "application/json", "image/svg")


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    told: list[Any] = []
    pieces = portal(environ, lambda *answer: told.append(answer))
    status, headers = told[0][0], dict(told[0][1])  # cookies may come twice, but nobody asks for them here
    if "Content-Encoding" in headers or not headers.get("Content-Type", "").startswith(TEXT):
        start_response(*told[0])
        return pieces
    body = gzip.compress(b"".join(pieces), 5)
    pieces.close()
    kept = [(name, value) for name, value in told[0][1] if name != "Content-Length"]
    start_response(status, [*kept, ("Content-Encoding", "gzip"), ("Content-Length", str(len(body)))])
    return [body]
