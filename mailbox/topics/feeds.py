"""A topic as an Atom feed (RFC 4287): the whole text of the newest issues, so that no page has to be fetched."""

from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

from django.conf import settings

from mailbox.topics.mails import Sheet, address
from mailbox.topics.models import Issue, Topic
from portal.common import clock


def atom(topic: Topic, issues: Sequence[Issue]) -> str:
    """The feed as text of an XML document in UTF-8."""
    own = address("topics:feed", topic.slug)
    newest = max((i.published_at for i in issues if i.published_at), default=clock.now())
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="de">',
        f"<id>{escape(own)}</id>",
        f"<title>{escape(topic.title)}</title>",
        f"<subtitle>{escape(topic.summary)}</subtitle>",
        f"<updated>{newest.isoformat()}</updated>",
        f"<author><name>{escape(settings.CITY['name'])}</name></author>",
        f'<link rel="self" type="application/atom+xml" href={quoteattr(own)}/>',
        f'<link rel="alternate" type="text/html" href={quoteattr(address("topics:topic", topic.slug))}/>',
    ]
    return "\n".join([*lines, *(_entry(issue) for issue in issues), "</feed>", ""])


def _entry(issue: Issue) -> str:
    sheet = Sheet.of(issue)
    moment = issue.published_at.isoformat() if issue.published_at else ""
    return "\n".join(
        [
            "<entry>",
            f"<id>urn:uuid:{issue.public_id}</id>",
            f"<title>{escape(sheet.title)}</title>",
            f"<published>{moment}</published>",
            f"<updated>{moment}</updated>",
            f'<link rel="alternate" type="text/html" href={quoteattr(sheet.online)}/>',
            f"<summary>{escape(sheet.line)}</summary>",
            f'<content type="html">{escape(sheet.written.html)}</content>',
            "</entry>",
        ]
    )
