"""Django forms rendered with the F-rules (docs/forms.md)."""

from django.forms.renderers import TemplatesSetting


class KernRenderer(TemplatesSetting):
    field_template_name = "kern/field.html"
