"""What readers fill in."""

import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from mailbox.topics import addresses
from mailbox.topics.models import Channel, Topic
from portal.accounts.forms import mail_field
from portal.common import clock

NOT = "none"
ONCE = re.compile(r"[\w-]{20,64}", re.ASCII)


def _choices(topics: Sequence[Topic]) -> list[tuple[str, str]]:
    return [(topic.slug, topic.title) for topic in topics]


def _hints(topics: Sequence[Topic]) -> dict[str, str]:
    return {topic.slug: f"{topic.summary} ({topic.rhythm})" for topic in topics}


class SignUpForm(forms.Form):
    """`once` names one filled-in form; the proof of work is for it."""

    use_required_attribute = False

    themen = forms.MultipleChoiceField(
        label=_lazy("Welche Newsletter möchten Sie?"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": _lazy("Wählen Sie mindestens einen Newsletter aus"),
            "invalid_choice": _lazy("Wählen Sie einen Newsletter aus der Liste"),
        },
    )
    mail = mail_field(_lazy("An diese Adresse schicken wir zuerst einen Link zum Bestätigen."))
    once = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, topics: Sequence[Topic], **kwargs: Any):
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        field = self.fields["themen"]
        field.choices = _choices(topics)  # type: ignore[attr-defined]  # the stubs know only the base
        field.choice_hints = {topic.slug: topic.rhythm for topic in topics}  # type: ignore[attr-defined]  # see kern.py
        posted = self.data.get("once", "")
        self.once_key = posted if ONCE.fullmatch(posted) else clock.token(24)
        self.fields["once"].initial = self.once_key

    def clean_mail(self) -> str:
        try:
            return addresses.normal(self.cleaned_data["mail"])
        except addresses.NotAnAddress:
            raise ValidationError(_("Geben Sie die E-Mail-Adresse so ein: name@beispiel.de")) from None


class ChoiceForm(forms.Form):
    """Which topics, all others not. By the link in a mail."""

    use_required_attribute = False

    themen = forms.MultipleChoiceField(
        label=_lazy("Diese Newsletter möchte ich bekommen"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        error_messages={"invalid_choice": _lazy("Wählen Sie einen Newsletter aus der Liste")},
    )

    def __init__(self, *args: Any, topics: Sequence[Topic], **kwargs: Any):
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        field = self.fields["themen"]
        field.choices, field.choice_hints = _choices(topics), _hints(topics)  # type: ignore[attr-defined]  # see kern.py


class AccountForm(forms.Form):
    """One question for each topic: not at all, or how. `has_mail`: the account has an address."""

    use_required_attribute = False

    def __init__(self, *args: Any, topics: Sequence[Topic], has_mail: bool, **kwargs: Any):
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        ways: list[tuple[str, Any]] = [(NOT, _lazy("Nicht bekommen"))]
        ways += [(Channel.MAIL, _lazy("Per E-Mail"))] if has_mail else []
        ways += [(Channel.POSTBOX, _lazy("Ins Postfach"))]
        for topic in topics:
            self.fields[topic.slug] = forms.ChoiceField(
                label=topic.title,
                help_text=f"{topic.summary} ({topic.rhythm})",
                choices=ways,
                initial=NOT,
                widget=forms.RadioSelect,
                error_messages=dict.fromkeys(
                    ("required", "invalid_choice"), _lazy("Wählen Sie aus, wie Sie den Newsletter bekommen möchten")
                ),
            )

    @property
    def wished(self) -> dict[str, Channel]:
        return {slug: Channel(way) for slug, way in self.cleaned_data.items() if way != NOT}
