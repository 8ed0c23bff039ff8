"""What clerks add to a case file: notes, tasks, dates, links, ticks, newer files. Its words are sealed."""

from django.db import models
from django.db.models import F, Q

from forms_engine.cases.models.case import Case, CaseDocument
from portal.accounts.models import User
from portal.common import clock


class CaseNote(models.Model):
    """Only clerks read it. Append-only (trigger)."""

    public_id = models.UUIDField(default=clock.uuid, unique=True, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="notes")
    text_sealed = models.BinaryField()
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = "Notiz"
        verbose_name_plural = "Notizen"

    def __str__(self) -> str:
        return str(self.public_id)


class CaseTask(models.Model):
    """Something to do in a case: by one person, or by whoever of the team comes first.

    `author` None: a rule of the form, or the intake.
    """

    public_id = models.UUIDField(default=clock.uuid, unique=True, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="tasks")
    title_sealed = models.BinaryField()
    assigned_to = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    due_on = models.DateField()
    author = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    added_at = models.DateTimeField(default=clock.now)
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = "Aufgabe"
        verbose_name_plural = "Aufgaben"
        indexes = [
            models.Index(fields=["assigned_to", "due_on", "id"], name="task_open", condition=Q(done_at=None)),
            models.Index(fields=["due_on", "id"], name="task_open_by_day", condition=Q(done_at=None)),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(done_at=None, done_by=None) | Q(done_at__isnull=False, done_by__isnull=False),
                name="task_done_by_somebody",
            )
        ]

    def __str__(self) -> str:
        return str(self.public_id)


class DateKind(models.TextChoices):
    INTERNAL = "internal", "Interne Frist"
    FOLLOW_UP = "follow_up", "Wiedervorlage"


class CaseDate(models.Model):
    """A day that the city sets itself. The statutory one is Case.due_on. `author` None: a rule."""

    public_id = models.UUIDField(default=clock.uuid, unique=True, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="dates")
    kind = models.CharField(max_length=12, choices=DateKind.choices)
    due_on = models.DateField()
    reason_sealed = models.BinaryField()
    author = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    set_at = models.DateTimeField(default=clock.now)
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = "Termin der Akte"
        verbose_name_plural = "Termine der Akte"
        indexes = [models.Index(fields=["due_on", "id"], name="date_open", condition=Q(done_at=None))]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=DateKind.values), name="date_kind_known"),
            models.CheckConstraint(
                condition=Q(done_at=None, done_by=None) | Q(done_at__isnull=False, done_by__isnull=False),
                name="date_done_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.due_on:%d.%m.%Y}"


class CaseLink(models.Model):
    """Two cases that belong together: one row for both directions."""

    low = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")
    high = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    linked_at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = "Verknüpfung"
        verbose_name_plural = "Verknüpfungen"
        constraints = [
            models.UniqueConstraint(fields=["low", "high"], name="cases_linked_once"),
            models.CheckConstraint(condition=Q(low__lt=F("high")), name="cases_linked_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.low_id} {self.high_id}"


class ChecklistTick(models.Model):
    """A point of the form's checklist that somebody has checked. Who and when stands in the events, too."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="ticks")
    key = models.CharField(max_length=60)
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    ticked_at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = "Haken der Prüfliste"
        verbose_name_plural = "Haken der Prüfliste"
        constraints = [models.UniqueConstraint(fields=["case", "key"], name="tick_once")]

    def __str__(self) -> str:
        return self.key


class Replacement(models.Model):
    """A later file takes the place of an earlier one; both stay. `old`: public id of a file of the submission or of a
    document."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="replacements")
    old = models.UUIDField()
    new = models.OneToOneField(CaseDocument, on_delete=models.CASCADE, related_name="replaces")
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    replaced_at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = "Neuere Fassung"
        verbose_name_plural = "Neuere Fassungen"
        constraints = [models.UniqueConstraint(fields=["case", "old"], name="replaced_once")]

    def __str__(self) -> str:
        return str(self.old)
