import pytest


@pytest.fixture(autouse=True)
def own_file_store(settings, tmp_path):
    """Every test starts with an empty store of its own."""
    settings.FILE_STORE = tmp_path / "files"
    return settings.FILE_STORE
