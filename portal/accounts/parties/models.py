"""What a company says about itself, and which matters are whose."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from portal.common import clock


class LegalForm(models.TextChoices):
    GMBH = "gmbh", "GmbH"
    UG = "ug", "UG (haftungsbeschränkt)"
    AG = "ag", "AG"
    EK = "ek", "e. K."
    OHG = "ohg", "OHG"
    KG = "kg", "KG"
    GMBH_KG = "gmbh-kg", "GmbH & Co. KG"
    EG = "eg", "eG"
    EV = "ev", "e. V."
    GBR = "gbr", "GbR"
    SOLE = "einzel", "Einzelunternehmen"
    OTHER = "andere", "andere Rechtsform"


# Those that need no entry in a register. A GbR may be registered (§ 707 BGB), it need not.
UNREGISTERED = frozenset({LegalForm.GBR, LegalForm.SOLE, LegalForm.OTHER})


class Company(models.Model):
    """The facts of a company. Its name is the name of its account, its members are mandates of that account."""

    account = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="company", verbose_name="Konto"
    )
    legal_form = models.CharField("Rechtsform", max_length=10, choices=LegalForm.choices)
    register_court = models.CharField("Registergericht", max_length=80, blank=True)
    register_number = models.CharField("Registernummer", max_length=20, blank=True)
    vat_id = models.CharField("Umsatzsteuer-Identifikationsnummer", max_length=14, blank=True)
    street = models.CharField("Straße und Hausnummer", max_length=120)
    postcode = models.CharField("Postleitzahl", max_length=10)
    place = models.CharField("Ort", max_length=80)
    created_at = models.DateTimeField("angelegt am", default=clock.now, editable=False)

    class Meta:
        verbose_name = "Unternehmen"
        verbose_name_plural = "Unternehmen"
        constraints = [
            models.CheckConstraint(condition=Q(legal_form__in=LegalForm.values), name="company_legal_form_known"),
            models.CheckConstraint(
                condition=Q(register_court="", register_number="") | ~Q(register_court="") & ~Q(register_number=""),
                name="company_register_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(legal_form__in=sorted(UNREGISTERED)) | ~Q(register_number=""),
                name="company_is_registered",
            ),
            models.CheckConstraint(
                condition=Q(vat_id="") | Q(vat_id__regex=r"^[A-Z]{2}[A-Z0-9]{2,12}$"), name="company_vat_id_shape"
            ),
        ]

    def __str__(self) -> str:
        return f"company:{self.pk}"


class Matter(models.Model):
    """One thing that was done for somebody by others. `key` is how the apps name it: "case:<public id>".

    Messages, payments and appointments carry the key; so each app can ask who may see them without knowing the case.
    """

    key = models.CharField("Kennung", max_length=120, unique=True)
    principal = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="matters", verbose_name="vertretene Person"
    )
    service = models.CharField("Leistung", max_length=80)
    opened_at = models.DateTimeField("begonnen", default=clock.now)

    class Meta:
        verbose_name = "Angelegenheit in Vertretung"
        verbose_name_plural = "Angelegenheiten in Vertretung"

    def __str__(self) -> str:
        return self.key
