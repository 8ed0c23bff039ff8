"""The only doors through which a view gets a receivable."""

from uuid import UUID

from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404

from payments.models import Receivable
from portal.accounts.models import User
from portal.accounts.parties import matters


def receivable_for_payer(user: User, public_id: UUID) -> Receivable:
    """The person's own receivable, or one of a matter they work on for somebody else today.

    Raises Http404 for anybody else's, as if it did not exist.
    """
    others = matters.open_to(user, matters.WORK, key="subject", principal="payer")
    rows = Receivable.objects.select_related("payer").filter(Q(payer=user) | Q(others))
    return get_object_or_404(rows, public_id=public_id)


def receivable_for_return(public_id: UUID) -> Receivable:
    """Somebody came back from the payment page without a session: enough to ring, never to show.

    Raises Http404.
    """
    receivable = Receivable.objects.filter(public_id=public_id).first()
    if receivable is None:
        raise Http404
    return receivable
