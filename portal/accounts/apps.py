from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in


class AccountsConfig(AppConfig):
    name = "portal.accounts"
    label = "accounts"
    verbose_name = "Konten"

    def ready(self) -> None:
        from portal.accounts import sign_ins  # noqa: PLC0415 - models are there only now

        # Django's own bell, the one door that every way of signing in passes.
        user_logged_in.connect(sign_ins.record, dispatch_uid="sign_ins")
