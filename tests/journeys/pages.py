"""Sending the pages of a form one after another, as a browser does: open the page, post it."""

from tests.forms_engine.submissions.walk import Posted, Walk


def send_pages(walk: Walk, pages: dict[str, Posted]) -> int:
    """Returns how many requests that took."""
    for page, data in pages.items():
        answer = walk.post(page, data)
        assert answer.status_code == 302, (page, answer.status_code)
    return 2 * len(pages)
