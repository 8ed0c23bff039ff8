"""What a letter may load: our own pictures and typefaces."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings
from weasyprint.urls import URLFetcher, URLFetcherResponse

from portal.documents import fonts


class OwnFilesOnly(URLFetcher):  # type: ignore[misc]  # weasyprint carries no types
    """Serves `static:<path>` and `typefaces:<name>` from our own folders and nothing else: no network, no file://."""

    def __init__(self) -> None:
        super().__init__(allowed_protocols=(), fail_on_errors=True)

    def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> Any:
        roots = {"static": settings.BASE_DIR / "static", "typefaces": fonts.FOLDER}
        parts = urlsplit(url)
        root = roots.get(parts.scheme)
        path = (root / unquote(parts.path).lstrip("/")).resolve() if root else None
        if root is None or path is None or not path.is_relative_to(root.resolve()) or not path.is_file():
            raise ValueError(f"not one of our files: {url[:120]}")
        return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": _media_type(path)})


def _media_type(path: Path) -> str:
    known = {".svg": "image/svg+xml", ".png": "image/png", ".ttf": "font/ttf", ".css": "text/css"}
    return known.get(path.suffix, "application/octet-stream")
