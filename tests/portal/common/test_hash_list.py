"""The search in a file of sorted hashes finds exactly what stands there."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.common import hash_list


def written(path, known):
    digests = sorted(hashlib.sha1(word.encode()).hexdigest().upper() for word in known)
    path.write_text("".join(f"{digest}:{number}\n" for number, digest in enumerate(digests, 1)), encoding="ascii")
    return path


@given(known=st.sets(st.text(min_size=1), min_size=1, max_size=30), other=st.text())
def test_the_search_on_disk_finds_exactly_what_is_listed(tmp_path_factory, known, other):
    path = written(tmp_path_factory.mktemp("list") / "hashes", known)
    assert all(hash_list.contains(path, word) for word in known)
    assert hash_list.contains(path, other) == (other in known)
    assert hash_list.is_list(path)


@pytest.mark.parametrize("content", ["", "kein Hash\n", f"{'F' * 40}\n{'A' * 40}\n", f"{'A' * 39}\n"])
def test_a_file_that_is_no_sorted_list_is_known_by_its_start(tmp_path, content):
    path = tmp_path / "x"
    path.write_text(content)
    assert not hash_list.is_list(path)
