"""The doors to the directory: only what everybody may see."""

from typing import TypeVar

from django.http import Http404

from portal.directory.models import LifeEvent, Office, Service, Topic

_Collection = TypeVar("_Collection", Topic, LifeEvent)


def public_office(slug: str) -> Office:
    """The office with its department. Raises Http404."""
    office = Office.objects.select_related("organisation").filter(slug=slug, public=True).first()
    if office is None:
        raise Http404("no such office")
    return office


def public_service(slug: str) -> Service:
    """The service with its department, offices and their hours, topics. Raises Http404, also when it is not public."""
    services = Service.objects.with_page().select_related("organisation")
    service = services.prefetch_related("offices__hours", "topics").filter(slug=slug).first()
    if service is None:
        raise Http404("no such service")
    return service


def topic(slug: str) -> Topic:
    return _collection(Topic, slug)


def life_event(slug: str) -> LifeEvent:
    return _collection(LifeEvent, slug)


def _collection(model: type[_Collection], slug: str) -> _Collection:
    found: _Collection | None = model._default_manager.filter(slug=slug).first()
    if found is None:
        raise Http404("no such collection")
    return found
