"""The doors to the directory. Everything here is public."""

from django.http import Http404

from portal.directory.models import Office


def public_office(slug: str) -> Office:
    """The office with its department. Raises Http404."""
    office = Office.objects.select_related("organisation").filter(slug=slug).first()
    if office is None:
        raise Http404("no such office")
    return office
