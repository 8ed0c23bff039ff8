"""Who sees what: every address of the house by its name. An address without a line here fails the build.

The test asks each address with GET, with an id that does not exist where one is needed. The words for the answer:
    sees      200
    login     sent to a sign-in page
    sent on   sent somewhere else
    hidden    404: not even that it exists is told
    refused   403
    post      405: only takes POST
Alternatives are divided by "|". Foreign objects that do exist are the business of each app's own access tests.
"""

from typing import NamedTuple


class Answers(NamedTuple):
    anonymous: str
    citizen: str
    clerk: str


PUBLIC = Answers("sees", "sees", "sees")
POST_ONLY = Answers("post", "post", "post")  # whoever calls proves itself in another way (webhooks)
GUESTS = Answers("sees", "sent on", "sent on")  # signing in and up
SIGNED_IN = Answers("login", "sees", "sees")
OWN_OBJECT = Answers("login", "hidden", "hidden")
CLERKS = Answers("login", "hidden", "sees")
CLERKS_OBJECT = Answers("login", "hidden", "hidden")
# Django's admin by the rights of each model: staff without the right are refused, unknown ids are sent to the index.
ADMIN = Answers("login", "login", "sees|refused|sent on|hidden")
# A name ending in * stands for all names that begin so.
MATRIX: dict[str, Answers] = {
    "ready": PUBLIC,
    "admin:login": Answers("sees", "sees", "sent on"),
    "admin:logout": Answers("sent on", "sent on", "post"),
    "admin:*": ADMIN,
    "account_login": GUESTS,
    "account_signup": GUESTS,
    "account_logout": Answers("sent on", "sees", "sees"),
    "account_inactive": PUBLIC,
    "account_email": SIGNED_IN,
    "account_confirm_email": PUBLIC,  # the link of a mail proves itself
    "account_email_verification_sent": PUBLIC,
    "account_reauthenticate": SIGNED_IN,
    "account_confirm_login_code": Answers("login", "sent on", "sent on"),  # a step of a sign-in that has not begun
    "account_change_password": SIGNED_IN,
    "account_set_password": Answers("login", "sent on", "sent on"),  # only for accounts without a password
    "account_reset_password": PUBLIC,
    "account_reset_password_done": PUBLIC,
    "account_reset_password_from_key": PUBLIC,
    "account_reset_password_from_key_done": PUBLIC,
    "directory:office": Answers("hidden", "hidden", "hidden"),  # public, asked with an office that does not exist
    "appointments:list": SIGNED_IN,
    "appointments:*": OWN_OBJECT,
}

# Arguments for routes whose converter does not tell enough: name -> keyword arguments.
ARGUMENTS: dict[str, dict[str, object]] = {}
