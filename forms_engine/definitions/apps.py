from django.apps import AppConfig


class DefinitionsConfig(AppConfig):
    name = "forms_engine.definitions"
    label = "definitions"
    verbose_name = "Formulare"
