"""A coarse name for a device: enough for its owner to know it again, too little to follow anybody."""

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
