"""The demo's arguments, with German refusals."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

PORT = 8000
USAGE = """Aufruf: ./run demo [--check] [--fresh] [--port ZAHL]
  --check       einmal starten, prüfen, beenden (eigene Daten, für CI)
  --fresh       mit leerer Datenbank beginnen
  --port ZAHL   ab diesem Port nach einem freien suchen (sonst ab 8000)"""


class WrongOption(Exception):
    """The message says what is wrong and how it is called rightly."""


@dataclass(frozen=True)
class Options:
    port: int = PORT
    check: bool = False
    fresh: bool = False


def parse(arguments: Sequence[str]) -> Options:
    options, rest = Options(), list(arguments)
    while rest:
        match rest.pop(0):
            case "--check":
                options = replace(options, check=True)
            case "--fresh":
                options = replace(options, fresh=True)
            case "--port":
                options = replace(options, port=_port(rest.pop(0) if rest else ""))
            case joined if joined.startswith("--port="):
                options = replace(options, port=_port(joined.removeprefix("--port=")))
            case unknown:
                raise WrongOption(f"Unbekannte Angabe: {unknown}\n{USAGE}")
    return options


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 65535):
        raise WrongOption(f"--port braucht eine Zahl von 1 bis 65535, nicht „{text}“.\n{USAGE}")
    return int(text)
