"""Answers that several ways to sign in share."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from portal.accounts.identity import actions
from portal.common import limits

NOTED_PER_MINUTE = 60  # of one address: the audit log is kept for good, so nobody may fill it
TRIES_PER_MINUTE = 120  # of one address, behind which there may be a whole office


def not_believed(request: HttpRequest, provider: str, reason: str) -> HttpResponse:
    """One neutral page, whatever the reason was; that stands in the audit log."""
    if limits.allow(request, "identity-refused", per_minute=NOTED_PER_MINUTE):
        actions.refuse(provider, reason)
    return render(request, "identity/not_believed.html", status=400)


def too_many(request: HttpRequest) -> HttpResponse | None:
    """The page for an address that tries too often; None for all others. Checking a signature costs a process."""
    if limits.allow(request, "identity", per_minute=TRIES_PER_MINUTE):
        return None
    return render(request, "429.html", status=429)
