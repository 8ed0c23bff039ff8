"""The portal, and at /messung/ what it has cost this process so far: CPU seconds, requests, statements."""

import json
import threading
import time

from django.db.backends.signals import connection_created

from portal.wsgi import application as portal

ASKED = "/messung/"


class Cost:
    """Counted over all threads of the process."""

    def __init__(self) -> None:
        self.requests = self.statements = 0
        self._lock = threading.Lock()

    def __call__(self, execute, sql, params, many, context):
        with self._lock:
            self.statements += 1
        return execute(sql, params, many, context)

    def watch(self, sender, connection, **kwargs):
        """Each thread has its connection; a pooled one is opened anew by each request."""
        if self not in connection.execute_wrappers:
            connection.execute_wrappers.append(self)

    def told(self) -> bytes:
        figures = {"cpu_s": time.process_time(), "requests": self.requests, "statements": self.statements}
        return json.dumps(figures).encode()


cost = Cost()
connection_created.connect(cost.watch)


def application(environ, start_response):
    if environ["PATH_INFO"] == ASKED:
        body = cost.told()
        start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
        return [body]
    cost.requests += 1
    return portal(environ, start_response)
