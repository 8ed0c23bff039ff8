"""All tags and filters that the texts of letters know. Nothing here reads a file, a setting or the database."""

from django.template import Library, defaultfilters, defaulttags

register = Library()
for name, compiled in (("if", defaulttags.do_if), ("for", defaulttags.do_for), ("comment", defaulttags.comment)):
    register.tag(name, compiled)
for name in ("default", "first", "join", "last", "length", "lower", "upper"):
    register.filter(name, getattr(defaultfilters, "length" if name == "length" else name))
