"""Who covers for an absent clerk."""

import datetime as dt

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value

from portal.accounts.models import User
from portal.common import clock


class DeputyQuerySet(models.QuerySet["Deputy"]):
    def on(self, day: dt.date) -> "DeputyQuerySet":
        return self.filter(first_day__lte=day, last_day__gte=day)


class Deputy(models.Model):
    """From the first to the last day, both included, `deputy` sees what waits for `absent`. One deputy a day."""

    absent = models.ForeignKey(User, on_delete=models.CASCADE, related_name="deputies", verbose_name="vertreten")
    deputy = models.ForeignKey(User, on_delete=models.CASCADE, related_name="covers", verbose_name="Vertretung")
    first_day = models.DateField("ab")
    last_day = models.DateField("bis")
    named_at = models.DateTimeField("eingetragen am", default=clock.now)

    objects = DeputyQuerySet.as_manager()

    class Meta:
        verbose_name = "Abwesenheitsvertretung"
        verbose_name_plural = "Abwesenheitsvertretungen"
        constraints = [
            models.CheckConstraint(condition=~Q(absent=F("deputy")), name="deputy_is_somebody_else"),
            models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="deputy_days_in_order"),
            ExclusionConstraint(
                name="one_deputy_a_day",
                expressions=[
                    ("absent", RangeOperators.EQUAL),
                    (
                        Func(
                            F("first_day"),
                            F("last_day"),
                            Value("[]"),
                            function="daterange",
                            output_field=DateRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.absent}: {self.deputy}"
