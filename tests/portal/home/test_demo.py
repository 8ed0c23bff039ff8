import os

import pytest
from django.core.mail import EmailMultiAlternatives, get_connection, send_mail

from portal.home import demo
from portal.launcher import people


@pytest.fixture
def folder(settings, tmp_path):
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")
    return tmp_path / "mail"


def test_mails_read_newest_first_with_their_umlauts(folder):
    send_mail("Erste für Zoë", "Grüße", "a@stadt.invalid", ["zoe@stadt.invalid"])
    with get_connection() as connection:  # two mails in one file
        for subject in ("Zweite", "Dritte"):
            send_mail(subject, "Text", "a@stadt.invalid", ["b@stadt.invalid"], connection=connection)
    mails = demo.demo_mails(folder)
    assert [mail.subject for mail in mails] == ["Dritte", "Zweite", "Erste für Zoë"]
    assert (mails[2].to, mails[2].text) == ("zoe@stadt.invalid", "Grüße")
    assert mails[2].sent_at.tzinfo is not None


def test_the_page_shows_text_with_links_and_no_markup(client, db, folder):
    mail = EmailMultiAlternatives("Hallo", "Klick <b>http://127.0.0.1/x/</b>", "a@stadt.invalid", ["b@stadt.invalid"])
    mail.attach_alternative("<p>HTML-Fassung</p>", "text/html")
    mail.send()
    page = client.get("/demo/post/").content.decode()
    assert '<a href="http://127.0.0.1/x/' in page and "&lt;b&gt;" in page
    assert "HTML-Fassung" not in page


def test_nothing_but_mail_files_of_the_folder_is_read(folder, tmp_path):
    folder.mkdir()
    secret = tmp_path / "geheim.log"
    secret.write_text("Subject: geheim\n\nSchlüssel")
    os.symlink(secret, folder / "verweis.log")
    (folder / "notiz.txt").write_text("Subject: Notiz\n\nText")
    (folder / "unter").mkdir()
    (folder / "unter" / "tief.log").write_text("Subject: tief\n\nText")
    assert demo.demo_mails(folder) == []


def test_a_folder_that_does_not_exist_yet_is_an_empty_postbox(client, db, folder):
    assert "Es wurde noch keine E-Mail verschickt." in client.get("/demo/post/").content.decode()


def test_only_the_newest_mails_are_shown(folder):
    folder.mkdir()
    for number in range(demo.LIMIT + 1):
        path = folder / f"{number}.log"
        path.write_text(f"Subject: {number}\n\nText")
        os.utime(path, (number, number))
    assert [mail.subject for mail in demo.demo_mails(folder)] == [str(n) for n in range(demo.LIMIT, 0, -1)]


def test_the_sign_in_page_names_the_people_whom_the_demonstration_creates():
    assert [(login.email, login.password) for login in demo.DEMO_LOGINS] == [
        (person.email, people.PASSWORD) for person in people.PEOPLE
    ]


def test_the_sign_in_page_offers_the_invented_people_only_in_the_demonstration(client, db, settings):
    assert "Als Clara anmelden" in client.get("/konto/login/").content.decode()
    settings.DEMO = False
    page = client.get("/konto/login/").content.decode()
    assert "demo-titel" not in page and "stadt.invalid" not in page and "Kennwort" not in page
    assert "Dies ist eine Demonstration" not in page
