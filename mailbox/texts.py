"""Text from people and apps, made harmless before it is sealed: one line, several lines, or a file name. Pure."""

import re
import unicodedata

SUBJECT_LENGTH = 200
REPLY_LENGTH = 5000
FILE_NAME_LENGTH = 150
_LINE_END = re.compile(r"\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
# Controls (without line feed and tab), and the marks that turn the reading direction (Unicode TR 36, 2.4): with them
# "gpj.exe" reads "exe.jpg".
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
_NOT_IN_NAMES = re.compile(r'[\\/:*?"<>|]')


def many_lines(text: str) -> str:
    """Lines end with a line feed, nothing invisible is left, no blank edge."""
    return _UNSEEN.sub("", _LINE_END.sub("\n", text)).strip()


def one_line(text: str, length: int = SUBJECT_LENGTH) -> str:
    """A single line of at most `length` characters; what is cut ends in an ellipsis."""
    line = " ".join(many_lines(text).split())
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"


def file_name(name: str) -> str:
    """A name that every file system takes: no path, no control, NFC, the ending kept when it has to be cut."""
    line = _NOT_IN_NAMES.sub("_", unicodedata.normalize("NFC", one_line(name, 10_000))).strip(". ")
    stem, dot, ending = line.rpartition(".")
    if not dot or len(ending) > 10:
        stem, dot, ending = line, "", ""
    return (stem[: FILE_NAME_LENGTH - len(dot + ending)] + dot + ending) or "Anlage"
