from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in


class AccountsConfig(AppConfig):
    name = "portal.accounts"
    label = "accounts"
    verbose_name = "Konten"

    def ready(self) -> None:
        from allauth.mfa.signals import authenticator_added  # noqa: PLC0415 - models are there only now

        from portal.accounts import second_factor, sign_ins  # noqa: PLC0415 - likewise

        # Django's own bell, the one door that every way of signing in passes.
        user_logged_in.connect(sign_ins.record, dispatch_uid="sign_ins")
        authenticator_added.connect(second_factor.set_up, dispatch_uid="second_factor")
