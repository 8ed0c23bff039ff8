"""How clerks find and sort cases, and which rules a case has been through."""

from django.db import models

from forms_engine.cases.models.case import Case
from portal.accounts.models import User
from portal.common import clock


class SavedFilter(models.Model):
    """A clerk's own view of the queue (filters.py). It may hold a name, so it is sealed with the clerk's own key."""

    clerk = models.ForeignKey(User, on_delete=models.CASCADE, related_name="saved_filters")
    name = models.CharField(max_length=60)
    choices_sealed = models.BinaryField()

    class Meta:
        verbose_name = "Gespeicherter Filter"
        verbose_name_plural = "Gespeicherte Filter"
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["clerk", "name"], name="filter_name_once_per_clerk")]

    def __str__(self) -> str:
        return self.name


class SearchToken(models.Model):
    """One word of a case under a key (search.py): a blind index (docs/adr/0033).

    The primary key is the index: by word, the newest case last. Tokens go with the case's key (trigger).
    """

    pk = models.CompositePrimaryKey("token", "case")
    token = models.BinaryField()
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")

    class Meta:
        verbose_name = "Suchwort"
        verbose_name_plural = "Suchwörter"

    def __str__(self) -> str:
        return f"{self.case_id}"


class RuleRun(models.Model):
    """That the rules of its form were applied to a case: once (docs/adr/0034)."""

    case = models.OneToOneField(Case, on_delete=models.CASCADE, related_name="rule_run")
    at = models.DateTimeField(default=clock.now)
    held = models.JSONField(default=list)  # keys of the rules whose condition held
    sampled = models.BooleanField(default=False)  # drawn for a human to look at

    class Meta:
        verbose_name = "Anwendung der Regeln"
        verbose_name_plural = "Anwendungen der Regeln"

    def __str__(self) -> str:
        return f"{self.case_id}"
