"""The product's settings with what tests change: fast hashes, mail in memory, files in a folder of their own."""

import os

os.environ.setdefault("PORTAL_DEMO", "1")

from portal.settings import *  # noqa: F403
from portal.settings import BASE_DIR, TEMPLATES

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# Empty: every test client would look through all collected files anew.
STATIC_ROOT = BASE_DIR / "var" / "test-static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
FILE_STORE = BASE_DIR / "var" / "test-files"
CELERY_BROKER_URL = "redis+socket:///nonexistent/broker"  # no test may lean on a queue; tests/faults brings its own
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
TEMPLATES = [TEMPLATES[0] | {"DIRS": [BASE_DIR / "templates", BASE_DIR / "tests" / "templates"]}]
PROOF_BITS = 2  # tests compute the proof themselves
