"""What is published: name -> description and query. Only aggregates, and no cell below the minimum size.

Small cells are blanked so that nobody can be recognised (Art. 20 BayStatG speaks of statistics; the city applies the
same care to administrative counts). No totals are published, so a blanked cell cannot be worked out.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from django.db.models import Count
from django.db.models.functions import TruncMonth

from forms_engine.cases.models import Decision, DecisionKind
from portal.common.clock import BERLIN

MIN_CELL = 3
PERMIT = "bewohnerparkausweis"
Row: TypeAlias = tuple[str | int | bool | None, ...]


@dataclass(frozen=True)
class Column:
    name: str
    type: str  # Table Schema (Frictionless) type: string, integer, boolean, yearmonth
    title: str

    @property
    def german_type(self) -> str:
        return {"string": "Text", "integer": "ganze Zahl", "boolean": "ja oder nein", "yearmonth": "Jahr und Monat"}[
            self.type
        ]


@dataclass(frozen=True)
class Dataset:
    slug: str
    title: str
    summary: str
    keywords: tuple[str, ...]
    columns: tuple[Column, ...]
    rows: Callable[[], Sequence[Row]]
    licence: str = "Datenlizenz Deutschland – Zero – Version 2.0"
    licence_url: str = "https://www.govdata.de/dl-de/zero-2-0"
    frequency: str = "laufend"


def parking_permits() -> list[Row]:
    """Granted resident parking permits by licence area and month of issue (Munich calendar), oldest first."""
    counts = (
        Decision.objects.filter(kind=DecisionKind.GRANTED, issued_at__isnull=False, withdrawn_at=None)
        .filter(case__submission__form_version__form__slug=PERMIT)
        .exclude(area="")
        .exclude(replaced_by__kind=DecisionKind.GRANTED)  # the new version counts
        .annotate(month=TruncMonth("issued_at", tzinfo=BERLIN))
        .values_list("month", "area")
        .annotate(count=Count("id"))
        .order_by("month", "area")
    )
    return [
        (f"{month:%Y-%m}", area, None if count < MIN_CELL else count, count < MIN_CELL) for month, area, count in counts
    ]


DATASETS: dict[str, Dataset] = {
    dataset.slug: dataset
    for dataset in [
        Dataset(
            slug="bewohnerparkausweise",
            title="Bewohnerparkausweise nach Gebiet und Monat",
            summary="Wie viele Bewohnerparkausweise die Stadt je Parklizenzgebiet und Monat bewilligt hat. "
            f"Zahlen unter {MIN_CELL} sind zum Schutz der Personen nicht angegeben.",
            keywords=("Parken", "Parkausweis", "Verkehr", "Bewohnerparken"),
            columns=(
                Column("monat", "yearmonth", "Monat der Bewilligung"),
                Column("gebiet", "string", "Parklizenzgebiet"),
                Column("anzahl", "integer", "Bewilligte Ausweise"),
                Column("anzahl_zu_klein", "boolean", f"Anzahl liegt unter {MIN_CELL}"),
            ),
            rows=parking_permits,
        )
    ]
}
