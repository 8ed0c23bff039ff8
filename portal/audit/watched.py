"""Admin pages that show somebody's data: each look is written down, so that the person can read of it."""

from typing import Any

from django.http import HttpRequest

from portal.audit import actions


class Watched:
    """Mixed in before a ModelAdmin. `watched_action` is the word of the entry."""

    watched_action: str

    def watched_subject(self, row: Any) -> str:
        """What was looked at, as the person's log looks for it: "case:<public id>" or "user:<public id>"."""
        raise NotImplementedError

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, obj: Any = None, **kwargs: Any) -> Any:
        if obj is not None:
            actor = str(getattr(request.user, "public_id", "unknown"))
            actions.record(self.watched_action, self.watched_subject(obj), actor)
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)  # type: ignore[misc]  # ModelAdmin's
