"""The public check page. It needs no account and shows no personal data."""

import hashlib

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_safe

from portal.common import clock
from portal.documents import limits, queries, seal, verdicts
from portal.documents.forms import CodeForm, FileForm, NeverOnDisk, canonical
from portal.documents.models import IssuedDocument


@never_cache
@csrf_exempt  # checked one step later: the upload handlers have to be set before anything reads the request
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest) -> HttpResponse:
    """Ask for a code (GET, so that an answer can be linked) or for a file (POST)."""
    if request.method == "POST":
        request.upload_handlers = [NeverOnDisk(request)]
        return _check_file(request)
    asked = "code" in request.GET
    form = CodeForm(request.GET if asked else None)
    if asked and form.is_valid():
        return redirect("documents:verdict", form.cleaned_data["code"])
    return _questions(request, form, FileForm())


@csrf_protect
def _check_file(request: HttpRequest) -> HttpResponse:
    """Answers at once instead of redirecting: nothing was changed or kept that a second page could show."""
    if not limits.may_check(request):
        return _pause(request)
    form = FileForm(request.POST, request.FILES)
    if not form.is_valid():
        return _questions(request, CodeForm(), form)
    pdf: bytes = form.cleaned_data["file"]
    document = queries.by_hash(hashlib.sha256(pdf).hexdigest())
    if document:
        return _answer(request, verdicts.of_document(document, clock.today()), document, file_unchanged=True)
    return _answer(request, verdicts.of_file(seal.verify(pdf)))


@never_cache
@require_safe
def verdict(request: HttpRequest, code: str) -> HttpResponse:
    """Where the QR code on the paper leads."""
    wanted = canonical(code)
    if wanted and wanted != code:
        return redirect("documents:verdict", wanted)
    if not limits.may_check(request):
        return _pause(request)
    document = queries.by_code(wanted) if wanted else None
    if document is None:
        return _answer(request, verdicts.UNKNOWN_CODE, status=404)
    return _answer(request, verdicts.of_document(document, clock.today()), document)


def _questions(request: HttpRequest, code_form: CodeForm, file_form: FileForm) -> HttpResponse:
    wrong = file_form if file_form.is_bound else code_form
    context = {"form": wrong, "code_form": code_form, "file_form": file_form}
    return render(request, "documents/check.html", context)


def _answer(
    request: HttpRequest,
    finding: verdicts.Finding,
    document: IssuedDocument | None = None,
    *,
    file_unchanged: bool = False,
    status: int = 200,
) -> HttpResponse:
    context = {"finding": finding, "document": document, "file_unchanged": file_unchanged}
    response = render(request, "documents/verdict.html", context, status=status)
    response["X-Robots-Tag"] = "noindex"
    return response


def _pause(request: HttpRequest) -> HttpResponse:
    response = render(request, "documents/pause.html", status=429)
    response["Retry-After"] = "60"
    return response
