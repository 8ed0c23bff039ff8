"""The admin of the house: entered with a second factor only, signed in to by the same steps as the portal."""

from typing import Any, cast

from allauth.account.app_settings import EmailVerificationMethod
from allauth.account.internal.flows.login import perform_password_login
from allauth.account.models import Login
from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache

from portal.accounts import staff
from portal.accounts.forms import AdminSignInForm


class SignInView(LoginView):
    """The password is right: the second step follows, if the person has one (allauth's stages)."""

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        user = form.get_user()
        # Accounts of staff are made by colleagues, who know the address.
        login = Login(user, email_verification=EmailVerificationMethod.NONE, redirect_url=self.get_success_url())
        response: HttpResponse = perform_password_login(self.request, {"email": user.get_username()}, login)
        return response


class HouseAdminSite(AdminSite):
    site_title = site_header = "Verwaltung"
    index_title = "Übersicht"
    login_form = AdminSignInForm

    def has_permission(self, request: HttpRequest) -> bool:
        return super().has_permission(request) and staff.is_proven(request)

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """The citizens' pages have another address where staff have their own (portal/hosts.py)."""
        context = super().each_context(request)
        return {**context, "site_url": settings.PUBLIC_URL} if settings.STAFF_HOST else context

    @method_decorator(never_cache)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if request.method == "GET" and not self.has_permission(request):
            if way := staff.way_in(request, _target(request)):
                return way
        elif request.method == "POST":
            return self._sign_in(request, extra_context)
        return super().login(request, extra_context)

    def _sign_in(self, request: HttpRequest, extra_context: dict[str, Any] | None) -> HttpResponse:
        context = {
            **self.each_context(request),
            "title": "Anmelden",
            "subtitle": None,
            "app_path": request.get_full_path(),
            "username": request.user.get_username(),
            REDIRECT_FIELD_NAME: _target(request),
            **(extra_context or {}),
        }
        request.current_app = self.name
        view = SignInView.as_view(
            extra_context=context, authentication_form=self.login_form, template_name="admin/login.html"
        )
        return cast(HttpResponse, view(request))


def _target(request: HttpRequest) -> str:
    wanted = request.POST.get(REDIRECT_FIELD_NAME) or request.GET.get(REDIRECT_FIELD_NAME, "")
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if safe else reverse("admin:index")
