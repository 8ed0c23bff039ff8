"""YAML read five times faster: libyaml's scanner beneath PyYAML's own composer, which a loader may override."""

from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING or not yaml.__with_libyaml__:
    Loader = yaml.SafeLoader
else:
    from yaml.composer import Composer
    from yaml.constructor import SafeConstructor
    from yaml.cyaml import CParser
    from yaml.resolver import Resolver

    class Loader(Composer, CParser, SafeConstructor, Resolver):
        """yaml.SafeLoader to whoever uses or extends it; only the scanner and the parser are written in C."""

        def __init__(self, stream: Any) -> None:
            CParser.__init__(self, stream)
            Composer.__init__(self)
            SafeConstructor.__init__(self)
            Resolver.__init__(self)
