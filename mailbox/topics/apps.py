from django.apps import AppConfig


class TopicsConfig(AppConfig):
    name = "mailbox.topics"
    label = "topics"
    verbose_name = "Newsletter"
