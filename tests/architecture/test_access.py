"""Every address has its line in access_matrix.py, and every line says the truth."""

import re
import uuid

import pytest
from django.conf import settings
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse

from tests.architecture.access_matrix import ARGUMENTS, MATRIX, Answers

SAMPLES = {"uuid": uuid.UUID(int=7), "int": 7, "slug": "unbekannt", "str": "unbekannt", "path": "unbekannt"}
ROLES = Answers._fields


def _walk(resolver: URLResolver, namespace: str = ""):
    """(full name, pattern) of every address below; addresses without a name get their route."""
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from _walk(entry, f"{namespace}{entry.namespace}:" if entry.namespace else namespace)
        else:
            yield namespace + (entry.name or f"<{entry.pattern}>"), entry


ADDRESSES: dict[str, URLPattern] = dict(_walk(get_resolver()))


def _line(name: str) -> str | None:
    """The entry of the matrix for a name: itself, else the longest beginning with *."""
    starred = [entry for entry in MATRIX if entry.endswith("*") and name.startswith(entry[:-1])]
    return name if name in MATRIX else max(starred, key=len, default=None)


def _path(name: str, pattern: URLPattern) -> str | None:
    """The address with an id that does not exist; None for one that cannot be called (a catch-all)."""
    converters = {
        key: type(value).__name__.removesuffix("Converter").lower() for key, value in pattern.pattern.converters.items()
    }
    arguments = ARGUMENTS.get(name) or {key: SAMPLES.get(kind, "unbekannt") for key, kind in converters.items()}
    for kwargs in (arguments, dict.fromkeys(pattern.pattern.regex.groupindex, "unbekannt")):
        try:
            return reverse(name, kwargs=kwargs)
        except NoReverseMatch:
            continue
    return None


def _answer(response) -> str:
    if response.status_code in (301, 302):
        to = response.headers["Location"]
        return "login" if re.match(f"({reverse(settings.LOGIN_URL)}|{reverse('admin:login')})", to) else "sent on"
    words = {200: "sees", 403: "refused", 404: "hidden", 405: "post"}
    return words.get(response.status_code, str(response.status_code))


def test_every_address_has_a_line():
    assert [name for name in ADDRESSES if _line(name) is None] == []


def test_every_line_has_an_address():
    assert set(MATRIX) - {_line(name) for name in ADDRESSES} == set()


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.django_db
def test_the_matrix_says_the_truth(role, client, request):
    if person := {"citizen": "bob", "clerk": "clara"}.get(role):
        client.force_login(request.getfixturevalue(person))
    wrong = {}
    for name, pattern in ADDRESSES.items():
        if (path := _path(name, pattern)) is None or (line := _line(name)) is None:
            continue
        answer = _answer(client.get(path))
        expected = getattr(MATRIX[line], role)
        if answer not in expected.split("|"):
            wrong[name] = f"{path}: {answer}, not {expected}"
        if "logout" in name and person:
            client.force_login(request.getfixturevalue(person))
    assert wrong == {}
