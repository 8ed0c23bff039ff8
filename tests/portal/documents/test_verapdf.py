"""The reference checker of the archives agrees: PDF/A-3a and PDF/UA-1, before and after sealing."""

import pytest

from portal.documents import render, seal
from tests.portal.documents import samples, verapdf
from tests.portal.documents.verapdf import findings

needs_verapdf = pytest.mark.skipif(verapdf.class_path() is None, reason=verapdf.MISSING)


@pytest.mark.slow
@needs_verapdf
def test_every_document_passes_before_and_after_sealing(tmp_path):
    paths = []
    for name, sample in samples.ALL.items():
        pdf = samples.rendered(sample)
        sealed = seal.get_sealer().seal(pdf, reason="Bescheid", at=samples.CREATED)
        for kind, data in (("plain", pdf), ("sealed", sealed)):
            paths.append(tmp_path / f"{name}-{kind}.pdf")
            paths[-1].write_bytes(data)
    code, report = findings(paths)
    assert (code, report.strip()) == (0, f"checked\t{2 * len(paths)}\t0")


@pytest.mark.slow
@needs_verapdf
def test_the_check_notices_a_file_that_does_not_conform(tmp_path):
    path = tmp_path / "bad.pdf"
    path.write_bytes(samples.rendered(samples.receipt).replace(b'pdfuaid:part="1"', b'pdfuaid:part="9"'))
    code, report = findings([path])
    assert code == 1
    assert "ua1\t5-" in report
    assert render.check_pdf(path.read_bytes())
