"""One settings file. Differences between demo, test and production are environment values (docs/operating.md)."""

import os
from pathlib import Path

import django_stubs_ext
from csp.constants import NONE, SELF

from portal.env import env_bool, env_int, env_list, env_path, env_secret, env_secret_list, env_str

django_stubs_ext.monkeypatch()  # Django's generic classes may name their types at run time, too

BASE_DIR = Path(__file__).resolve().parent.parent
DEBUG = env_bool("PORTAL_DEBUG")
DEMO = env_bool("PORTAL_DEMO")  # demo mail page, demo logins, test payment label; never in production

SECRET_KEY = env_secret(
    "PORTAL_SECRET_KEY", "insecure-demo-key-insecure-demo-key-insecure-demo-key" if DEMO or DEBUG else ""
)
# "id:base64(32 bytes)", newest first; older ones only open what they once sealed (portal.common.crypto).
KEY_ENCRYPTION_KEYS = env_secret(
    "PORTAL_KEKS", "demo:ZGVtby1kZW1vLWRlbW8tZGVtby1kZW1vLWRlbW8tISE=" if DEMO or DEBUG else ""
)
ALLOWED_HOSTS = env_list("PORTAL_HOSTS", "127.0.0.1,localhost" if DEMO or DEBUG else "")
PUBLIC_URL = env_str("PORTAL_URL", "http://127.0.0.1:8000").rstrip("/")
# Where administration and workplace answer, and nothing else does; empty: one host for all (demo). See portal/hosts.py.
STAFF_HOST = env_str("PORTAL_ADMIN_HOST", "").lower()
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL, *([f"https://{STAFF_HOST}"] if STAFF_HOST else [])]
HTTPS = PUBLIC_URL.startswith("https://")
CITY = {
    "name": env_str("PORTAL_CITY_NAME", "Landeshauptstadt München"),
    "short": env_str("PORTAL_CITY_SHORT", "München"),
    "department": "Kreisverwaltungsreferat",
    "street": "Ruppertstraße 19",
    "postcode": "80337",
    "place": "München",
}
SECURITY_CONTACT = env_str("PORTAL_SECURITY_CONTACT", "mailto:sicherheit@stadt.invalid")
MAINTENANCE_FILE = env_path("PORTAL_MAINTENANCE_FILE")

INSTALLED_APPS = [
    "portal.accounts.admin_config.HouseAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.mfa",
    "csp",
    "formtools",
    "portal",
    "portal.accounts",
    "portal.audit",
    "portal.outbox",
    "portal.documents",
    "portal.directory",
    "payments",
    "appointments",
    "mailbox",
    "mailbox.topics",
    "mailbox.exchange",
    "forms_engine.definitions",
    "forms_engine.fim",
    "forms_engine.submissions",
    "forms_engine.cases",
    "forms_engine.intake",
    "opendata",
    "portal.home",
]
MIDDLEWARE = [
    "portal.languages.AddressLanguage",
    "portal.home.errors.Maintenance",
    "portal.home.shared_pages.SharedPages",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "portal.hosts.TwoHosts",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "portal.accounts.sign_ins.FollowSession",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "portal.accounts.session_store.Authentication",
    "portal.accounts.staff.StaffSessions",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "portal.home.errors.DamagedFiles",
    "portal.home.kiosk.KioskProfile",
]
ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.context.portal",
            ],
            "builtins": ["django.templatetags.i18n", "portal.templatetags.portal"],
        },
    }
]
FORM_RENDERER = "portal.renderers.KernRenderer"

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": os.environ.get("PGDATABASE", "portal"),
        "USER": os.environ.get("PGUSER", "postgres"),
        "PASSWORD": env_secret("PGPASSWORD"),
        "HOST": os.environ.get("PGHOST", ""),
        "PORT": os.environ.get("PGPORT", ""),
        # Threads of one web process share a pool; workers and commands keep one connection each.
        **(
            {"OPTIONS": {"pool": {"min_size": 1, "max_size": env_int("PORTAL_DB_POOL", 0), "timeout": 10}}}
            if env_int("PORTAL_DB_POOL", 0)
            else {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
        ),
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "portal.accounts.passwords.BreachedPasswordValidator"},
]
BREACHED_PASSWORDS = env_path("PORTAL_BREACHED_PASSWORDS")  # sorted SHA-1 hashes (portal.accounts.passwords)
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home:overview"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_ADAPTER = "portal.accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "portal.accounts.forms.LoginForm",
    "signup": "portal.accounts.forms.SignupForm",
    "add_email": "portal.accounts.forms.AddEmailForm",
    "change_email": "portal.accounts.forms.ChangeEmailForm",
    "confirm_email_verification_code": "portal.accounts.forms.ConfirmEmailForm",
    "reauthenticate": "portal.accounts.forms.ReauthenticateForm",
    "change_password": "portal.accounts.forms.ChangePasswordForm",
    "set_password": "portal.accounts.forms.SetPasswordForm",
    "reset_password": "portal.accounts.forms.ResetPasswordForm",
    "reset_password_from_key": "portal.accounts.forms.ResetPasswordKeyForm",
}
# A code instead of a link: the application goes on in the window where it began, also when mail is read on the phone.
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_CHANGE = True
ACCOUNT_CHANGE_EMAIL = True  # one address per person; the new one counts once it is confirmed
ACCOUNT_EMAIL_NOTIFICATIONS = True
MFA_ADAPTER = "portal.accounts.second_factor.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"  # a passkey replaces password and second factor: it proves its owner
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_TOLERANCE = 1  # clocks may differ by 30 seconds; a code still counts once (second_factor.spend)
MFA_FORMS = {
    "authenticate": "portal.accounts.second_factor_forms.AuthenticateForm",
    "reauthenticate": "portal.accounts.second_factor_forms.ReauthenticateForm",
    "activate_totp": "portal.accounts.second_factor_forms.ActivateTOTPForm",
    "add_webauthn": "portal.accounts.second_factor_forms.AddWebAuthnForm",
    "edit_webauthn": "portal.accounts.second_factor_forms.EditWebAuthnForm",
}
ALLAUTH_TRUSTED_PROXY_COUNT = env_int("PORTAL_PROXIES", 0)

# Accounts elsewhere (portal.accounts.identity): BayernID and BundID by SAML, one more by OpenID Connect. What is not
# configured is not offered.
SAML_KEY_FILE = env_path("PORTAL_SAML_KEY_FILE")
SAML_CERTIFICATE_FILE = env_path("PORTAL_SAML_CERTIFICATE_FILE")
SAML_ENTITY_ID = env_str("PORTAL_SAML_ENTITY_ID", "")
SAML_SERVICE_ID = env_str("PORTAL_SAML_SERVICE_ID", "")
SAML_METADATA = {"bayernid": env_path("PORTAL_BAYERNID_METADATA"), "bundid": env_path("PORTAL_BUNDID_METADATA")}
# "both": response and assertion must be signed; "assertion": it alone. Nothing less can be chosen.
SAML_SIGNED = {
    "bayernid": env_str("PORTAL_BAYERNID_SIGNED", "both"),
    "bundid": env_str("PORTAL_BUNDID_SIGNED", "both"),
}
SAML_CBC = env_list("PORTAL_SAML_CBC")  # providers that cannot encrypt with AES-GCM yet
# The second pair while keys are exchanged: opens what is encrypted for it and stands in our metadata; never signs.
SAML_OTHER_KEY_FILE = env_path("PORTAL_SAML_OTHER_KEY_FILE")
SAML_OTHER_CERTIFICATE_FILE = env_path("PORTAL_SAML_OTHER_CERTIFICATE_FILE")
OIDC_ISSUER = env_str("PORTAL_OIDC_ISSUER", "")
OIDC_NAME = env_str("PORTAL_OIDC_NAME", "OpenID")
OIDC_LEVELS = env_list("PORTAL_OIDC_LEVELS")  # acr=basic, acr=substantial, acr=high
SOCIALACCOUNT_ADAPTER = "portal.accounts.identity.oidc.SocialAdapter"
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "APPS": [
            {
                "provider_id": "oidc",
                "name": OIDC_NAME,
                "client_id": env_str("PORTAL_OIDC_CLIENT", ""),
                "secret": env_secret("PORTAL_OIDC_SECRET"),
                "settings": {
                    "server_url": OIDC_ISSUER,
                    "oauth_pkce_enabled": True,
                    "scope": ["openid", "profile"],
                },
            }
        ]
    }
}
# Where sign-in buttons lead: browsers apply form-action to the redirect after our own POST.
IDENTITY_ORIGINS = env_list("PORTAL_IDENTITY_ORIGINS")

SESSION_ENGINE = "portal.accounts.session_store"
SESSION_COOKIE_AGE = env_int("PORTAL_SESSION_SECONDS", 3600)
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_NAME = "portal_sitzung"
STAFF_COOKIE_NAME = "portal_verwaltung"  # on the staff's own host, so that no browser takes one session for the other
STAFF_IDLE_SECONDS = env_int("PORTAL_STAFF_IDLE_SECONDS", 1800)
STAFF_SESSION_SECONDS = env_int("PORTAL_STAFF_SESSION_SECONDS", 36000)
CSRF_FAILURE_VIEW = "portal.home.errors.csrf_failure"
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31536000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env_int("PORTAL_PROXIES", 0) else None
X_FRAME_OPTIONS = "DENY"
# The payment page's origin stands in form-action: browsers apply it to the redirect after our own POST.
PAYMENT_PAGE_ORIGINS = env_list("PORTAL_PAYMENT_ORIGINS", "https://checkout.stripe.com")
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF, *PAYMENT_PAGE_ORIGINS, *IDENTITY_ORIGINS],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

LANGUAGE_CODE = "de"  # the texts in the source; other languages fall back to it
LANGUAGES = [("de", "Deutsch"), ("en", "English"), ("de-simple", "Leichte Sprache")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Europe/Berlin"
USE_I18N = USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = Path(env_str("PORTAL_STATIC_ROOT", str(BASE_DIR / "var" / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
FILE_STORE = Path(env_str("PORTAL_FILE_STORE", str(BASE_DIR / "var" / "files")))  # encrypted, content-addressed
MEDIA_ROOT = FILE_STORE
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
DATA_UPLOAD_MAX_NUMBER_FILES = 1000  # the handler below drops those beyond 50 with a sentence instead of an error page
FILE_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
FILE_UPLOAD_HANDLERS = ["portal.documents.quota.QuotaUploadHandler"]
# Registers that people may ask for their own data (forms_engine.submissions.registers); the sample only in demos.
REGISTERS = {"musterregister": "forms_engine.submissions.registers.SampleRegister"} if DEMO or DEBUG else {}
UPLOAD_MAX_BYTES = env_int("PORTAL_UPLOAD_MAX_BYTES", 10_000_000)
# Rooms of the file exchange (mailbox.exchange). What the scanner does not take whole is scanned in windows of so many
# bytes (less than docker/clamd.conf lets pass), or stays locked.
EXCHANGE_MAX_BYTES = env_int("PORTAL_EXCHANGE_MAX_BYTES", 5_368_709_120)
EXCHANGE_ROOM_BYTES = env_int("PORTAL_EXCHANGE_ROOM_BYTES", 21_474_836_480)
EXCHANGE_SCAN_PARTS = env_bool("PORTAL_EXCHANGE_SCAN_PARTS", default=True)
EXCHANGE_SCAN_WINDOW_BYTES = env_int("PORTAL_EXCHANGE_SCAN_WINDOW_BYTES", 200_000_000)
# How long a browser computes before something is sent without an account: 16 times about 2 to the power of this.
PROOF_BITS = env_int("PORTAL_PROOF_BITS", 12)
# Who looks for viruses (portal.documents.scans); the demo's knows the test file of EICAR and nothing else.
SCANNER = env_str(
    "PORTAL_SCANNER",
    "portal.documents.scans.signatures.SignatureScanner" if DEMO or DEBUG else "portal.documents.scans.clamd.Clamd",
)
CLAMD = env_str("PORTAL_CLAMD", "")  # "unix:/run/clamav/clamd.sock" or "tcp://clamav:3310"

DEFAULT_FROM_EMAIL = env_str("PORTAL_MAIL_FROM", "Bürgerportal <portal@stadt.invalid>")
EMAIL_BACKEND = env_str("PORTAL_MAIL_BACKEND", "django.core.mail.backends.smtp.EmailBackend")
EMAIL_HOST = env_str("PORTAL_MAIL_HOST", "localhost")
EMAIL_PORT = env_int("PORTAL_MAIL_PORT", 25)
EMAIL_HOST_USER = env_str("PORTAL_MAIL_USER", "")
EMAIL_HOST_PASSWORD = env_secret("PORTAL_MAIL_PASSWORD")
EMAIL_USE_TLS = env_bool("PORTAL_MAIL_STARTTLS", default=not (DEMO or DEBUG))
EMAIL_TIMEOUT = 10
# Newsletters (mailbox.topics): where mails come back and written unsubscriptions go; a signature of our own, if needed.
NEWSLETTER_RETURN = env_str("PORTAL_NEWSLETTER_RETURN", "")  # empty: the sender of all mails
NEWSLETTER_MAIL_FOLDER = env_path("PORTAL_NEWSLETTER_MAIL_FOLDER")  # .eml files that arrived there
DKIM_KEY_FILE = env_path("PORTAL_DKIM_KEY_FILE")
DKIM_DOMAIN = env_str("PORTAL_DKIM_DOMAIN", "")
DKIM_SELECTOR = env_str("PORTAL_DKIM_SELECTOR", "portal")
EMAIL_FILE_PATH = env_str("PORTAL_MAIL_DIR", str(BASE_DIR / "var" / "mail"))
MAILBOX_RETURN_PATH = env_str("PORTAL_MAIL_RETURN_PATH", "")  # reports about our notices come back to NAME+token@HOST
MAILBOX_BOUNCES = env_path("PORTAL_MAILBOX_BOUNCES")  # a maildir, or a folder of .eml, with such reports
# Letters for the print shop and court mail for the OSCI client, as files.
MAILBOX_SPOOL = env_path("PORTAL_MAILBOX_SPOOL", BASE_DIR / "var" / "spool" if DEMO or DEBUG else None)

# What arrives beside the forms (forms_engine.intake). An empty source is not asked.
FITCONNECT_URL = env_str("PORTAL_FITCONNECT_URL", "")  # the city's FIT-Connect sender (mailbox/channels/fitconnect.py)
INTAKE_MAIL_FOLDER = env_path("PORTAL_INTAKE_MAIL_FOLDER")  # .eml files, dropped by a mail server
INTAKE_SCAN_FOLDER = env_path("PORTAL_INTAKE_SCAN_FOLDER")  # PDF, TIFF, JPEG and PNG of the scanners
INTAKE_IMAP_HOST = env_str("PORTAL_INTAKE_IMAP_HOST", "")
INTAKE_IMAP_PORT = env_int("PORTAL_INTAKE_IMAP_PORT", 993)
INTAKE_IMAP_USER = env_str("PORTAL_INTAKE_IMAP_USER", "")
INTAKE_IMAP_PASSWORD = env_secret("PORTAL_INTAKE_IMAP_PASSWORD")
INTAKE_IMAP_FOLDER = env_str("PORTAL_INTAKE_IMAP_FOLDER", "INBOX")
INTAKE_IMAP_DONE = env_str("PORTAL_INTAKE_IMAP_DONE", "Uebernommen")  # where a message goes once it is stored here
INTAKE_MAX_BYTES = env_int("PORTAL_INTAKE_MAX_BYTES", 25_000_000)
INTAKE_POLL_SECONDS = env_int("PORTAL_INTAKE_POLL_SECONDS", 60)
INTAKE_TEAM = env_str("PORTAL_INTAKE_TEAM", "")  # the team that sees what belongs to nobody yet; empty: every clerk

REDIS_URL = env_secret("REDIS_URL", "redis://localhost:6379/0")
CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}

# Celery is only the doorbell: rows in PostgreSQL are the queue (docs/architecture.md, section 4).
TASK_HARD_LIMIT = 300
_visibility = {
    "visibility_timeout": 3 * TASK_HARD_LIMIT,
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 10,
}
CELERY_BROKER_URL = env_secret("CELERY_BROKER_URL", REDIS_URL)
CELERY_BROKER_TRANSPORT_OPTIONS = _visibility
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_PROC_ALIVE_TIMEOUT = 60  # a child draws its first page before it says that it is there
CELERY_TASK_TIME_LIMIT = TASK_HARD_LIMIT
CELERY_TASK_SOFT_TIME_LIMIT = TASK_HARD_LIMIT - 30
CELERY_WORKER_MAX_TASKS_PER_CHILD = 500
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 20
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_DEFAULT_QUEUE = "portal"
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULER = "portal.celery:LivingScheduler"
SWEEP_SECONDS = env_int("PORTAL_SWEEP_SECONDS", 5)

STRIPE_SECRET_KEY = env_secret("STRIPE_SECRET_KEY")
STRIPE_WEBHOOK_SECRETS = env_secret_list("STRIPE_WEBHOOK_SECRETS")  # two at once while they are being rotated
STRIPE_TEST = env_bool("PORTAL_STRIPE_TEST")  # a staging system says so, or its test key is refused
CASH_AREA = env_int("PORTAL_CASH_AREA", 108)  # first three digits of every Kassenzeichen: the city's number range
STRIPE_API_BASE = env_str("STRIPE_API_BASE", "https://api.stripe.com")

# The seal of issued documents: PKCS#12 and its password; in demo a key made at first use. SEAL_CERTIFICATES is a PEM
# file with the certificates of all seals, present and past, that the check page accepts beside that of the key file.
SEALER = env_str("PORTAL_SEALER", "portal.documents.soft_seal.SoftSealer")
SEAL_KEY_FILE = env_path("PORTAL_SEAL_KEY_FILE", BASE_DIR / "var" / "demo" / "siegel.p12" if DEMO else None)
SEAL_PASSWORD = env_secret("PORTAL_SEAL_PASSWORD", "demo" if DEMO else "")
SEAL_CERTIFICATES = env_path("PORTAL_SEAL_CERTIFICATES")
SEAL_URL = env_str("PORTAL_SEAL_URL", "")  # these three for portal.documents.remote_seal.RemoteSealer
SEAL_CREDENTIAL = env_str("PORTAL_SEAL_CREDENTIAL", "")
SEAL_TOKEN = env_secret("PORTAL_SEAL_TOKEN")
SEAL_MODULE = env_path("PORTAL_SEAL_MODULE")  # these two, credential and password for hardware_seal.HardwareSealer
SEAL_SLOT = env_str("PORTAL_SEAL_SLOT", "")
VERIFY_KEY = env_secret(
    "PORTAL_VERIFY_KEY", "demo:" + "ZGVtby12ZXJpZmljYXRpb24tc2lnbmluZy1zZWVkISE=" if DEMO or DEBUG else ""
)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env_str("PORTAL_LOG_LEVEL", "INFO")},
    "loggers": {
        "weasyprint.progress": {"level": "WARNING"},  # seven lines a letter otherwise
        "pikepdf": {"level": "WARNING"},  # greets at every start
    },
}

CELERY_BEAT_SCHEDULE = {"sweep": {"task": "portal.sweep", "schedule": SWEEP_SECONDS, "options": {"expires": 30}}}
