"""What templates of letters need beyond Django's own tags."""

import io

import segno
from django import template
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@register.simple_tag
def qr_code(content: str, title: str) -> SafeString:
    """A QR code (ISO/IEC 18004, level M, quiet zone of 4) as inline SVG; `title` is its text alternative."""
    target = io.BytesIO()
    segno.make(content, error="m", micro=False).save(
        target, kind="svg", xmldecl=False, svgclass=None, lineclass=None, omitsize=True, nl=False, border=4, title=title
    )
    return mark_safe(target.getvalue().decode())  # noqa: S308 - segno escapes the title; the rest is numbers
