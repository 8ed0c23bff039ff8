"""A client process: python -m tests.bench.load PORT PATH SECONDS CONNECTIONS -> answers per second, or an error.

Keeps its connections open and reads whole answers; each connection is one thread.
"""

import socket
import sys
import threading
import time


def _ask(connection: socket.socket, request: bytes) -> None:
    """Send one request, read one whole answer of known length. Raises ValueError for anything but a 200."""
    connection.sendall(request)
    data = b""
    while b"\r\n\r\n" not in data:
        data += _more(connection)
    head, _, body = data.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200"):
        raise ValueError(head[:80])
    length = next(int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
    missing = length - len(body)
    while missing > 0:
        missing -= len(_more(connection))


def _more(connection: socket.socket) -> bytes:
    data = connection.recv(65536)
    if not data:
        raise ConnectionResetError("closed by the server")
    return data


def _worker(port: int, request: bytes, until: float, counts: list[int]) -> None:
    count = 0
    connection = socket.create_connection(("127.0.0.1", port), timeout=20)
    while time.monotonic() < until:
        try:
            _ask(connection, request)
            count += 1
        except ConnectionError:  # a worker that has answered its 5,000 makes room for a fresh one
            connection.close()
            connection = socket.create_connection(("127.0.0.1", port), timeout=20)
    connection.close()
    counts.append(count)


def main(port: int, path: str, seconds: float, connections: int) -> None:
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
    counts: list[int] = []
    begin = time.monotonic()
    threads = [
        threading.Thread(target=_worker, args=(port, request, begin + seconds, counts)) for _ in range(connections)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if len(counts) < connections:
        sys.exit(f"{connections - len(counts)} of {connections} connections failed")
    print(sum(counts) / (time.monotonic() - begin))  # noqa: T201 - read by bench_pages


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], float(sys.argv[3]), int(sys.argv[4]))
