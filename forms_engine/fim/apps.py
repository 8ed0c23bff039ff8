from django.apps import AppConfig


class FimConfig(AppConfig):
    name = "forms_engine.fim"
    label = "fim"
    verbose_name = "FIM-Datenfelder"
    default_auto_field = "django.db.models.BigAutoField"
