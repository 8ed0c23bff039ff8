"""A mail server that takes everything and keeps nothing, for a process of its own."""

from multiprocessing.connection import Connection

from aiosmtpd.controller import Controller


class Count:
    def __init__(self) -> None:
        self.mails = self.bytes = 0

    async def handle_DATA(self, server, session, envelope):
        self.mails += 1
        self.bytes += len(envelope.content)
        return "250 OK"


def run(port: int, pipe: Connection) -> None:
    """Says when it listens, waits for any word, then tells how many mails and bytes came."""
    count = Count()
    controller = Controller(count, hostname="127.0.0.1", port=port)
    controller.start()
    pipe.send("ready")
    pipe.recv()
    controller.stop()
    pipe.send((count.mails, count.bytes))
