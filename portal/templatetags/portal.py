"""Filters and tags every template may use without loading them."""

import functools
from typing import Any

from django import template

from portal import languages as offered
from portal.common import formats, languages, references

register = template.Library()
register.filter("eur", formats.eur)
register.filter("number", formats.number)
register.filter("grouped", references.grouped)
register.filter("localised", languages.localised)
for _kind in formats.DATE_FORMATS:
    register.filter(_kind, functools.partial(formats.in_words, kind=_kind), expects_localtime=False)


@register.simple_tag(takes_context=True)
def page_languages(context: dict[str, Any]) -> offered.PageLanguages:
    """In which languages this page exists; a view that knows better says so in `languages_of_page`."""
    return offered.of_page(context.get("request"), context.get("languages_of_page"))
