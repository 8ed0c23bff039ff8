from typing import Any

from django import template
from django.conf import settings

from portal.accounts import demo_factor
from portal.home.demo import DEMO_LOGINS, DemoLogin

register = template.Library()


@register.simple_tag
def demo_logins() -> tuple[DemoLogin, ...]:
    return DEMO_LOGINS if settings.DEMO else ()


@register.simple_tag(takes_context=True)
def demo_code(context: dict[str, Any]) -> str:
    """The right code of whoever of the demo's staff is signing in; "" for everybody else, and outside the demo."""
    return demo_factor.code_for(context["request"]) if settings.DEMO else ""
