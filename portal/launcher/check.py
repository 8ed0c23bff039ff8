"""One round through a running demo: pages, static files, a job through the worker. For CI and after an upgrade."""

import re
import urllib.request

from portal.launcher import forked
from portal.launcher.children import ChildDied
from portal.launcher.terminal import step

PAGES = ("/", "/konto/login/", "/verwaltung/login/")


def run(url: str) -> None:
    """Raises ChildDied with a sentence for what failed."""
    with step("Seiten und Gestaltung kommen an"):
        for page in PAGES:
            for asset in sorted(set(re.findall(r'(?:href|src)="(/static/[^"]+)"', _fetch(url + page)))):
                _fetch(url + asset)
    with step("Ein Brief ließ sich zeichnen"):
        forked.call("Das Zeichnen eines Briefs", "portal.documents.render.warm_up")
    with step("Ein Auftrag ging durch Postausgang, Worker und Protokoll"):
        forked.call("Der Probeauftrag", "portal.selftest.run")


def _fetch(address: str) -> str:
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:  # noqa: S310 - our own http address
            body: bytes = answer.read()
    except OSError as error:
        raise ChildDied(f"{address}: {error}") from None
    return body.decode("utf-8", errors="replace")
