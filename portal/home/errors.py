"""Error pages: what happened, what is saved, what to do. No code as a headline (F50)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from forms_engine.submissions import stash


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    kept = stash.keep(request)
    return redirect(kept) if kept else render(request, "errors/csrf.html", status=403)
