import errno
import os

import pytest

from portal.common import os_errors


@pytest.mark.parametrize(("path", "said"), [("/nirgends/x", "gibt es nicht"), ("/", "ist ein Ordner")])
def test_what_the_system_says_is_german(path, said):
    with pytest.raises(OSError) as caught:
        open(path, "wb").close()
    assert os_errors.why(caught.value) == said


def test_no_word_is_the_systems_own():
    assert not {os.strerror(number) for number in os_errors.SAID} & set(os_errors.SAID.values())


def test_what_has_no_words_has_its_number():
    assert os_errors.why(OSError(errno.EBADF, "Bad file descriptor")) == f"Fehler {errno.EBADF}"
    assert os_errors.why(OSError("odd")) == "OSError"
