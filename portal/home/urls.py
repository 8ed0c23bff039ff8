from django.urls import include, path

from portal.home import assistant_views, booking, kiosk, machines, opinions, service_views, views

app_name = "home"
urlpatterns = [
    path("", views.start, name="start"),
    path("leistungen/", service_views.services, name="services"),
    path("leistungen/vorschlaege/", service_views.suggestions, name="suggestions"),
    path("leistungen/<slug:slug>/", service_views.service, name="service"),
    path("leistungen/<slug:slug>/termin/", booking.offices, name="book_where"),
    path("leistungen/<slug:slug>/termin/<slug:office>/", booking.book, name="book"),
    path("leistungen/<slug:slug>/hilfreich/", opinions.give, name="opinion"),
    path("leistungen/<slug:slug>/hilfreich/danke/", opinions.thanks, name="opinion_thanks"),
    path("themen/<slug:slug>/", service_views.topic, name="topic"),
    path("lebenslagen/<slug:slug>/", service_views.life_event, name="life_event"),
    path("auskunft/", assistant_views.assistant, name="assistant"),
    path("auskunft/weitergeben/", assistant_views.hand_over, name="hand_over"),
    path("konto/uebersicht/", views.overview, name="overview"),
    path("konto/profil/", views.profile, name="profile"),
    path("konto/profil/name/", views.profile_name, name="profile_name"),
    path("kontakt/", include("portal.home.contact.urls")),
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
