"""What every page of the workplace stands in: the admin's frame, and the role that opens it."""

import functools
from collections.abc import Callable
from typing import Concatenate, ParamSpec

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from portal.accounts.access import needs_role
from portal.accounts.identity import kept
from portal.accounts.models import Role

WRITERS = (Role.TEAM_LEAD, Role.EDITOR)  # who keeps the texts of letters
P = ParamSpec("P")


def clerks(view: Callable[Concatenate[HttpRequest, P], HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Inside the admin frame, and only with the role. What a session that ran out has kept is offered again."""

    @functools.wraps(view)
    def offered(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        return kept.resume(request, "workplace/resume.html") or view(request, *args, **kwargs)

    return functools.wraps(view)(admin.site.admin_view(needs_role(Role.CLERK, Role.TEAM_LEAD)(offered)))


def writers(
    view: Callable[Concatenate[HttpRequest, P], HttpResponseBase],
    roles: tuple[Role, ...] = WRITERS,
) -> Callable[..., HttpResponseBase]:
    """Inside the admin frame, for those who may keep texts; everybody else sees a 404."""

    @functools.wraps(view)
    def offered(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        return kept.resume(request, "workplace/resume.html") or view(request, *args, **kwargs)

    guarded = admin.site.admin_view(needs_role(*roles)(offered))
    return functools.wraps(view)(never_cache(guarded))


def page(request: HttpRequest, template: str, title: str, status: int = 200, **context: object) -> HttpResponse:
    return render(request, template, {**admin.site.each_context(request), "title": title, **context}, status=status)
