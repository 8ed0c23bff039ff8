"""What the operating system says about a file, in German, for the sentences of commands."""

import errno

SAID = {
    errno.ENOENT: "gibt es nicht",
    errno.EACCES: "keine Rechte",
    errno.EPERM: "nicht erlaubt",
    errno.EISDIR: "ist ein Ordner",
    errno.ENOTDIR: "liegt nicht in einem Ordner",
    errno.EEXIST: "gibt es schon",
    errno.ENOSPC: "kein Platz mehr",
    errno.EDQUOT: "kein Platz mehr",
    errno.EROFS: "nur lesbar",
    errno.ENAMETOOLONG: "Name zu lang",
    errno.ELOOP: "Verweis im Kreis",
    errno.EIO: "Gerät gestört",
}


def why(error: OSError) -> str:
    """A few German words; for what we have none, the number that an operator can look up."""
    return SAID.get(error.errno or 0, f"Fehler {error.errno}" if error.errno else type(error).__name__)
