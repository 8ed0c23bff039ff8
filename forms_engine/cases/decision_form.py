"""The form by which a clerk decides: what each result needs, one sentence per cause (F33)."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, cast

from django import forms

from forms_engine.cases.forms import MAX_TEXT, PlainForm
from forms_engine.cases.models import DecisionKind
from forms_engine.cases.models.kinds import ENDING, REFUSING
from forms_engine.cases.payloads import Outcome
from forms_engine.cases.rules import Charge, Term
from portal.common import clock, formats

GRANTING = frozenset({DecisionKind.GRANTED, DecisionKind.PARTLY, DecisionKind.CERTIFICATE})
FROM_WHEN = "Geben Sie an, ab wann die Bewilligung gilt."
UNTIL_WHEN = "Geben Sie an, bis wann die Bewilligung gilt."
MAX_OWN = 20  # clauses of the clerk's own
NAMES = {
    DecisionKind.GRANTED: "bewilligen",
    DecisionKind.PARTLY: "zum Teil bewilligen",
    DecisionKind.CERTIFICATE: "ausstellen",
    DecisionKind.REFUSED: "ablehnen",
    DecisionKind.FEE_NOTICE: "eine Gebühr festsetzen",
    DecisionKind.TAKEN_BACK: "zurücknehmen, weil der Bescheid nicht rechtmäßig war (Art. 48 BayVwVfG)",
    DecisionKind.REVOKED: "widerrufen, weil sich etwas geändert hat (Art. 49 BayVwVfG)",
}


def day_field(label: str, empty: str) -> forms.DateField:
    return forms.DateField(
        label=label,
        required=False,
        input_formats=["%d.%m.%Y", "%Y-%m-%d"],
        widget=forms.DateInput(format="%d.%m.%Y", attrs={"size": 12, "inputmode": "numeric"}),
        help_text="Zum Beispiel 27.3.2027",
        error_messages={"invalid": f"{empty} Schreiben Sie Tag, Monat und Jahr, zum Beispiel 27.3.2027."},
    )


def _text(label: str, hint: str, what: str, rows: int = 4) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=False,
        max_length=MAX_TEXT,
        widget=forms.Textarea(attrs={"rows": rows}),
        help_text=hint,
        error_messages={"max_length": f"Kürzen Sie {what} auf höchstens 5.000 Zeichen."},
    )


@dataclass(frozen=True)
class Wanted:
    """What a form wants to know for a decision (rules.py): which results there are, and what belongs to them."""

    kinds: Sequence[DecisionKind]
    reasons: Sequence[tuple[str, str]]
    areas: Sequence[str]
    area_label: str
    term: Term | None
    charge: Charge | None
    explained: bool = False  # a grant, too
    conditions: Sequence[str] = ()


class DecisionForm(PlainForm):
    kind = forms.ChoiceField(label="Ergebnis", widget=forms.RadioSelect)
    valid_from = day_field("Gültig ab (bei Bewilligung)", FROM_WHEN)
    valid_until = day_field("Gültig bis (bei Bewilligung)", UNTIL_WHEN)
    fee = forms.DecimalField(
        label="Gebühr in Euro (bei Bewilligung)",
        required=False,
        localize=True,
        max_digits=10,
        decimal_places=2,
        error_messages={
            "invalid": "Geben Sie die Gebühr als Betrag ein, zum Beispiel 45,00.",
            "max_decimal_places": "Geben Sie die Gebühr mit höchstens zwei Stellen nach dem Komma ein.",
        },
    )
    area = forms.ChoiceField(
        required=False,
        error_messages={"invalid_choice": "Wählen Sie ein Gebiet aus der Liste."},
    )
    granted_part = _text("Was Sie bewilligen (bei Teilbewilligung)", "", "den bewilligten Teil", 3)
    refused_part = _text("Was Sie ablehnen (bei Teilbewilligung)", "", "den abgelehnten Teil", 3)
    conditions = forms.TypedMultipleChoiceField(
        label="Nebenbestimmungen (bei Bewilligung)",
        required=False,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "Wählen Sie nur Nebenbestimmungen aus der Liste."},
    )
    own_conditions = _text(
        "Weitere Nebenbestimmungen (bei Bewilligung)", "Jede in einer eigenen Zeile.", "die Nebenbestimmungen", 3
    )
    reasons = forms.MultipleChoiceField(
        label="Gründe (bei Ablehnung)",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "Wählen Sie nur Gründe aus der Liste."},
    )
    explanation = _text(
        "Begründung im Einzelfall",
        "Wird in den Bescheid übernommen. Bei einer Ablehnung nötig (Art. 39 BayVwVfG).",
        "die Begründung",
        5,
    )

    def __init__(self, *args: Any, wanted: Wanted, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.wanted = wanted
        kind = cast(forms.ChoiceField, self.fields["kind"])
        kind.choices = [(k.value, k.label) for k in wanted.kinds]
        named = [NAMES[k] for k in wanted.kinds]
        choose = f"Wählen Sie aus, ob Sie {', '.join(named[:-1])} oder {named[-1]}."
        kind.error_messages |= {"required": choose, "invalid_choice": choose}
        self._offer("area", [("", "Bitte auswählen"), *((name, name) for name in wanted.areas)])
        self._offer("reasons", list(wanted.reasons))
        self._offer("conditions", list(enumerate(wanted.conditions)))
        self.fields["area"].label = f"{wanted.area_label} (bei Bewilligung)"
        self.initial.setdefault("conditions", list(range(len(wanted.conditions))))
        if wanted.charge:
            low, high = (formats.eur(cents) for cents in (wanted.charge.lowest, wanted.charge.highest))
            self.fields["fee"].help_text = f"Der Rahmen geht von {low} bis {high}."
        if ENDING & set(wanted.kinds) and "valid_from" in self.fields:
            self.fields["valid_from"].label = "Gültig ab (bei Bewilligung), sonst wirksam ab"
        if DecisionKind.FEE_NOTICE in wanted.kinds:
            self.fields["fee"].label = "Gebühr in Euro (beim Gebührenbescheid)"
        for name in self._needless():
            del self.fields[name]

    def _offer(self, field: str, choices: Sequence[tuple[Any, str]]) -> None:
        cast(forms.ChoiceField, self.fields[field]).choices = choices

    def _needless(self) -> list[str]:
        """What this form of the city does not need."""
        wanted = self.wanted
        needless = [] if wanted.areas else ["area"]
        needless += [] if wanted.term or ENDING & set(wanted.kinds) else ["valid_from"]
        needless += [] if wanted.term else ["valid_until"]
        needless += [] if wanted.charge and not wanted.charge.is_fixed else ["fee"]
        needless += [] if DecisionKind.PARTLY in wanted.kinds else ["granted_part", "refused_part"]
        return needless + ([] if wanted.conditions else ["conditions"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        kind = data.get("kind")
        if kind in GRANTING:
            if self.wanted.explained:
                self._need(data, "explanation", "Schreiben Sie, was und wie viel Sie bewilligen und warum.")
            self._clean_grant(data)
            self._clean_own(data)
        if kind in GRANTING | {DecisionKind.FEE_NOTICE}:
            self._clean_fee(data)
        if kind == DecisionKind.PARTLY:
            self._need(data, "granted_part", "Schreiben Sie, was Sie bewilligen.")
            self._need(data, "refused_part", "Schreiben Sie, was Sie ablehnen.")
        if kind in REFUSING:
            self._need(data, "reasons", "Wählen Sie mindestens einen Ablehnungsgrund aus.")
            self._need(data, "explanation", "Begründen Sie die Ablehnung im Einzelfall.")
        if kind in ENDING:
            self._need(data, "valid_from", "Geben Sie an, ab welchem Tag der frühere Bescheid nicht mehr gilt.")
            self._need(data, "explanation", "Begründen Sie, warum der frühere Bescheid endet.")
        return data

    def _need(self, data: dict[str, Any], name: str, sentence: str) -> None:
        said = data.get(name)
        if not (said.strip() if isinstance(said, str) else said) and name not in self.errors:
            self.add_error(name, sentence)

    def _clean_grant(self, data: dict[str, Any]) -> None:
        if "area" in self.fields:
            self._need(data, "area", "Wählen Sie aus, für welches Gebiet die Bewilligung gilt.")
        if self.wanted.term is None:
            return
        start, end = data.get("valid_from"), data.get("valid_until")
        self._need(data, "valid_from", FROM_WHEN)
        if self.wanted.term.ends:
            self._need(data, "valid_until", UNTIL_WHEN)
        if start and end and end < start:
            self.add_error("valid_until", "Das Ende muss nach dem Beginn liegen.")
        elif end and end < clock.today():
            self.add_error("valid_until", "Das Ende muss in der Zukunft liegen.")

    def _clean_own(self, data: dict[str, Any]) -> None:
        if len(_lines(data.get("own_conditions", ""))) > MAX_OWN:
            self.add_error("own_conditions", f"Schreiben Sie höchstens {MAX_OWN} weitere Nebenbestimmungen.")

    def _clean_fee(self, data: dict[str, Any]) -> None:
        charge = self.wanted.charge
        if charge is None or "fee" not in self.fields or "fee" in self.errors:
            return
        if data["kind"] in GRANTING and DecisionKind.FEE_NOTICE in self.wanted.kinds:
            return  # a new version of a grant costs nothing again
        cents = int((data.get("fee") or 0) * 100)
        if not charge.lowest <= cents <= charge.highest:
            low, high = formats.eur(charge.lowest), formats.eur(charge.highest)
            self.add_error("fee", f"Geben Sie eine Gebühr zwischen {low} und {high} ein.")

    def outcome(self) -> Outcome:
        """What a valid form decides. What belongs to a grant only is left out of a refusal, and the other way round."""
        data = self.cleaned_data
        kind, explanation = DecisionKind(data["kind"]), data["explanation"].strip()
        said: dict[str, Any] = {"explanation": explanation}
        if kind in REFUSING:
            said |= {"reasons": data["reasons"]}
        if kind in ENDING:
            said |= {"valid_from": data.get("valid_from")}
        if kind in GRANTING:
            said |= {name: data.get(name) for name in ("valid_from", "valid_until")}
            said |= {"area": data.get("area", ""), "conditions": tuple(data.get("conditions", ()))}
            said |= {"own_conditions": tuple(_lines(data["own_conditions"]))}
        if kind == DecisionKind.PARTLY:
            said |= {name: data[name].strip() for name in ("granted_part", "refused_part")}
        return Outcome(kind, fee_cents=self._fee(kind), **said)

    def _fee(self, kind: DecisionKind) -> int | None:
        charge, further = self.wanted.charge, DecisionKind.FEE_NOTICE in self.wanted.kinds
        if charge is None or kind not in ({DecisionKind.FEE_NOTICE} if further else GRANTING):
            return None
        return charge.lowest if charge.is_fixed else int((self.cleaned_data.get("fee") or 0) * 100)


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def typed_before(outcome: Outcome) -> dict[str, object]:
    """What a clerk has proposed stands in the form again."""
    kept: dict[str, object] = {"kind": outcome.kind, "reasons": outcome.reasons, "explanation": outcome.explanation}
    if outcome.kind == DecisionKind.REFUSED:
        return kept
    kept |= {"valid_from": outcome.valid_from, "valid_until": outcome.valid_until, "area": outcome.area}
    kept |= {"granted_part": outcome.granted_part, "refused_part": outcome.refused_part}
    kept |= {"own_conditions": "\n".join(outcome.own_conditions)}
    kept |= {} if outcome.conditions is None else {"conditions": list(outcome.conditions)}
    return kept | ({"fee": Decimal(outcome.fee_cents) / 100} if outcome.fee_cents else {})
