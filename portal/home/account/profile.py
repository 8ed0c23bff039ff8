"""What the person says about themselves, and how they wish to be addressed."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from portal.accounts import profile
from portal.accounts.access import citizen, signed_in
from portal.accounts.forms import ContactForm, PreferencesForm
from portal.accounts.models import Preferences


@signed_in
def contact(request: HttpRequest) -> HttpResponseBase:
    user = citizen(request)
    known = {datum.name: datum for datum in profile.of(user)}
    proven = [name for name, datum in known.items() if not datum.own]
    initial = {name: datum.value for name, datum in known.items()}
    form = ContactForm(request.POST or None, initial=initial, proven=proven)
    if request.method == "POST" and form.is_valid():
        profile.record_own(user, form.cleaned_data)
        messages.success(request, _("Ihre Angaben sind gespeichert."))
        return redirect("home:profile")
    return render(request, "home/account/contact.html", {"form": form})


@signed_in
def preferences(request: HttpRequest) -> HttpResponseBase:
    held = Preferences.objects.filter(user=citizen(request)).first() or Preferences(user=citizen(request))
    form = PreferencesForm(request.POST or None, instance=held)
    if request.method == "POST" and form.is_valid():
        Preferences.objects.update_or_create(user=citizen(request), defaults=form.cleaned_data)
        messages.success(request, _("Ihre Wünsche sind gespeichert."))
        return redirect("home:profile")
    return render(request, "home/account/preferences.html", {"form": form})
