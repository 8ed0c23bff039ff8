"""The catalogue: pages for people, files for machines. Public, cacheable, without personal data."""

import hashlib

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from opendata import export
from opendata.datasets import DATASETS, Dataset

PREVIEW_ROWS = 100
WRITERS = {
    "csv": (export.to_csv, "text/csv; charset=utf-8"),
    "json": (export.to_json, "application/json; charset=utf-8"),
}


def _dataset(slug: str) -> Dataset:
    if slug not in DATASETS:
        raise Http404
    return DATASETS[slug]


@require_safe
def catalogue(request: HttpRequest) -> HttpResponse:
    return render(request, "opendata/catalogue.html", {"datasets": DATASETS.values()})


@require_safe
def dataset(request: HttpRequest, slug: str) -> HttpResponse:
    found = _dataset(slug)
    rows = found.rows()
    context = {"dataset": found, "rows": rows[-PREVIEW_ROWS:][::-1], "total": len(rows), "shown": PREVIEW_ROWS}
    return render(request, "opendata/dataset.html", context)


@require_safe
def download(request: HttpRequest, slug: str, suffix: str) -> HttpResponse:
    """The whole dataset. Open to every origin (CORS), as open data should be."""
    found = _dataset(slug)
    if suffix not in WRITERS:
        raise Http404
    write, media_type = WRITERS[suffix]
    body = write(found, found.rows())
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": etag, "Access-Control-Allow-Origin": "*", "Cache-Control": "public, max-age=300"}
    if request.headers.get("If-None-Match") == etag:
        return HttpResponse(status=304, headers=headers)
    headers["Content-Disposition"] = f'attachment; filename="{found.slug}.{suffix}"'
    return HttpResponse(body, content_type=media_type, headers=headers)
