from django.urls import path

from portal.home import kiosk, machines, views

app_name = "home"
urlpatterns = [
    path("", views.start, name="start"),
    path("leistungen/bewohnerparkausweis/", views.service, name="service"),
    path("konto/uebersicht/", views.overview, name="overview"),
    path("konto/profil/", views.profile, name="profile"),
    path("konto/profil/name/", views.profile_name, name="profile_name"),
    path("kontakt/", views.legal, {"template": "contact"}, name="contact"),
    path("impressum/", views.legal, {"template": "imprint"}, name="imprint"),
    path("datenschutz/", views.legal, {"template": "privacy"}, name="privacy"),
    path("barrierefreiheit/", views.legal, {"template": "accessibility"}, name="accessibility"),
    path("leichte-sprache/", views.legal, {"template": "easy_language"}, name="easy_language"),
    path("gebaerdensprache/", views.legal, {"template": "sign_language"}, name="sign_language"),
    path("barriere-melden/", views.barrier, name="barrier"),
    path("barriere-melden/danke/", views.legal, {"template": "barrier_sent"}, name="barrier_sent"),
    path("terminal/", kiosk.set_up, name="terminal"),
    path("terminal/beenden/", kiosk.end, name="terminal_end"),
    path("terminal/beendet/", kiosk.ended, name="terminal_ended"),
    path("terminal/weiter/", kiosk.stay, name="terminal_stay"),
    path("robots.txt", machines.robots, name="robots"),
    path("sitemap.xml", machines.sitemap, name="sitemap"),
    path(".well-known/security.txt", machines.security, name="security"),
    path("demo/post/", views.demo_mail, name="demo_mail"),
    path("style/", views.style_page, name="style"),
]
