"""An environment with which the portal starts in production, for tests that break one variable each."""

import pathlib

KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="


def environment(folder: pathlib.Path) -> dict[str, str]:
    """A complete one; files lie below `folder`."""
    (folder / "files").mkdir(exist_ok=True)
    (folder / "seal.p12").touch()
    (folder / "staticfiles.json").touch()
    return {
        "PORTAL_SECRET_KEY": "q8Zt3nWc5Kx7Lr2Vb9Ym4Hd6Gf1Js0Pa-q8Zt3nWc5Kx7Lr2Vb9",
        "PORTAL_KEKS": f"2026:{KEY}",
        "PORTAL_VERIFY_KEY": f"2026:{KEY}",
        "PORTAL_HOSTS": "portal.stadt.de",
        "PORTAL_URL": "https://portal.stadt.de",
        "PORTAL_PROXIES": "1",
        "PORTAL_MAIL_FROM": "Bürgerportal <portal@stadt.de>",
        "PORTAL_FILE_STORE": str(folder / "files"),
        "PORTAL_STATIC_ROOT": str(folder),
        "PORTAL_SEAL_KEY_FILE": str(folder / "seal.p12"),
        "STRIPE_SECRET_KEY": "sk_live_abc",
        "STRIPE_WEBHOOK_SECRETS": "whsec_abc",
    }
