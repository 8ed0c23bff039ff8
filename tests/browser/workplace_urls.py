"""The house's addresses and one sample page in the frame of the clerk's workplace."""

from django import forms
from django.contrib import admin
from django.http import HttpResponse
from django.template import engines
from django.urls import path

from portal.home.style import SampleForm
from portal.urls import urlpatterns as house

SAMPLE = """{% extends "workplace/base.html" %}
{% block w_actions %}<a class="w-button" href="#">Nächster Vorgang</a>{% endblock %}
{% block w_main %}
<div class="w-panel"><h2>Antrag</h2><dl class="w-facts"><dt>Name</dt><dd>Alice Ammer</dd><dt>Kennzeichen</dt><dd class="w-code">M-AB 123</dd></dl></div>
<div class="w-alert w-alert--warning"><strong>Die Frist endet morgen.</strong> <a href="#">Zur Frist</a></div>
<table class="w-table"><caption>Fahrzeuge</caption><thead><tr><th scope="col">Kennzeichen</th><th scope="col">Stand</th><th scope="col" class="w-table__number">Länge</th></tr></thead>
<tbody><tr><th scope="row"><a href="#">M-AB 123</a></th><td><span class="w-badge w-badge--success">Geprüft</span></td><td class="w-table__number">4,20 m</td></tr>
<tr><th scope="row"><a href="#">M-XY 9</a></th><td><span class="w-badge w-badge--danger">Fehlt</span> <span class="w-badge w-badge--info">Neu</span> <span class="w-badge">Entwurf</span></td><td class="w-table__number">5,10 m</td></tr></tbody></table>
<form method="post" novalidate>{% csrf_token %}{% for field in form %}{{ field.as_field_group }}{% endfor %}
<div class="w-actions"><button class="w-button" type="submit">Bewilligen</button><button class="w-button w-button--secondary" type="submit" name="a">Nachfordern</button><button class="w-button w-button--danger" type="submit" name="b">Ablehnen</button></div></form>
{% endblock %}
{% block w_side %}
<div class="w-panel w-panel--quiet"><h2>Verlauf</h2>{% include "components/timeline.html" %}</div>
<div class="w-panel"><h2>Nachricht</h2><p class="w-quote">Guten Tag,
ich reiche den Schein nach.</p><p class="w-muted">Alice Ammer, heute</p></div>
{% endblock %}"""  # noqa: E501 - markup


def sample(request):
    form: forms.Form = SampleForm({"postcode": "8033"} if "fehler" in request.GET else None)
    steps = [
        {"title": "Eingegangen", "state": "done", "at": None},
        {"title": "In Prüfung", "state": "now", "at": None},
        {"title": "Bescheid", "state": "planned", "at": None},
    ]
    context = {**admin.site.each_context(request), "title": "KVR-2026-000123-4", "form": form, "steps": steps}
    return HttpResponse(engines["django"].from_string(SAMPLE).render(context, request))


urlpatterns = [path("verwaltung/probe/", admin.site.admin_view(sample)), *house]
