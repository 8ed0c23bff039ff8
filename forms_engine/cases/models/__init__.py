"""The case (case.py), what clerks add to its file (casefile.py), who takes part (parties.py), what is decided in it
(decisions.py), the texts for that (templates.py), decisions for many cases at once (runs.py), who covers for whom
(deputies.py), and the desk."""

from forms_engine.cases.models.case import (
    BADGES,
    FORM_NAME,
    Case,
    CaseDocument,
    CaseEvent,
    CaseQuerySet,
    DocumentRequest,
    FileNumber,
)
from forms_engine.cases.models.casefile import (
    CaseDate,
    CaseLink,
    CaseNote,
    CaseTask,
    ChecklistTick,
    DateKind,
    Replacement,
)
from forms_engine.cases.models.decisions import (
    PAPER_SLUGS,
    Decision,
    Paper,
    PaperKind,
    PaperState,
    Proposal,
)
from forms_engine.cases.models.deputies import Deputy
from forms_engine.cases.models.desk import RuleRun, SavedFilter, SearchToken
from forms_engine.cases.models.kinds import DecisionKind
from forms_engine.cases.models.parties import CaseParty, PartyRole
from forms_engine.cases.models.post import OpenReply, TextBlock
from forms_engine.cases.models.retention import ArchiveAnswer, Disposal, DisposalRecord, Stage
from forms_engine.cases.models.runs import DecisionRun, DecisionRunItem, ItemState, RunState
from forms_engine.cases.models.templates import LetterPreview, LetterTemplate, PreviewState, TemplateState

__all__ = [
    "BADGES",
    "FORM_NAME",
    "PAPER_SLUGS",
    "ArchiveAnswer",
    "Case",
    "CaseDate",
    "CaseDocument",
    "CaseEvent",
    "CaseLink",
    "CaseNote",
    "CaseParty",
    "CaseQuerySet",
    "CaseTask",
    "ChecklistTick",
    "DateKind",
    "Decision",
    "DecisionKind",
    "DecisionRun",
    "DecisionRunItem",
    "Deputy",
    "Disposal",
    "DisposalRecord",
    "DocumentRequest",
    "FileNumber",
    "ItemState",
    "LetterPreview",
    "LetterTemplate",
    "OpenReply",
    "Paper",
    "PaperKind",
    "PaperState",
    "PartyRole",
    "PreviewState",
    "Proposal",
    "Replacement",
    "RuleRun",
    "RunState",
    "SavedFilter",
    "SearchToken",
    "Stage",
    "TemplateState",
    "TextBlock",
]
