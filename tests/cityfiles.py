"""The city's published service directory, beside the checkout. Tests that need it are skipped where it is absent."""

import pathlib

import pytest

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "shared" / "data" / "dldb"
FILES = [str(FOLDER / "services_de.json"), str(FOLDER / "locations_de.json")]
needed = pytest.mark.skipif(not FOLDER.is_dir(), reason="../shared/data/dldb liegt nicht neben dem Projekt")
