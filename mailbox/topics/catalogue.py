"""The topics the city offers: catalogue.yaml in, rows up to date. A topic is never deleted."""

import pathlib
from typing import Any

import yaml
from django.db import transaction

from mailbox.topics.models import Topic
from portal.common.yaml_reading import Loader

FILE = pathlib.Path(__file__).with_name("catalogue.yaml")


def entries() -> list[dict[str, Any]]:
    return list(yaml.load(FILE.read_text(encoding="utf-8"), Loader))  # noqa: S506 - a SafeLoader


@transaction.atomic
def seed() -> tuple[int, int]:
    """How many are new, how many changed; a second run: 0, 0."""
    new = changed = 0
    for position, entry in enumerate(entries(), start=1):
        wanted = {**entry, "position": position}
        row = Topic.objects.filter(slug=entry["slug"]).first()
        if row is None:
            Topic.objects.create(**wanted)
            new += 1
        elif any(getattr(row, name) != value for name, value in wanted.items()):
            Topic.objects.filter(pk=row.pk).update(**wanted)
            changed += 1
    return new, changed
