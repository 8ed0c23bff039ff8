"""The brake on guessing codes: 30 checks a minute and address. Codes have 57 bits."""

from django.http import HttpRequest

from portal.common import limits

PER_MINUTE = 30


def may_check(request: HttpRequest) -> bool:
    return limits.allow(request, "documents.check", per_minute=PER_MINUTE)
