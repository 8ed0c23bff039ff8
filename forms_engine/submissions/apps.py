from django.apps import AppConfig


class SubmissionsConfig(AppConfig):
    name = "forms_engine.submissions"
    label = "submissions"
    verbose_name = "Einreichungen"
