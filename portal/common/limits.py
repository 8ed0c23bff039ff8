"""How often one address may do something in a minute, counted in the cache and so by all processes together."""

import logging

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from redis.exceptions import RedisError

log = logging.getLogger(__name__)


def allow(request: HttpRequest, what: str, *, per_minute: int) -> bool:
    """Count one try of this address at `what`. Without a cache the page stays open rather than dark.

    Not for secrets that can be guessed: those need rows (see portal.accounts).
    """
    address = get_adapter().get_client_ip(request)  # knows how many proxies to believe
    key = f"limits:{what}:{salted_hmac('common.limits', address).hexdigest()}"
    try:
        cache.add(key, 0, 60)
        return cache.incr(key) <= per_minute
    except ValueError:  # ran out between the two calls
        return True
    except RedisError:
        log.warning("no cache: %s is not counted", what)
        return True
