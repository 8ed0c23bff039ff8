"""python -m portal.launcher demo [--check] [--fresh] [--port N] | manage COMMAND ..."""

import sys

from portal.launcher import demo, manage
from portal.launcher.options import WrongOption, parse
from portal.launcher.services import NotOurs
from portal.launcher.terminal import complain


def main(arguments: list[str]) -> int:
    try:
        if arguments[:1] == ["manage"] and arguments[1:2] != ["demo"]:
            return manage.run(arguments[1:])
        return demo.run(parse(arguments[arguments.index("demo") + 1 :]))
    except WrongOption as error:
        complain(str(error))
        return 2
    except (NotOurs, PermissionError) as error:
        complain(str(error))
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
