"""What a template shows only to some. Doors are in each app's access.py; this hides a link that would lead to a 404."""

from django import template
from django.contrib.auth.models import AnonymousUser

from portal.accounts import access
from portal.accounts.models import Role, User

register = template.Library()


@register.filter
def has_role(user: User | AnonymousUser, role: str) -> bool:
    """`role`: a value of portal.accounts.models.Role."""
    return access.has_role(user, Role(role))
