"""Settings from the environment: typed, strict, each refusal names the variable."""

import os
import pathlib

from portal.common import os_errors


class BadEnvironment(SystemExit):
    """A variable is missing or nonsense; the message names it and says what to write.

    Settings are read while a process starts. As a SystemExit it ends any of them (gunicorn, celery, manage.py) with
    the sentence and status 1 instead of a stack trace.
    """


def env_str(name: str, default: str | None = None) -> str:
    value = os.environ.get(name, default)
    if value is None:
        raise BadEnvironment(f"{name} fehlt in der Umgebung.")
    return value


def env_bool(name: str, default: bool = False) -> bool:
    value = os.environ.get(name)
    if value in (None, ""):
        return default
    if value not in ("0", "1"):
        raise BadEnvironment(f"{name} muss 0 oder 1 sein, nicht „{value}“.")
    return value == "1"


def env_int(name: str, default: int) -> int:
    value = os.environ.get(name)
    if value in (None, ""):
        return default
    try:
        return int(str(value))
    except ValueError:
        raise BadEnvironment(f"{name} muss eine ganze Zahl sein, nicht „{value}“.") from None


def env_list(name: str, default: str = "") -> list[str]:
    return _parts(os.environ.get(name, default))


def env_secret_list(name: str) -> list[str]:
    """As env_secret, several divided by commas."""
    return _parts(env_secret(name))


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def env_path(name: str, default: pathlib.Path | None = None) -> pathlib.Path | None:
    value = os.environ.get(name)
    return pathlib.Path(value) if value else default


def env_secret(name: str, default: str = "") -> str:
    """The value of NAME, or the content of the file named by NAME_FILE (container secrets)."""
    path = os.environ.get(f"{name}_FILE")
    if not path:
        return os.environ.get(name, default)
    if name in os.environ:
        raise BadEnvironment(f"Entweder {name} oder {name}_FILE setzen, nicht beide.")
    try:
        return pathlib.Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise BadEnvironment(f"{name}_FILE: {path} ist nicht lesbar ({os_errors.why(error)}).") from None
