"""The portal and, in the same workers, the barest answer Django can give (/hallo/): no middleware, no template."""

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.test.utils import override_settings

from portal.wsgi import application as portal

HELLO = "/hallo/"
settings.ROOT_URLCONF = "tests.bench.pages_urls"
with override_settings(MIDDLEWARE=[]):
    bare = WSGIHandler()


def application(environ, start_response):
    return (bare if environ["PATH_INFO"] == HELLO else portal)(environ, start_response)
