"""Which services belong to a topic or a life event by themselves."""

from collections.abc import Iterable, Sequence

from portal.directory import words
from portal.directory.models import LifeEvent, Service, Topic


def claims(collection: Topic | LifeEvent, service: Service) -> bool:
    """Whether a new service joins this collection: by its LeiKa key or by a word of its title."""
    keys = (service.leika, *service.further_leika)
    if any(key.startswith(prefix) for key in keys if key for prefix in collection.leika_prefixes):
        return True
    folded = [words.fold(word)[0] for word in words.of_text(service.title)]
    wanted = [words.fold(word)[0] for word in collection.title_words]
    return any(word.startswith(start) for word in folded for start in wanted)


def admit(services: Sequence[Service]) -> None:
    """Let new services join every collection that claims them."""
    for model in (Topic, LifeEvent):
        for collection in model._default_manager.all():
            _add(collection, services)


def fill(collection: Topic | LifeEvent) -> None:
    """Let a new collection take in all services it claims."""
    _add(collection, Service.objects.all())


def _add(collection: Topic | LifeEvent, services: Iterable[Service]) -> None:
    claimed = [service for service in services if claims(collection, service)]
    if claimed:
        collection.services.add(*claimed)
