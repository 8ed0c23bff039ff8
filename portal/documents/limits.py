"""The brake on guessing codes: 30 checks a minute and address."""

import logging

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from redis.exceptions import RedisError

PER_MINUTE = 30
log = logging.getLogger(__name__)


def may_check(request: HttpRequest) -> bool:
    """Count one check of this address. Codes have 57 bits: without the cache the page stays open rather than dark."""
    address = get_adapter().get_client_ip(request)  # knows how many proxies to believe
    key = f"documents:check:{salted_hmac('documents.limits', address).hexdigest()}"
    try:
        cache.add(key, 0, 60)
        return cache.incr(key) <= PER_MINUTE
    except ValueError:  # ran out between the two calls
        return True
    except RedisError:
        log.warning("no cache: checks of documents are not counted")
        return True
