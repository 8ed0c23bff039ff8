"""A mail server on loopback with one mailbox and as much IMAP as a polite client needs (RFC 3501, 6851)."""

import re
import socketserver
import threading


class Mailbox:
    def __init__(self, *, move=True, password="geheim"):
        self.messages: dict[int, bytes] = {}
        self.done: list[bytes] = []
        self.deleted: set[int] = set()
        self.move, self.password = move, password
        self.fail_move = False


class Handler(socketserver.StreamRequestHandler):
    def say(self, text: str | bytes) -> None:
        self.wfile.write((text if isinstance(text, bytes) else text.encode()) + b"\r\n")

    def handle(self) -> None:
        box = self.server.box
        move = " MOVE" if box.move else ""
        self.say("* OK [CAPABILITY IMAP4rev1] da")  # the rest only after the sign-in
        while line := self.rfile.readline():
            tag, _, rest = line.decode().strip().partition(" ")
            verb = rest.upper()
            if verb.startswith("CAPABILITY"):
                self.say(f"* CAPABILITY IMAP4rev1{move}")
            elif verb.startswith("LOGIN") and box.password not in rest:
                self.say(f"{tag} NO falsch")
                continue
            elif verb.startswith("SELECT"):
                self.say(f"* {len(box.messages)} EXISTS")
                self.say("* OK [UIDVALIDITY 7] gilt")
            elif verb.startswith("UID"):
                if not self.uid(box, rest[4:]):
                    self.say(f"{tag} NO nein")
                    continue
            elif verb.startswith("EXPUNGE"):
                for number in box.deleted:
                    box.messages.pop(number, None)
            elif verb.startswith("LOGOUT"):
                self.say("* BYE")
                self.say(f"{tag} OK")
                return
            self.say(f"{tag} OK fertig")

    def uid(self, box: Mailbox, rest: str) -> bool:
        verb, *words = rest.split(" ")
        if verb == "SEARCH":
            self.say("* SEARCH " + " ".join(map(str, sorted(box.messages))))
            return True
        number = int(words[0])
        if verb == "FETCH":
            data = box.messages[number]
            if "SIZE" in rest:
                self.say(f"* 1 FETCH (UID {number} RFC822.SIZE {len(data)})")
            else:
                self.say(f"* 1 FETCH (UID {number} BODY[] {{{len(data)}}}".encode() + b"\r\n" + data + b")")
        if verb in ("MOVE", "COPY"):
            if box.fail_move:
                return False
            box.done.append(box.messages[number])
        if verb == "MOVE":
            del box.messages[number]
        if verb == "STORE" and re.search("deleted", rest, re.I):
            box.deleted.add(number)
        return True


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True

    def __init__(self, box: Mailbox):
        super().__init__(("127.0.0.1", 0), Handler)
        self.box = box
        threading.Thread(target=self.serve_forever, daemon=True).start()
