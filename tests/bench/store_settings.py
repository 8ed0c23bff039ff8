"""Settings of a server that is measured: where its files are kept is told by whoever starts it."""

import os

from tests.settings import *  # noqa: F403

FILE_STORE = os.environ["BENCH_FILE_STORE"]
