import subprocess

import pytest

from portal.launcher.options import Options, WrongOption, parse
from tests.faults.processes import ROOT, clean_environment


@pytest.mark.parametrize(
    ("arguments", "options"),
    [
        ([], Options()),
        (["--check"], Options(check=True)),
        (["--fresh", "--port", "9000"], Options(fresh=True, port=9000)),
        (["--port=9000"], Options(port=9000)),
    ],
)
def test_the_demo_understands(arguments, options):
    assert parse(arguments) == options


@pytest.mark.parametrize(
    "arguments", [["--nix"], ["nix"], ["--port"], ["--port", "x"], ["--port", "0"], ["--port=70000"]]
)
def test_the_demo_says_how_it_is_called_rightly(arguments):
    with pytest.raises(WrongOption, match=r"Aufruf: \./run demo"):
        parse(arguments)


@pytest.mark.sample(5)
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Aufruf:"),
        (["nix"], "Unbekannt: nix"),
        (["manage"], "Welcher Befehl?"),
        (["setup", "x"], "./run setup nimmt keine Angaben: x"),
        (["demo", "--nix"], "Unbekannte Angabe: --nix"),
    ],
)
def test_run_refuses_in_german_with_status_2(arguments, said):
    done = subprocess.run(["./run", *arguments], cwd=ROOT, env=clean_environment(), capture_output=True, text=True)
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stdout == ""
