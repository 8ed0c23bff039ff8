"""Django's sessions in the database, for keys that can be ours.

A cookie may carry anything, NUL included (cookies have octal escapes), and PostgreSQL refuses to look for that.
"""

from typing import Any

from django.contrib.sessions.backends.base import VALID_KEY_CHARS
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore


class SessionStore(DatabaseStore):
    def _validate_session_key(self, key: Any) -> bool:
        return isinstance(key, str) and 8 <= len(key) <= 40 and set(key) <= set(VALID_KEY_CHARS)
