"""People who apply, in a process of their own: python -m tests.bench.applicants, told on standard input what to send.

Input: {"port", "each", "form": path of the start page, "sessions": [key], "pages": [[page, fields, upload or null]],
"file": base64}. Each session is a thread with one connection: open the page, post it, go where it leads. Output:
{"wall_s", "cpu_s" of this process}.
"""

import base64
import http.client
import json
import re
import sys
import threading
import time
from typing import Any
from urllib.parse import urlencode

_HIDDEN = re.compile(r'<input type="hidden" name="(csrfmiddlewaretoken|stand|fenster)" value="([^"]*)">')
_EDGE = "----messung"
_FORM = "application/x-www-form-urlencoded"


class Applicant:
    def __init__(self, told: dict[str, Any], session: str):
        self.told, self.cookies = told, {"portal_sitzung": session}
        self.connection = http.client.HTTPConnection("127.0.0.1", told["port"], timeout=60)

    def ask(self, method: str, path: str, body: bytes = b"", kind: str = _FORM) -> tuple[http.client.HTTPResponse, str]:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if method == "POST":
            headers["Content-Type"] = kind
        self.connection.request(method, path, body or None, headers)
        answer = self.connection.getresponse()
        text = answer.read().decode()
        for line in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        if answer.status != (302 if method == "POST" else 200):
            raise RuntimeError(f"{method} {path}: {answer.status} {re.findall('p-error.*', text)[:3]}")
        return answer, text

    def hidden(self, path: str) -> dict[str, str]:
        return dict(_HIDDEN.findall(self.ask("GET", path)[1]))

    def post(self, path: str, fields: dict[str, str], upload: str | None = None) -> str:
        """Where the answer leads to."""
        body, kind = urlencode(fields).encode(), _FORM
        if upload:
            body, kind = self.multipart(fields, upload), f"multipart/form-data; boundary={_EDGE}"
        return self.ask("POST", path, body, kind)[0].headers["Location"]

    def multipart(self, fields: dict[str, str], upload: str) -> bytes:
        start = f'--{_EDGE}\r\nContent-Disposition: form-data; name="'
        parts = "".join(f'{start}{name}"\r\n\r\n{value}\r\n' for name, value in fields.items())
        file = f'{start}{upload}"; filename="schein.pdf"\r\nContent-Type: application/pdf\r\n\r\n'
        return (parts + file).encode() + base64.b64decode(self.told["file"]) + f"\r\n--{_EDGE}--\r\n".encode()

    def apply(self, token: dict[str, str]) -> None:
        home = self.post(self.told["form"], token)
        for page, fields, upload in self.told["pages"]:
            place = f"{home}{page}/"
            self.post(place, {**self.hidden(place), **fields}, upload)
        self.post(f"{home}pruefen/", token)


def main(told: dict[str, Any]) -> None:
    gate, done = threading.Barrier(len(told["sessions"]) + 1), []

    def run(session: str) -> None:
        applicant = Applicant(told, session)
        token = applicant.hidden(told["form"])
        applicant.apply(token)  # warms up; not counted
        gate.wait()
        gate.wait()
        for _ in range(told["each"]):
            applicant.apply(token)
            done.append(session)

    threads = [threading.Thread(target=run, args=[session], daemon=True) for session in told["sessions"]]
    for thread in threads:
        thread.start()
    gate.wait(120)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    gate.wait()
    wall, cpu = time.perf_counter(), time.process_time()
    for thread in threads:
        thread.join()
    if len(done) != len(threads) * told["each"]:
        sys.exit("not everybody came through")
    sys.stdout.write(json.dumps({"wall_s": time.perf_counter() - wall, "cpu_s": time.process_time() - cpu}) + "\n")


if __name__ == "__main__":
    main(json.loads(sys.stdin.readline()))
