"""What can be decided."""

from django.db import models


class DecisionKind(models.TextChoices):
    GRANTED = "granted", "bewilligt"
    PARTLY = "partly", "teilweise bewilligt"
    CERTIFICATE = "certificate", "ausgestellt"  # what is granted decides nothing: a certificate, a confirmation
    REFUSED = "refused", "abgelehnt"
    FEE_NOTICE = "fee_notice", "Gebühr festgesetzt"
    TAKEN_BACK = "taken_back", "zurückgenommen"  # was unlawful from the beginning (Art. 48 BayVwVfG)
    REVOKED = "revoked", "widerrufen"  # was lawful, ends for the future (Art. 49 BayVwVfG)


CHARGED = frozenset({DecisionKind.GRANTED, DecisionKind.PARTLY, DecisionKind.CERTIFICATE})  # may cost a fee
REFUSING = frozenset({DecisionKind.PARTLY, DecisionKind.REFUSED})  # name reasons
ENDING = frozenset({DecisionKind.TAKEN_BACK, DecisionKind.REVOKED})  # end an earlier decision
UNDATED = frozenset({DecisionKind.REFUSED, DecisionKind.FEE_NOTICE})  # hold from no day to no day
