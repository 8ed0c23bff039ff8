"""From yes or no to at once, daily or never: who wanted mails keeps getting them at once."""

from django.db import migrations, models

NAMES = {
    "message": "E-Mail bei Nachrichten und Nachfragen",
    "status": "E-Mail zum Stand",
    "payment": "E-Mail zu Zahlungen",
    "appointment": "E-Mail zu Terminen",
}
CHOICES = [("now", "sofort"), ("daily", "einmal am Tag gesammelt"), ("none", "nie")]


def _column(kind: str, name: str) -> migrations.RunSQL:
    column = f"alter table accounts_preferences alter column mail_{kind}"
    return migrations.RunSQL(
        f"{column} type varchar(8) using case when mail_{kind} then 'now' else 'none' end",
        f"{column} type boolean using mail_{kind} <> 'none'",
        state_operations=[
            migrations.AlterField(
                model_name="preferences",
                name=f"mail_{kind}",
                field=models.CharField(choices=CHOICES, default="now", max_length=8, verbose_name=name),
            )
        ],
    )


def _known(kind: str) -> migrations.AddConstraint:
    return migrations.AddConstraint(
        model_name="preferences",
        constraint=models.CheckConstraint(
            condition=models.Q((f"mail_{kind}__in", ["now", "daily", "none"])), name=f"preferences_mail_{kind}_known"
        ),
    )


class Migration(migrations.Migration):
    dependencies = [("accounts", "0207_roles_and_staff_sessions")]
    operations = [*(_column(kind, name) for kind, name in NAMES.items()), *(_known(kind) for kind in NAMES)]
