"""Filters every template may use without loading them."""

from django import template

from portal.common import money, references

register = template.Library()
register.filter("eur", money.format_eur)
register.filter("grouped", references.grouped)
