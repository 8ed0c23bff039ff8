from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "mailbox.exchange"
    label = "exchange"
    verbose_name = "Datenaustausch"
