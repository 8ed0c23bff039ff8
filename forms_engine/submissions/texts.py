"""Longer sentences people read outside templates."""

import datetime as dt

FORMATS = "%d.%m.%Y"


def reminder(form_title: str, delete_on: dt.date) -> str:
    """The message before a draft is deleted."""
    return (
        f"Sie haben den Antrag „{form_title}“ begonnen und noch nicht abgesendet.\n\n"
        f"Am {delete_on:{FORMATS}} löschen wir den Entwurf mit allen Angaben und Dateien.\n"
        "Setzen Sie ihn vorher fort, wenn Sie den Antrag stellen möchten.\n"
        "Brauchen Sie ihn nicht mehr, müssen Sie nichts tun."
    )
