"""Asks this container's web process whether it can serve people. Standard library only; the status is the answer."""

import os
import sys
import urllib.error
import urllib.request

host = os.environ.get("PORTAL_HOSTS", "127.0.0.1").split(",")[0].strip()
port = os.environ.get("PORTAL_BIND", "127.0.0.1:8000").rpartition(":")[2]
# As the proxy would ask: the portal answers only to its own name, and only to what arrived encrypted.
request = urllib.request.Request(
    f"http://127.0.0.1:{port}/bereit/", headers={"Host": host, "X-Forwarded-Proto": "https"}
)
try:
    with urllib.request.urlopen(request, timeout=4) as answer:  # noqa: S310 - our own address
        sys.exit(answer.status != 200)
except (urllib.error.URLError, TimeoutError) as error:
    sys.exit(str(error))
