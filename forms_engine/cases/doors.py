"""How a citizen's page gets its case: theirs, or one they act in, and with the sign-in that the case asks for."""

import functools
import uuid
from collections.abc import Callable
from typing import Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponseBase

from forms_engine.cases import access, post
from forms_engine.cases.models import Case
from portal.accounts.access import citizen
from portal.accounts.identity import stepup
from portal.audit import actions as audit

P = ParamSpec("P")


def with_case(
    view: Callable[Concatenate[HttpRequest, Case, P], HttpResponseBase],
) -> Callable[..., HttpResponseBase]:
    """Behind @signed_in: the view takes the case in place of its id.

    404 for foreign ones; too little or too old a proof: the way to more. A representative's look stands in the log of
    whom they represent (readings.py).
    """

    @functools.wraps(view)
    def guarded(request: HttpRequest, case: uuid.UUID, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        user = citizen(request)
        found = access.case_for_party(user, case)
        if response := stepup.demand_for(request, post.level(found)):
            return response
        if found.party != user:
            audit.record("case.agent_read", f"case:{found.public_id}", str(user.public_id))
        return view(request, found, *args, **kwargs)

    return guarded
