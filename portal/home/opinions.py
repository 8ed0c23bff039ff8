""" "Waren die Informationen hilfreich?": yes or no with one click, and a sentence if somebody likes to write one.

The click comes without a CSRF token, so that the page of a service can be the same for everybody: it acts in nobody's
name, and answers of other sites are refused by what browsers say of themselves (Fetch Metadata). No person, no address.
"""

from django import forms
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from portal.common import limits
from portal.directory import access, actions
from portal.directory.models import Opinion

SALT, HOUR = "home.opinion", 3600
OPINIONS_PER_MINUTE = 6
LONGEST = 300


class SentenceForm(forms.Form):
    use_required_attribute = False

    sentence = forms.CharField(
        label=_lazy("Was hat gefehlt oder geholfen?"),
        help_text=_lazy("Ein Satz genügt. Schreiben Sie keine Namen und Nummern: Wir antworten hierauf nicht."),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={
            "required": _lazy("Schreiben Sie einen Satz"),
            "max_length": _lazy("Kürzen Sie den Satz auf 300 Zeichen"),
        },
    )
    opinion = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: object, **kwargs: object):
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # handed on as they came


@csrf_exempt
@require_POST
def give(request: HttpRequest, slug: str) -> HttpResponseBase:
    service = access.public_service(slug)
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        return render(request, "errors/forbidden.html", status=403)
    if request.POST.get("hilfreich") not in ("ja", "nein"):
        return redirect("home:service", slug)
    if not limits.allow(request, "home.opinion", per_minute=OPINIONS_PER_MINUTE):
        return render(request, "429.html", status=429)
    opinion = actions.note_opinion(service, helpful=request.POST["hilfreich"] == "ja")
    ticket = signing.dumps(opinion.pk, salt=SALT)
    return redirect(f"{reverse('home:opinion_thanks', args=[slug])}?{urlencode({'rueckmeldung': ticket})}")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def thanks(request: HttpRequest, slug: str) -> HttpResponse:
    """The click counts already; a sentence may be added within the hour, once."""
    service = access.public_service(slug)
    form = SentenceForm(request.POST or None, initial={"opinion": request.GET.get("rueckmeldung", "")})
    is_done = False
    if request.method == "POST" and form.is_valid():
        opinion = _of_ticket(form.cleaned_data["opinion"])
        is_done = opinion is not None
        if opinion is not None:
            actions.add_sentence(opinion, form.cleaned_data["sentence"])
    context = {"service": service, "form": form, "is_done": is_done}
    return render(request, "home/opinion_thanks.html", context, status=422 if form.errors else 200)


def _of_ticket(ticket: str) -> Opinion | None:
    try:
        return Opinion.objects.filter(pk=signing.loads(ticket, salt=SALT, max_age=HOUR), sentence="").first()
    except signing.BadSignature:
        return None
