"""FIM schemas, code lists and XML schemas, beside the checkout. Tests that need them are skipped where they lack."""

import pathlib

import pytest

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "shared" / "fim"
XSD = FOLDER / "xsd" / "3.0.0"
METADATA = FOLDER.parent / "fit-connect" / "metadata-2.1.0.schema.json"
SCHEMAS = sorted([*FOLDER.glob("examples/xdf?/**/S*.xml"), *FOLDER.glob("examples/small/v?-s*.xml")])
SCHEMAS += sorted(FOLDER.glob("examples/small/v2-label.xml"))
BROKEN = sorted(set(FOLDER.glob("examples/small/*.xml")) - set(SCHEMAS))
LISTS = sorted([*FOLDER.glob("examples/genericode/*.xml"), *FOLDER.glob("examples/xdf2/**/C*.xml")])
needed = pytest.mark.skipif(not FOLDER.is_dir(), reason="../shared/fim liegt nicht neben dem Projekt")
metadata_needed = pytest.mark.skipif(
    not METADATA.is_file(), reason="../shared/fit-connect liegt nicht neben dem Projekt"
)
