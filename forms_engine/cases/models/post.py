"""What clerks need for writing with people: blocks of text, and who waits for an answer."""

from django.db import models

from forms_engine.cases.models.case import Case
from portal.common import clock
from portal.directory.teams.models import Team


class TextBlock(models.Model):
    """Words that a team often writes, with placeholders of the case (textblocks.py). Nothing personal is in it."""

    public_id = models.UUIDField(default=clock.uuid, unique=True, editable=False)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="text_blocks")
    title = models.CharField(max_length=80)
    text = models.TextField(max_length=5000)

    class Meta:
        verbose_name = "Textbaustein"
        verbose_name_plural = "Textbausteine"
        ordering = ["title"]
        constraints = [
            models.UniqueConstraint(fields=["team", "title"], name="text_block_title_once_per_team"),
            models.CheckConstraint(
                condition=~models.Q(title="") & ~models.Q(text=""), name="text_block_says_something"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class OpenReply(models.Model):
    """The last word in the thread of this case is the citizen's, since then. Written by replying.py only."""

    case = models.OneToOneField(Case, on_delete=models.CASCADE, related_name="open_reply")
    since = models.DateTimeField("seit", default=clock.now)

    class Meta:
        verbose_name = "Offene Antwort"
        verbose_name_plural = "Offene Antworten"
        indexes = [models.Index(fields=["since", "id"], name="open_reply_queue")]

    def __str__(self) -> str:
        return f"{self.case_id}"
