"""A coarse name for a device: enough for its owner to know it again, too little to follow anybody."""

import re

from django.utils.translation import gettext as _

from portal.common.languages import GERMAN, current

BROWSERS = (  # the first that occurs; later ones hide behind the names of earlier ones
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Macintosh", "Mac"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)
UNKNOWN = "Unbekanntes Gerät"


def name(user_agent: str) -> str:
    """ "Firefox unter Windows", by the User-Agent header; UNKNOWN if it says neither."""
    browser = next((word for mark, word in BROWSERS if mark in user_agent), "")
    system = next((word for mark, word in SYSTEMS if mark in user_agent), "")
    if browser and system:
        return f"{browser} {'auf' if system in ('iPhone', 'iPad', 'Mac') else 'unter'} {system}"
    return browser or system or UNKNOWN


def in_words(stored: str) -> str:
    """A name that was stored, in the language of the answer."""
    if both := re.fullmatch("(.+) (?:auf|unter) (.+)", stored):
        return (
            stored
            if current() == GERMAN
            else _("%(browser)s unter %(system)s") % {"browser": both[1], "system": both[2]}
        )
    return _("Unbekanntes Gerät") if stored == UNKNOWN else stored
