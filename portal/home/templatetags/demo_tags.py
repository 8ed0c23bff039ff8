from django import template
from django.conf import settings

from portal.home.demo import DEMO_LOGINS, DemoLogin

register = template.Library()


@register.simple_tag
def demo_logins() -> tuple[DemoLogin, ...]:
    return DEMO_LOGINS if settings.DEMO else ()
