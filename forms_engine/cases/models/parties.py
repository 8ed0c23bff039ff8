"""Who else takes part in a case (Beteiligte, Art. 13 BayVwVfG) and who acts for them (Art. 14, 15 BayVwVfG).

Whoever applied is no row here: that is the account, and nobody enters another one in its place.
"""

from django.db import models
from django.db.models import F, Q

from forms_engine.cases.models.case import Case
from portal.accounts.models import User
from portal.common import clock


class PartyRole(models.TextChoices):
    CO_APPLICANT = "co_applicant", "stellt den Antrag mit"
    ADDRESSEE = "addressee", "soll den Bescheid bekommen"
    JOINED = "joined", "hinzugezogen (Art. 13 Absatz 2 BayVwVfG)"
    AGENT = "agent", "bevollmächtigt (Art. 14 BayVwVfG)"
    LEGAL = "legal", "gesetzliche Vertretung"
    ADVISER = "adviser", "Beistand (Art. 14 Absatz 4 BayVwVfG)"
    RECIPIENT = "recipient", "nimmt Post entgegen (Art. 15 BayVwVfG)"


ACTING = frozenset({PartyRole.AGENT, PartyRole.LEGAL, PartyRole.ADVISER, PartyRole.RECIPIENT})  # for somebody else


class CaseParty(models.Model):
    """`sealed`: {"name", "address"} under the case's key at "case:<id>:party:<public_id>". Earlier words are kept in
    the events."""

    public_id = models.UUIDField(default=clock.uuid, unique=True, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="parties")
    role = models.CharField(max_length=12, choices=PartyRole.choices)
    sealed = models.BinaryField()
    since = models.DateField()
    until = models.DateField(null=True, blank=True)  # the last day
    mandate_on = models.DateField(null=True, blank=True)  # when a power of attorney was shown
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = "Beteiligte Person"
        verbose_name_plural = "Beteiligte"
        constraints = [
            models.CheckConstraint(condition=Q(role__in=PartyRole.values), name="party_role_known"),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")), name="party_ends_after_it_began"
            ),
            models.CheckConstraint(
                condition=Q(mandate_on=None) | Q(role__in=sorted(ACTING)), name="party_mandate_of_who_acts"
            ),
        ]

    def __str__(self) -> str:
        return str(self.public_id)

    def place(self, what: str = "") -> str:
        return self.case.place(f"party:{self.public_id}{':' if what else ''}{what}")

    @property
    def words(self) -> dict[str, str]:
        """ "name" and "address". Raises crypto.KeyDestroyed after disposal."""
        said: dict[str, str] = self.case.envelope.open_json(self.sealed, self.place())
        return said
