"""What list a clerk looks at: in the address, except for searched words. Those lie sealed in the session."""

import base64
from urllib.parse import urlencode

from django.http import HttpRequest

from forms_engine.cases import lists
from forms_engine.cases.lists import Choice
from portal.accounts import keys
from portal.accounts.access import citizen
from portal.common import clock
from portal.common.crypto import CannotOpen

_TEXTS, _LIST, _PLACE, _KEPT = "desk_texts", "desk_list", "desk:text", 10


def remember(request: HttpRequest, text: str) -> str:
    """The word for the address: a number as it is, other words under a key of this session."""
    if lists.is_number(text):
        return text
    held: dict[str, str] = request.session.get(_TEXTS, {})
    key = clock.token(6)
    sealed = keys.envelope(citizen(request)).seal(text.encode(), _PLACE)
    kept = dict([*held.items(), (key, base64.b64encode(sealed).decode())][-_KEPT:])
    request.session[_TEXTS] = kept
    return key


def of(request: HttpRequest, words: dict[str, str] | None = None) -> Choice:
    """The choice that an address (or the one kept with hold()) names."""
    given = request.GET.dict() if words is None else words
    return lists.choice(given, _text(request, given.get("suche", "").strip()))


def _text(request: HttpRequest, word: str) -> str:
    if sealed := request.session.get(_TEXTS, {}).get(word):
        try:
            return keys.envelope(citizen(request)).open(base64.b64decode(sealed), _PLACE).decode()
        except CannotOpen:  # of somebody else who sat here
            return ""
    return word


def address(request: HttpRequest, chosen: Choice, **more: str) -> str:
    """The words behind the question mark for this list. The text keeps the key it has in the address."""
    word = request.GET.get("suche", "") if chosen.text else ""
    return "?" + urlencode(lists.words(chosen) | ({"suche": word} if word else {}) | more)


def hold(request: HttpRequest) -> None:
    """Keep the list from which a case was opened: "next case" goes on in it."""
    named = {word: request.GET[word] for word in (*lists.WORDS.values(), "suche") if request.GET.get(word)}
    if named and request.session.get(_LIST) != named:
        request.session[_LIST] = named


def held(request: HttpRequest) -> tuple[Choice, str]:
    """The list that was kept, and its address."""
    named: dict[str, str] = request.session.get(_LIST, {})
    return of(request, named), f"?{urlencode(named)}" if named else ""
