"""The page that Django's own means give for the questions of bench_forms: what its wizard is held against."""

from typing import Any

from django import forms
from django.forms.renderers import DjangoTemplates
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.template import Context, Engine
from django.urls import path

from portal.urls import handler400, handler403, handler404, handler500
from portal.urls import urlpatterns as pages

EACH = 20  # questions on a page
KINDS = ("text", "choice", "integer", "textarea", "boolean", "date", "email", "select", "plate", "text")
CHOICES = (("a", "Erste Antwort"), ("b", "Zweite Antwort"), ("c", "Dritte Antwort"))
HINT, EMPTY = "Ein Hinweis dazu", "Beantworten Sie diese Frage."


class Parts(forms.MultiWidget):
    def __init__(self) -> None:
        super().__init__([forms.TextInput() for _ in range(3)])

    def decompress(self, value: Any) -> list[Any]:
        return value or [None] * 3


class Day(forms.MultiValueField):
    widget = Parts

    def __init__(self, **kwargs: Any):
        super().__init__([forms.IntegerField(max_value=most) for most in (31, 12, 9999)], **kwargs)

    def compress(self, data_list: list[Any]) -> Any:
        return data_list


def field(kind: str, label: str) -> forms.Field:
    said: dict[str, Any] = {"label": label, "help_text": HINT, "error_messages": {"required": EMPTY}}
    match kind:
        case "textarea":
            return forms.CharField(max_length=100, widget=forms.Textarea, **said)
        case "choice":
            return forms.ChoiceField(choices=CHOICES, widget=forms.RadioSelect, **said)
        case "boolean":
            return forms.ChoiceField(choices=[("ja", "Ja"), ("nein", "Nein")], widget=forms.RadioSelect, **said)
        case "select":
            return forms.ChoiceField(choices=[("", "Bitte auswählen"), *CHOICES], **said)
        case "integer":
            return forms.IntegerField(min_value=0, max_value=100, **said)
        case "date":
            return Day(**said)
        case "email":
            return forms.EmailField(**said)
    return forms.CharField(max_length=100, **said)


def first_page() -> type[forms.Form]:
    """A class for all requests, as Django's authors mean it."""
    return type("Bare", (forms.Form,), {f"f_{n}": field(KINDS[n % len(KINDS)], f"Frage {n}") for n in range(EACH)})


RENDERER, FORM = DjangoTemplates(), first_page()
TEMPLATE = Engine().from_string(
    """<!doctype html><html lang="de"><head><title>Seite 1</title></head><body><h1>Seite 1</h1><form method="post">
<input type="hidden" name="csrfmiddlewaretoken" value="{{ token }}">{{ form }}<button>Weiter</button></form></body>
</html>"""
)


def judged_and_drawn(request: HttpRequest) -> str:
    form = FORM(request.POST if request.method == "POST" else None, renderer=RENDERER)
    form.is_valid()
    html: str = TEMPLATE.render(Context({"form": form, "token": get_token(request)}))
    return html


def page(request: HttpRequest) -> HttpResponse:
    return HttpResponse(judged_and_drawn(request))


urlpatterns = [path("nackt/", page), *pages]

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]
