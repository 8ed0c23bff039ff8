"""Django's sessions in the database, for keys that can be ours, read together with the person they belong to.

A cookie may carry anything, NUL included (cookies have octal escapes), and PostgreSQL refuses to look for that.

Each request of a signed-in person needs both rows. The row of the sign-in leads from the one to the other, so that one
statement reads them. Who is signed in, the session itself says as ever (user_of).
"""

from typing import Any

from django.conf import settings
from django.contrib import auth
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.base import VALID_KEY_CHARS
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.db import connection
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare
from django.utils.functional import SimpleLazyObject

_STATEMENT = """
select s.session_data, {columns} from django_session s
left join accounts_signin i on i.session_key = s.session_key
left join accounts_user u on u.id = i.user_id
where s.session_key = %s and s.expire_date > statement_timestamp() order by i.id desc limit 1
"""


class SessionStore(DatabaseStore):
    person: Any = None  # whoever signed in at last, as the session was read

    def _validate_session_key(self, key: Any) -> bool:
        return isinstance(key, str) and 8 <= len(key) <= 40 and set(key) <= set(VALID_KEY_CHARS)

    def load(self) -> dict[str, Any]:
        user = auth.get_user_model()
        fields = user._meta.concrete_fields
        columns = ", ".join(f"u.{field.column}" for field in fields)
        with connection.cursor() as cursor:
            cursor.execute(_STATEMENT.format(columns=columns), [self.session_key])
            row = cursor.fetchone()
        if row is None:
            self._session_key = None
            return {}
        data, *values = row
        if values[0] is not None:
            self.person = user.from_db(connection.alias, [field.attname for field in fields], values)
        decoded: dict[str, Any] = self.decode(data)
        return decoded


class Authentication(AuthenticationMiddleware):
    """Django's, with the person who was read with the session."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        request.user = SimpleLazyObject(lambda: user_of(request))  # type: ignore[assignment]  # as Django does


def user_of(request: HttpRequest) -> Any:
    """Whom the session names. The person read with it counts only if Django would have come to the same."""
    kept = request.__dict__  # under Django's own name: get_user() of its middleware finds the same
    if "_cached_user" not in kept:
        known = _read_along(request)
        kept["_cached_user"] = auth.get_user(request) if known is None else known
    return kept["_cached_user"]


def _read_along(request: HttpRequest) -> Any:
    session = request.session
    named, backend = session.get(auth.SESSION_KEY), session.get(auth.BACKEND_SESSION_KEY)
    if not named:
        return AnonymousUser()
    person = getattr(session, "person", None)
    if person is None or str(person.pk) != named or backend not in settings.AUTHENTICATION_BACKENDS:
        return None
    looks_up = getattr(type(auth.load_backend(backend)), "get_user", None)
    proof = session.get(auth.HASH_SESSION_KEY, "")
    if looks_up is ModelBackend.get_user and person.is_active:
        return person if constant_time_compare(proof, person.get_session_auth_hash()) else None
    return None
