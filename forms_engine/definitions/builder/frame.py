"""What every page of the builder shares: the admin's frame, and who may open it."""

import functools
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from forms_engine.definitions.access import AUTHORS
from portal.accounts.access import needs_role
from portal.accounts.identity import kept

GET_POST = require_http_methods(["GET", "HEAD", "POST"])
P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def authors(view: View[P]) -> Callable[..., HttpResponseBase]:
    """Inside the admin frame, for people who work on forms. What a session that ran out has kept is offered again."""

    @functools.wraps(view)
    def offered(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        return kept.resume(request, "workplace/resume.html") or view(request, *args, **kwargs)

    guarded = admin.site.admin_view(needs_role(*AUTHORS)(offered))
    return functools.wraps(view)(never_cache(guarded))


def page(request: HttpRequest, template: str, title: str, *, status: int = 200, **context: Any) -> HttpResponse:
    return render(
        request,
        f"builder/{template}.html",
        {**admin.site.each_context(request), "title": title, **context},
        status=status,
    )


class PlainForm(forms.Form):
    """Judged on the server only (rule F30)."""

    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any):
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
