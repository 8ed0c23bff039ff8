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
# Django's admin by the rights of each model: staff without the right are refused, unknown ids are sent to the index.
ADMIN = Answers("login", "login", "sees|refused|sent on|hidden")
OWN_POST = Answers("login", "post", "post")  # the object is looked up only for a POST
SESSION_POST = Answers("post", "post", "post")  # likewise, of an account or of this browser session
WORKPLACE = Answers("login", "login", "sees")
WORKPLACE_OBJECT = Answers("login", "login", "hidden")
LEADS = Answers("login", "login", "hidden")  # team leads and editors; a clerk is not told that it exists
WORKPLACE_POST = Answers("login", "login", "post")
NOT_THERE = Answers("hidden", "hidden", "hidden")  # public, if it existed
RETURN = NOT_THERE  # rings for everybody who knows the random id, shows only to the payer
GUEST_STEP = Answers("login", "sent on", "sent on")  # a step of a sign-in that has not begun
MOVED = Answers("sent on", "sent on", "sent on")
PROVEN_AGAIN = Answers("login", "sent on", "sent on")  # asks for the password once more

TUS = Answers("412", "412", "412")  # a browser that only looks does not speak tus

# A name ending in * stands for all names that begin so.
MATRIX: dict[str, Answers] = {
    "ready": PUBLIC,
    # --- admin
    "admin:login": Answers("sees", "sees", "sent on"),
    "admin:logout": Answers("sent on", "sent on", "post"),
    "admin:*": ADMIN,
    "workplace:queue": WORKPLACE,
    "workplace:case": WORKPLACE_OBJECT,
    "workplace:case_document": WORKPLACE_OBJECT,
    "workplace:message_file": WORKPLACE_OBJECT,
    "workplace:withdraw_message": WORKPLACE_POST,
    "workplace:answers": WORKPLACE,
    "workplace:no_answer": WORKPLACE_POST,
    "workplace:blocks": WORKPLACE,
    "workplace:remove_block": WORKPLACE_POST,
    "emergency:*": LEADS,  # for operators
    "workplace:paper": WORKPLACE_OBJECT,
    "workplace:delivery_proof": WORKPLACE_OBJECT,
    "workplace:withdraw_decision": WORKPLACE_OBJECT,
    "workplace:letter_address": WORKPLACE_OBJECT,
    "workplace:submission_file": WORKPLACE_OBJECT,
    "workplace:assign": WORKPLACE_POST,
    "workplace:claim": WORKPLACE_POST,
    "workplace:decide": WORKPLACE_POST,
    "workplace:approve": WORKPLACE_POST,
    "workplace:finish": WORKPLACE_POST,
    "workplace:release": WORKPLACE_POST,
    "workplace:deputies": WORKPLACE,
    "workplace:end_deputy": WORKPLACE_POST,
    "workplace:runs": WORKPLACE,
    "workplace:run_new": LEADS,
    "workplace:run": WORKPLACE_OBJECT,
    "workplace:run_approve": WORKPLACE_POST,
    "workplace:texts": LEADS,
    "workplace:text": LEADS,
    "workplace:text_compare": LEADS,
    "workplace:text_publish": LEADS,
    "workplace:text_try": LEADS,
    "workplace:preview": WORKPLACE_OBJECT,
    "workplace:revise": WORKPLACE_OBJECT,
    "workplace:request_documents": WORKPLACE_POST,
    "workplace:write": WORKPLACE_POST,
    "workplace:search": WORKPLACE_POST,
    "workplace:save_filter": WORKPLACE_POST,
    "workplace:open_filter": WORKPLACE_POST,
    "workplace:bulk": WORKPLACE_POST,
    "workplace:tasks": WORKPLACE,
    "workplace:next": WORKPLACE_OBJECT,
    "workplace:beside": WORKPLACE_OBJECT,
    "workplace:shown_document": WORKPLACE_OBJECT,
    "workplace:parties": WORKPLACE_OBJECT,
    "workplace:party": WORKPLACE_OBJECT,
    "workplace:note": WORKPLACE_POST,
    "workplace:task": WORKPLACE_POST,
    "workplace:task_done": WORKPLACE_POST,
    "workplace:date": WORKPLACE_POST,
    "workplace:date_done": WORKPLACE_POST,
    "workplace:relate": WORKPLACE_POST,
    "workplace:unrelate": WORKPLACE_POST,
    "workplace:checklist": WORKPLACE_POST,
    "workplace:replace": WORKPLACE_POST,
    "retention:lists": WORKPLACE,
    "retention:offer_list": WORKPLACE,
    "retention:hold": WORKPLACE_OBJECT,
    "retention:act": WORKPLACE_POST,
    "intake:queue": WORKPLACE,
    "intake:item": WORKPLACE_OBJECT,
    "intake:original": WORKPLACE_OBJECT,
    "intake:part": WORKPLACE_OBJECT,
    "intake:file": WORKPLACE_POST,
    "intake:set_aside": WORKPLACE_POST,
    "intake:look_again": WORKPLACE_POST,
    "intake:hand_over": WORKPLACE_POST,
    "intake_api": POST_ONLY,  # for systems with a token
    "builder:forms": WORKPLACE,
    "builder:new": WORKPLACE,
    "builder:from_file": WORKPLACE,
    "builder:rules": WORKPLACE_OBJECT,
    "builder:end_pause": WORKPLACE_POST,
    "builder:renew_case": WORKPLACE_POST,
    "builder:undo": WORKPLACE_POST,
    "builder:*": WORKPLACE_OBJECT,
    "results:results": WORKPLACE_OBJECT,
    "results:export": WORKPLACE_POST,
    "preview:forget": WORKPLACE_POST,
    "preview:*": WORKPLACE_OBJECT,
    # --- account
    "account_login": GUESTS,
    "account_signup": GUESTS,
    "account_logout": Answers("sent on", "sees", "sees"),
    "account_inactive": PUBLIC,
    "account_email": SIGNED_IN,
    "account_email_verification_sent": Answers("login", "sent on", "sent on"),  # a step that has not begun
    "account_reauthenticate": SIGNED_IN,
    "account_confirm_login_code": Answers("login", "sent on", "sent on"),  # a step of a sign-in that has not begun
    "account_change_password": SIGNED_IN,
    "account_set_password": Answers("login", "sent on", "sent on"),  # only for accounts without a password
    "account_reset_password": PUBLIC,
    "account_reset_password_done": PUBLIC,
    "account_reset_password_from_key": PUBLIC,
    "account_reset_password_from_key_done": PUBLIC,
    "identity:signed_out": PUBLIC,
    "identity:second_step": Answers("login", "sent on", "sent on"),
    "account:merge": Answers("login", "sent on", "sent on"),  # only after sign-ins to two accounts
    "account:merge_undo": OWN_POST,
    "identity:address": Answers("login", "sent on", "sent on"),  # only for those without a mail address
    "identity:identities": SIGNED_IN,
    "identity:finish": Answers("sent on", "sent on", "sent on"),  # only for the browser that asked a provider
    "identity:metadata": NOT_THERE,  # unless a provider is configured
    "identity:step_up": Answers("login", "sent on", "sent on"),
    "identity:sign_in": POST_ONLY,
    "identity:answer": POST_ONLY,
    "identity:prove": POST_ONLY,
    "identity:link": POST_ONLY,
    "identity:unlink": POST_ONLY,
    "openid_connect_callback": NOT_THERE,
    "mfa_index": SIGNED_IN,
    "mfa_authenticate": GUEST_STEP,
    "mfa_login_webauthn": Answers("login", "sent on", "sent on"),
    "mfa_reauthenticate": Answers("login", "sent on", "sent on"),  # only with a second factor
    "mfa_reauthenticate_webauthn": Answers("login", "sent on", "sent on"),
    "mfa_activate_totp": PROVEN_AGAIN,
    "mfa_deactivate_totp": OWN_OBJECT,
    "mfa_add_webauthn": PROVEN_AGAIN,
    "mfa_list_webauthn": SIGNED_IN,
    "mfa_edit_webauthn": PROVEN_AGAIN,
    "mfa_remove_webauthn": PROVEN_AGAIN,
    "mfa_view_recovery_codes": OWN_OBJECT,
    "mfa_generate_recovery_codes": PROVEN_AGAIN,
    "mfa_download_recovery_codes": OWN_OBJECT,
    "account:security": SIGNED_IN,
    "account:end_all": SIGNED_IN,
    "account:end_one": OWN_POST,
    "account:contact": SIGNED_IN,
    "account:preferences": SIGNED_IN,
    "account:privacy": SIGNED_IN,
    "account:readings": SIGNED_IN,
    "account:export": PROVEN_AGAIN,
    "account:consent": OWN_POST,
    "account:delete": PROVEN_AGAIN,
    "account:deleted": PUBLIC,
    "account:mandates": SIGNED_IN,
    "account:invite": SIGNED_IN,
    "account:add_child": SIGNED_IN,
    "account:found_company": SIGNED_IN,
    "account:company": OWN_OBJECT,
    "account:change_company": OWN_OBJECT,
    "account:invite_member": OWN_OBJECT,
    "account:close_company": OWN_OBJECT,
    "account:member_role": OWN_OBJECT,
    "account:end_member": OWN_OBJECT,
    "account:accept": OWN_OBJECT,
    "account:act": OWN_POST,
    "account:revoke": OWN_OBJECT,
    "home:overview": SIGNED_IN,
    "home:profile": SIGNED_IN,
    "home:profile_name": SIGNED_IN,
    # --- public pages
    "home:start": PUBLIC,
    "home:services": PUBLIC,
    "home:service": NOT_THERE,
    "home:suggestions": PUBLIC,
    "home:book_where": NOT_THERE,
    "home:book": OWN_OBJECT,
    "home:opinion": POST_ONLY,
    "home:opinion_thanks": NOT_THERE,
    "home:topic": NOT_THERE,
    "home:life_event": NOT_THERE,
    "home:assistant": PUBLIC,
    "home:hand_over": PUBLIC,
    "home:accessibility": PUBLIC,
    "home:barrier": PUBLIC,
    "home:barrier_sent": PUBLIC,
    "home:robots": PUBLIC,
    "home:terminal": PUBLIC,  # wants the key of a terminal
    "home:terminal_end": Answers("post", "post", "post"),
    "home:terminal_ended": PUBLIC,
    "home:terminal_stay": Answers("post", "post", "post"),
    "home:security": PUBLIC,
    "home:sitemap": PUBLIC,
    "home:contact": PUBLIC,
    "home:help": PUBLIC,
    "home:contact_write": PUBLIC,
    "home:contact_sent": NOT_THERE,
    "home:contact_confirm": NOT_THERE,
    "home:easy_language": MOVED,
    "home:imprint": PUBLIC,
    "home:privacy": PUBLIC,
    "home:sign_language": PUBLIC,
    "home:demo_mail": PUBLIC,  # 404 outside the demo
    "home:style": PUBLIC,  # 404 outside the demo
    "directory:office": NOT_THERE,
    "documents:check": PUBLIC,
    "documents:verdict": NOT_THERE,
    "opendata:catalogue": PUBLIC,
    "opendata:dataset": NOT_THERE,
    "opendata:download": NOT_THERE,
    # --- applying
    "submissions:start": NOT_THERE,
    "submissions:draft": OWN_OBJECT,
    "submissions:page": OWN_OBJECT,
    "submissions:thanks": NOT_THERE,
    "submissions:delete": OWN_OBJECT,
    "submissions:move": SESSION_POST,
    "submissions:download": OWN_OBJECT,
    "cases:announce": OWN_POST,
    "cases:arrival": OWN_POST,  # HEAD, PATCH and DELETE
    "submissions:announce": SESSION_POST,
    "submissions:send_link": OWN_OBJECT,
    "submissions:resume": NOT_THERE,  # for everybody who has the token; then the sign-in of the draft's account
    "submissions:arrival": SESSION_POST,  # HEAD, PATCH and DELETE
    "cases:check": OWN_OBJECT,
    "cases:status": PUBLIC,
    "cases:renew_code": OWN_POST,
    "cases:list": SIGNED_IN,
    "cases:case": OWN_OBJECT,
    "cases:received": OWN_OBJECT,
    "cases:book": OWN_OBJECT,
    "cases:paper": OWN_OBJECT,
    "cases:withdraw": OWN_OBJECT,
    "cases:return_sheet": OWN_OBJECT,
    "cases:hand_in": OWN_POST,
    "cases:case_document": OWN_OBJECT,
    "cases:submission_file": OWN_OBJECT,
    # --- paying
    "payments:list": SIGNED_IN,
    "payments:receivable": OWN_OBJECT,
    "payments:proof": OWN_OBJECT,
    "payments:start": OWN_POST,
    "payments:return": RETURN,
    "payments:abort": RETURN,
    "payments:webhook": POST_ONLY,
    # --- appointments and messages
    "appointments:list": SIGNED_IN,
    "appointments:appointment": OWN_OBJECT,
    "appointments:calendar_file": OWN_OBJECT,
    "appointments:cancel": OWN_OBJECT,
    "appointments:move": OWN_OBJECT,
    "topics:index": PUBLIC,
    "topics:asked": PUBLIC,
    "topics:mine": SIGNED_IN,
    "topics:confirm": NOT_THERE,
    "topics:choose": NOT_THERE,
    "topics:end": NOT_THERE,
    "topics:topic": NOT_THERE,
    "topics:feed": NOT_THERE,
    "topics:issue": NOT_THERE,
    "newsdesk:issues": LEADS,
    "newsdesk:begin": Answers("login", "login", "hidden"),
    "newsdesk:issue": WORKPLACE_OBJECT,
    "newsdesk:write": WORKPLACE_OBJECT,
    "newsdesk:as_mailed": WORKPLACE_OBJECT,
    "newsdesk:try_out": WORKPLACE_OBJECT,
    "newsdesk:step": WORKPLACE_OBJECT,
    "mailbox:inbox": SIGNED_IN,
    "mailbox:several": OWN_POST,
    "mailbox:search": SIGNED_IN,
    "mailbox:sent": SIGNED_IN,
    "mailbox:log": SIGNED_IN,
    "mailbox:exports": SIGNED_IN,
    "mailbox:export": OWN_OBJECT,
    "mailbox:thread": OWN_OBJECT,
    "mailbox:folders": SIGNED_IN,
    "mailbox:folder": OWN_OBJECT,
    "mailbox:remove_folder": OWN_POST,
    "mailbox:message": OWN_OBJECT,
    "mailbox:attachment": OWN_OBJECT,
    "mailbox:replied": OWN_OBJECT,
    "mailbox:reply": OWN_POST,
    "mailbox:archive": OWN_POST,
    "mailbox:unarchive": OWN_POST,
    # --- file exchange: guests have sessions of their own; whoever is nobody here may be an owner who has to sign in
    "exchange:rooms": SIGNED_IN,
    "exchange:new": SIGNED_IN,
    "exchange:door": PUBLIC,
    "exchange:ask_code": SESSION_POST,
    "exchange:leave": SESSION_POST,
    "exchange:knock": NOT_THERE,
    "exchange:*": OWN_OBJECT,
    "tus:*": TUS,
}

# Arguments for routes whose converter does not tell enough: name -> keyword arguments.
ARGUMENTS: dict[str, dict[str, object]] = {}
