"""Small pure pieces of text of the front door."""

MAX_REPORT = 5000


def own_path(path: str) -> str:
    """A path of this portal; "/" for anything that could lead elsewhere or hide something."""
    path = path[:500]
    if not path.startswith("/") or path.startswith(("//", "/\\")) or not path.isprintable():
        return "/"
    return path
