from django import template

from portal.accounts.identity import providers

register = template.Library()


@register.simple_tag
def identity_providers() -> list[providers.Provider]:
    """Those that the sign-in page offers."""
    return providers.offered()
