"""What may not start: settings that are missing, contradict each other, or belong to the demo.

`manage.py check` reports all of it; web and worker refuse to start (refuse_to_start). One function per topic: it takes
the settings and yields (number, sentence) pairs. Numbers are stable; operators search for them (docs/operating.md).
"""

import ipaddress
import os
import pathlib
import re
import sys
from collections.abc import Callable, Iterator
from email.utils import parseaddr
from typing import Any
from urllib.parse import urlsplit

from django.conf import LazySettings, settings
from django.core.checks import CheckMessage, Error, Warning, register
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from mailbox.topics import dkim
from portal.accounts.identity import decryption, metadata, providers, xmlsec
from portal.common import clock, crypto, hash_list
from portal.documents import seal_key
from portal.documents.scans import clamd

Problem = tuple[int, str]
Check = Callable[[LazySettings], Iterator[Problem]]
DEMO_KEY_MARK = "ZGVtby"  # every key of the demo begins with "demo" (in Base64)
NOT_SENT = ("console", "dummy", "filebased", "locmem")


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def secret_key(conf: LazySettings) -> Iterator[Problem]:
    try:
        key = conf.SECRET_KEY
    except ImproperlyConfigured:  # Django's answer to an empty one
        key = ""
    if not key:
        yield 1, "PORTAL_SECRET_KEY fehlt: Ohne ihn sind Sitzungen fälschbar. Setzen Sie 50 zufällige Zeichen ein."
    elif len(key) < 50 or len(set(key)) < 10 or "insecure" in key:
        yield 2, "PORTAL_SECRET_KEY ist zu kurz oder zu einfach. Setzen Sie 50 zufällige Zeichen ein."


def file_keys(conf: LazySettings) -> Iterator[Problem]:
    text = conf.KEY_ENCRYPTION_KEYS
    if not text:
        yield 3, "PORTAL_KEKS fehlt: Ohne Schlüssel lässt sich nichts ablegen. Setzen Sie name:BASE64 mit 32 Bytes ein."
        return
    try:
        crypto.parse_keks(text)
    except ValueError as error:
        yield 4, f"PORTAL_KEKS ist falsch geschrieben: {error}. Schreiben Sie name:BASE64, mehrere durch Komma."
        return
    if DEMO_KEY_MARK in text:
        yield 5, "PORTAL_KEKS enthält den öffentlich bekannten Schlüssel der Demo. Erzeugen Sie einen eigenen."


def hosts(conf: LazySettings) -> Iterator[Problem]:
    if not conf.ALLOWED_HOSTS:
        yield 6, "PORTAL_HOSTS ist leer: Keine Anfrage käme durch. Nennen Sie den Namen des Portals."
    if any(host.startswith("*") for host in conf.ALLOWED_HOSTS):
        yield 7, "PORTAL_HOSTS erlaubt beliebige Namen (*). Nennen Sie den Namen des Portals."


def public_url(conf: LazySettings) -> Iterator[Problem]:
    if not conf.PUBLIC_URL.startswith("https://"):
        yield 8, f"PORTAL_URL ist „{conf.PUBLIC_URL}“. Im Betrieb muss die Adresse mit https:// beginnen."
    elif conf.ALLOWED_HOSTS and _host(conf.PUBLIC_URL) not in conf.ALLOWED_HOSTS:
        yield 9, f"PORTAL_URL zeigt auf {_host(conf.PUBLIC_URL)}, das fehlt in PORTAL_HOSTS. Ergänzen Sie es dort."
    if conf.HTTPS and not conf.SECURE_PROXY_SSL_HEADER:
        yield (
            28,
            "PORTAL_PROXIES ist 0: Das Portal hielte jede Anfrage für unverschlüsselt. Setzen Sie 1 (ein Proxy davor).",
        )


def stripe(conf: LazySettings) -> Iterator[Problem]:
    key, test_wanted = conf.STRIPE_SECRET_KEY, conf.STRIPE_TEST
    if not key:
        yield 12, "STRIPE_SECRET_KEY fehlt: Gebühren wären nicht zahlbar. Setzen Sie den geheimen Schlüssel ein."
    elif not key.startswith(("sk_live_", "rk_live_", "sk_test_", "rk_test_")):
        yield 13, "STRIPE_SECRET_KEY ist kein geheimer Schlüssel (sk_live_… oder rk_live_…). Prüfen Sie ihn."
    elif _is_live(key) == test_wanted:
        kind, word = ("ein echter Schlüssel", "auf 0") if test_wanted else ("ein Testschlüssel", "auf 1")
        yield 14, f"STRIPE_SECRET_KEY ist {kind}. Tauschen Sie ihn aus oder setzen Sie PORTAL_STRIPE_TEST {word}."
    if not conf.STRIPE_WEBHOOK_SECRETS:
        yield 15, "STRIPE_WEBHOOK_SECRETS fehlt: Meldungen über Zahlungen würden abgelehnt. Setzen Sie whsec_… ein."
    elif not all(secret.startswith("whsec_") for secret in conf.STRIPE_WEBHOOK_SECRETS):
        yield 16, "STRIPE_WEBHOOK_SECRETS: Jeder Eintrag muss mit whsec_ beginnen, mehrere durch Komma."


def stripe_address(conf: LazySettings) -> Iterator[Problem]:
    if _is_live(conf.STRIPE_SECRET_KEY) and _host(conf.STRIPE_API_BASE) != "api.stripe.com":
        yield (
            17,
            f"STRIPE_API_BASE schickt einen echten Schlüssel an {_host(conf.STRIPE_API_BASE)}. Lassen Sie es leer.",
        )


def _is_live(key: str) -> bool:
    return key.startswith(("sk_live_", "rk_live_"))


def seal(conf: LazySettings) -> Iterator[Problem]:
    if conf.SEALER.endswith(".RemoteSealer"):
        yield from _trust_service(conf)
        yield from _seal_certificate(conf)
        return
    if conf.SEALER.endswith(".HardwareSealer"):
        yield from _seal_module(conf)
        yield from _seal_certificate(conf)
        return
    if not (conf.SEAL_KEY_FILE or conf.SEAL_CERTIFICATES):
        yield 18, "PORTAL_SEAL_KEY_FILE fehlt: Bescheide wären nicht gesiegelt. Nennen Sie die PKCS#12-Datei."
    elif conf.SEAL_KEY_FILE and not os.access(conf.SEAL_KEY_FILE, os.R_OK):
        yield 19, f"PORTAL_SEAL_KEY_FILE: {conf.SEAL_KEY_FILE} ist nicht lesbar. Prüfen Sie Pfad und Rechte."
    elif conf.SEAL_KEY_FILE:
        try:
            seal_key.load(conf.SEAL_KEY_FILE, conf.SEAL_PASSWORD)
        except seal_key.SealKeyError as error:
            yield 19, str(error)


def _trust_service(conf: LazySettings) -> Iterator[Problem]:
    if not conf.SEAL_URL.startswith("https://"):
        yield 80, f"PORTAL_SEAL_URL ist „{conf.SEAL_URL}“. Nennen Sie die Adresse der Siegelstelle mit https://."
    if not (conf.SEAL_CREDENTIAL and conf.SEAL_TOKEN):
        yield 81, "PORTAL_SEAL_URL braucht auch PORTAL_SEAL_CREDENTIAL und PORTAL_SEAL_TOKEN."


def _seal_module(conf: LazySettings) -> Iterator[Problem]:
    if not (conf.SEAL_MODULE and os.access(conf.SEAL_MODULE, os.R_OK)):
        yield 83, "PORTAL_SEAL_MODULE fehlt oder ist nicht lesbar. Nennen Sie die PKCS#11-Bibliothek des Siegelmoduls."
    if not (conf.SEAL_SLOT and conf.SEAL_CREDENTIAL and conf.SEAL_PASSWORD):
        yield 84, "PORTAL_SEAL_MODULE braucht auch PORTAL_SEAL_SLOT, PORTAL_SEAL_CREDENTIAL und PORTAL_SEAL_PASSWORD."


def _seal_certificate(conf: LazySettings) -> Iterator[Problem]:
    if not conf.SEAL_CERTIFICATES:
        yield 82, "PORTAL_SEAL_CERTIFICATES fehlt: Nennen Sie die PEM-Datei mit dem Zertifikat der Siegelstelle."
        return
    try:
        if not seal_key.certificates(conf.SEAL_CERTIFICATES):
            yield 82, f"PORTAL_SEAL_CERTIFICATES: {conf.SEAL_CERTIFICATES} enthält kein Zertifikat."
    except seal_key.SealKeyError as error:
        yield 82, str(error)


def verify_key(conf: LazySettings) -> Iterator[Problem]:
    if not conf.VERIFY_KEY:
        yield 20, "PORTAL_VERIFY_KEY fehlt: Prüfcodes wären wertlos. Setzen Sie name:BASE64 mit 32 Bytes ein."
        return
    try:
        crypto.parse_keks(conf.VERIFY_KEY)
    except ValueError as error:
        yield 21, f"PORTAL_VERIFY_KEY ist falsch geschrieben: {error}. Schreiben Sie name:BASE64 mit 32 Bytes."
        return
    if DEMO_KEY_MARK in conf.VERIFY_KEY:
        yield 22, "PORTAL_VERIFY_KEY ist der öffentlich bekannte Schlüssel der Demo. Erzeugen Sie einen eigenen."


def mail(conf: LazySettings) -> Iterator[Problem]:
    if parseaddr(conf.DEFAULT_FROM_EMAIL)[1].endswith((".invalid", ".example", ".test", "localhost")):
        yield 23, f"PORTAL_MAIL_FROM ist „{conf.DEFAULT_FROM_EMAIL}“. Nennen Sie eine Adresse, die es gibt."
    if conf.EMAIL_BACKEND.rpartition(".")[0].endswith(NOT_SENT):
        yield 24, f"PORTAL_MAIL_BACKEND ist {conf.EMAIL_BACKEND} und versendet nichts. Lassen Sie es leer (SMTP)."


def folders(conf: LazySettings) -> Iterator[Problem]:
    store = pathlib.Path(conf.FILE_STORE)
    if not (store.is_dir() and os.access(store, os.W_OK | os.X_OK)):
        yield (
            25,
            f"PORTAL_FILE_STORE: In {store} lässt sich nichts schreiben. Legen Sie den Ordner an, prüfen Sie Rechte.",
        )
    if not (pathlib.Path(conf.STATIC_ROOT) / "staticfiles.json").exists():
        yield (
            27,
            f"PORTAL_STATIC_ROOT: In {conf.STATIC_ROOT} fehlt die Gestaltung. Rufen Sie manage.py collectstatic auf.",
        )


def identity(conf: LazySettings) -> Iterator[Problem]:
    wanted = {key: path for key, path in conf.SAML_METADATA.items() if path is not None}
    for key, path in wanted.items():
        try:
            peer = providers.read(path, clock.now())
        except providers.BadMetadata as error:
            yield 29, f"PORTAL_{key.upper()}_METADATA: {error}. Lassen Sie sich die Datei vom Anbieter geben."
            continue
        yield from _identity_addresses(conf, key, list(peer.addresses.values()))
    if wanted and not all(
        path and os.access(path, os.R_OK) for path in (conf.SAML_KEY_FILE, conf.SAML_CERTIFICATE_FILE)
    ):
        yield (
            31,
            "PORTAL_SAML_KEY_FILE oder PORTAL_SAML_CERTIFICATE_FILE fehlt oder ist nicht lesbar. Nennen Sie beide.",
        )
    if wanted and not xmlsec.is_installed():
        yield 32, "PORTAL_SAML_KEY_FILE braucht das Programm xmlsec1, und es fehlt. Installieren Sie das Paket xmlsec1."
    if wanted:
        yield from _saml_choices(conf)
    if conf.OIDC_ISSUER:
        yield from _openid(conf)


def _saml_choices(conf: LazySettings) -> Iterator[Problem]:
    for key, value in conf.SAML_SIGNED.items():
        if value not in (providers.BOTH, providers.ASSERTION_ONLY):
            yield 60, f"PORTAL_{key.upper()}_SIGNED ist „{value}“. Schreiben Sie both oder assertion."
    if unknown := sorted(set(conf.SAML_CBC) - set(providers.NAMES)):
        yield 61, f"PORTAL_SAML_CBC nennt {unknown[0]}. Erlaubt sind {', '.join(providers.NAMES)}."
    for name, key_file, certificate_file in (
        ("PORTAL_SAML_KEY_FILE", conf.SAML_KEY_FILE, conf.SAML_CERTIFICATE_FILE),
        ("PORTAL_SAML_OTHER_KEY_FILE", conf.SAML_OTHER_KEY_FILE, conf.SAML_OTHER_CERTIFICATE_FILE),
    ):
        if (key_file or certificate_file) and not decryption.is_pair(key_file, certificate_file):
            yield 62, f"{name}: Schlüssel und Zertifikat passen nicht zusammen. Nötig ist RSA mit mindestens 2048 Bit."


def _identity_addresses(conf: LazySettings, key: str, addresses: list[str]) -> Iterator[Problem]:
    for address in addresses:
        parts = urlsplit(address)
        if parts.scheme != "https" or _is_loopback(parts.hostname or ""):
            yield 30, f"PORTAL_{key.upper()}_METADATA nennt {address}. Im Betrieb muss es https:// sein, keine Demo."
        elif f"https://{parts.netloc}" not in conf.IDENTITY_ORIGINS:
            yield 33, f"PORTAL_IDENTITY_ORIGINS fehlt https://{parts.netloc}. Der Browser käme nicht zur Anmeldung."


def _openid(conf: LazySettings) -> Iterator[Problem]:
    try:
        levels = providers.parse_levels(conf.OIDC_LEVELS)
    except ValueError as error:
        yield 34, f"PORTAL_OIDC_LEVELS: „{error}“ muss acr=basic, acr=substantial oder acr=high lauten."
        return
    app = conf.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]
    if not (levels and app["client_id"] and app["secret"]):
        yield 35, "PORTAL_OIDC_ISSUER braucht auch PORTAL_OIDC_CLIENT, PORTAL_OIDC_SECRET und PORTAL_OIDC_LEVELS."
    if not conf.OIDC_ISSUER.startswith("https://"):
        yield 36, f"PORTAL_OIDC_ISSUER ist „{conf.OIDC_ISSUER}“. Im Betrieb muss die Adresse mit https:// beginnen."


def breached_passwords(conf: LazySettings) -> Iterator[Problem]:
    path = conf.BREACHED_PASSWORDS
    if path is None:
        return
    if not os.access(path, os.R_OK):
        yield 37, f"PORTAL_BREACHED_PASSWORDS: {path} ist nicht lesbar. Prüfen Sie Pfad und Rechte."
    elif not hash_list.is_list(path):
        yield 38, f"PORTAL_BREACHED_PASSWORDS: {path} ist keine sortierte Liste von SHA-1-Werten. Prüfen Sie die Datei."


def staff_host(conf: LazySettings) -> Iterator[Problem]:
    host = conf.STAFF_HOST
    if not host:
        yield (
            50,
            "PORTAL_ADMIN_HOST fehlt: Die Verwaltung stünde offen im Bürgerportal. Nennen Sie einen eigenen Namen.",
        )
    elif not re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)*", host):
        yield 51, f"PORTAL_ADMIN_HOST ist „{host}“. Schreiben Sie nur den Namen, ohne https://, Port und Schrägstrich."
    elif host == _host(conf.PUBLIC_URL):
        yield 52, "PORTAL_ADMIN_HOST und PORTAL_URL nennen denselben Namen. Geben Sie der Verwaltung einen eigenen."
    elif conf.ALLOWED_HOSTS and not {host, "*"} & set(conf.ALLOWED_HOSTS):
        yield 53, f"PORTAL_ADMIN_HOST ist {host}, das fehlt in PORTAL_HOSTS. Ergänzen Sie es dort."
    if conf.STAFF_COOKIE_NAME == conf.SESSION_COOKIE_NAME:
        yield 54, "STAFF_COOKIE_NAME und SESSION_COOKIE_NAME sind gleich. Geben Sie der Verwaltung einen eigenen Namen."


def staff_sessions(conf: LazySettings) -> Iterator[Problem]:
    idle, latest = conf.STAFF_IDLE_SECONDS, conf.STAFF_SESSION_SECONDS
    if not 300 <= idle <= 3600:
        yield 55, f"PORTAL_STAFF_IDLE_SECONDS ist {idle}. Setzen Sie 300 bis 3600 ein (5 Minuten bis eine Stunde)."
    if not 3600 <= latest <= 43200:
        yield 56, f"PORTAL_STAFF_SESSION_SECONDS ist {latest}. Setzen Sie 3600 bis 43200 ein (eine bis 12 Stunden)."
    if idle > latest:
        yield 57, "PORTAL_STAFF_IDLE_SECONDS ist länger als PORTAL_STAFF_SESSION_SECONDS. Verkürzen Sie es."


def virus_scanner(conf: LazySettings) -> Iterator[Problem]:
    if "signatures" in conf.SCANNER:
        yield 70, "PORTAL_SCANNER nennt den Scanner der Demo, der nichts erkennt. Lassen Sie es leer (ClamAV)."
        return
    try:
        import_string(conf.SCANNER)
    except ImportError:
        yield 71, f"PORTAL_SCANNER: {conf.SCANNER} gibt es nicht. Lassen Sie es leer (ClamAV)."
    if not conf.SCANNER.endswith(".Clamd"):
        return
    if not conf.CLAMD:
        yield 72, "PORTAL_CLAMD fehlt: Dateien würden nie geprüft. Nennen Sie unix:/PFAD oder tcp://RECHNER:3310."
        return
    try:
        clamd.parse_address(conf.CLAMD)
    except ValueError:
        yield 73, f"PORTAL_CLAMD ist „{conf.CLAMD}“. Schreiben Sie unix:/PFAD oder tcp://RECHNER:3310."


def exchange(conf: LazySettings) -> Iterator[Problem]:
    window, least = conf.EXCHANGE_SCAN_WINDOW_BYTES, 16_777_216  # 16 times what two windows share
    if not least <= window <= clamd.LARGEST:
        yield (
            90,
            f"PORTAL_EXCHANGE_SCAN_WINDOW_BYTES ist {window}. Setzen Sie {least} bis {clamd.LARGEST} ein, "
            "höchstens so viel, wie der Virenscanner annimmt.",
        )


def intake(conf: LazySettings) -> Iterator[Problem]:
    if conf.INTAKE_IMAP_HOST and not (conf.INTAKE_IMAP_USER and conf.INTAKE_IMAP_PASSWORD):
        yield 75, "PORTAL_INTAKE_IMAP_HOST braucht auch PORTAL_INTAKE_IMAP_USER und PORTAL_INTAKE_IMAP_PASSWORD."
    if conf.INTAKE_IMAP_HOST and conf.INTAKE_IMAP_FOLDER == conf.INTAKE_IMAP_DONE:
        yield 76, "PORTAL_INTAKE_IMAP_FOLDER und PORTAL_INTAKE_IMAP_DONE sind gleich. Nennen Sie zwei Ordner."
    for name in ("INTAKE_MAIL_FOLDER", "INTAKE_SCAN_FOLDER"):
        folder = getattr(conf, name)
        if folder and not (pathlib.Path(folder).is_dir() and os.access(folder, os.W_OK | os.X_OK)):
            yield 77, f"PORTAL_{name}: In {folder} lässt sich nichts verschieben. Prüfen Sie Ordner und Rechte."


def newsletter(conf: LazySettings) -> Iterator[Problem]:
    if conf.DKIM_KEY_FILE:
        try:
            dkim.key(conf.DKIM_KEY_FILE)
        except dkim.BadKey as error:
            yield 85, f"PORTAL_DKIM_KEY_FILE: {error}."
        if not conf.DKIM_DOMAIN or not conf.DKIM_SELECTOR:
            yield 86, "PORTAL_DKIM_KEY_FILE braucht auch PORTAL_DKIM_DOMAIN und PORTAL_DKIM_SELECTOR."
    address = conf.NEWSLETTER_RETURN or parseaddr(conf.DEFAULT_FROM_EMAIL)[1]
    if not re.fullmatch(r"[\w.-]{1,18}@[\w.-]+", address, re.ASCII):  # 64 in all (RFC 5321), 46 are the number
        yield 87, f"PORTAL_NEWSLETTER_RETURN: „{address}“ ist zu lang. Vor das @ passen 18 Zeichen und eine Nummer."
    folder = conf.NEWSLETTER_MAIL_FOLDER
    if folder and not (pathlib.Path(folder).is_dir() and os.access(folder, os.W_OK | os.X_OK)):
        yield 88, f"PORTAL_NEWSLETTER_MAIL_FOLDER: In {folder} lässt sich nichts verschieben. Prüfen Sie die Rechte."


def deliveries(conf: LazySettings) -> Iterator[Problem]:
    for name in ("MAILBOX_BOUNCES", "MAILBOX_SPOOL"):
        folder = getattr(conf, name)
        if folder and not conf.DEMO and not (pathlib.Path(folder).is_dir() and os.access(folder, os.W_OK | os.X_OK)):
            yield 78, f"PORTAL_{name}: In {folder} lässt sich nicht schreiben. Prüfen Sie Ordner und Rechte."
    if conf.MAILBOX_RETURN_PATH and not re.fullmatch(r"[^@\s+]+@[^@\s]+", conf.MAILBOX_RETURN_PATH):
        yield 79, "PORTAL_MAIL_RETURN_PATH ist keine Adresse. Schreiben Sie sie als name@ziel, ohne Pluszeichen."
    address = urlsplit(conf.FITCONNECT_URL)
    if conf.FITCONNECT_URL and address.scheme != "https" and not _is_loopback(address.hostname or ""):
        yield 89, "PORTAL_FITCONNECT_URL ist unverschlüsselt. Nennen Sie eine Adresse mit https://."


def proof_of_work(conf: LazySettings) -> Iterator[Problem]:
    if not 8 <= conf.PROOF_BITS <= 17:
        yield (
            74,
            f"PORTAL_PROOF_BITS ist {conf.PROOF_BITS}: Das hält keine Programme ab oder alle auf. Setzen Sie 8 bis 17.",
        )


def demo_is_private(conf: LazySettings) -> Iterator[Problem]:
    mode = "PORTAL_DEMO" if conf.DEMO else "PORTAL_DEBUG"
    public = [host for host in (_host(conf.PUBLIC_URL), *conf.ALLOWED_HOSTS) if not _is_loopback(host)]
    if conf.PUBLIC_URL.startswith("https://"):
        yield 10, f"{mode}=1 und PORTAL_URL={conf.PUBLIC_URL} widersprechen sich. Im Betrieb {mode} nicht setzen."
    elif public:
        yield 11, f"{mode}=1 gilt nur auf dem eigenen Rechner, nicht für {public[0]}. Setzen Sie {mode} nicht."
    if _is_live(conf.STRIPE_SECRET_KEY):
        yield 26, f"{mode}=1 mit einem echten Stripe-Schlüssel würde Geld einziehen. Nehmen Sie sk_test_…."


PRODUCTION: tuple[Check, ...] = (
    secret_key, file_keys, hosts, public_url, stripe, stripe_address, seal, verify_key, mail, folders, identity,
    breached_passwords, staff_host, staff_sessions, virus_scanner, exchange, intake, newsletter, deliveries,
    proof_of_work,
)  # fmt: skip
PRIVATE: tuple[Check, ...] = (demo_is_private,)


def problems(conf: LazySettings = settings) -> list[Problem]:
    """Everything that speaks against starting, in the order of the numbers."""
    chosen = PRIVATE if conf.DEMO or conf.DEBUG else PRODUCTION
    return sorted(problem for check in chosen for problem in check(conf))


@register()
def nothing_runs_out(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    return [Warning(sentence, id="portal.W001") for sentence in metadata.running_out(clock.now())]


@register()
def settings_fit(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    return [Error(sentence, id=f"portal.E{number:03d}") for number, sentence in problems()]


def refuse_to_start() -> None:
    """Ends a process with the sentences and status 1 when the settings do not fit."""
    if found := problems():
        lines = [f"portal.E{number:03d}  {sentence}" for number, sentence in found]
        sys.exit("\n".join(["Das Portal startet nicht:", *lines]))
