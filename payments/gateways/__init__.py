"""The providers we can pay through: a dict of dotted paths, no registry."""

from django.utils.module_loading import import_string

from payments.gateways.base import Gateway

DEFAULT = "stripe"
GATEWAYS = {"stripe": "payments.gateways.stripe.StripeGateway"}


def gateway_for(provider: str) -> Gateway:
    """Raises KeyError for a provider we do not know."""
    gateway: Gateway = import_string(GATEWAYS[provider])()
    return gateway
