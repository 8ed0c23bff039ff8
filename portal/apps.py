from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "portal"
    label = "portal"
    verbose_name = "Portal"

    def ready(self) -> None:
        from portal import checks, deploy_checks  # noqa: F401, PLC0415 - register themselves, and need the settings
