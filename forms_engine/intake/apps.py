from django.apps import AppConfig


class IntakeConfig(AppConfig):
    name = "forms_engine.intake"
    label = "intake"
    verbose_name = "Posteingang"
