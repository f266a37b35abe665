"""The public names of the package: `from conflict_events import predict`.

They are those of `inference`, under a name that no file of a user and no other package has. An installation has this
module as `conflict_events`; here it is beside what it names, as the top level of the repository is fixed.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

# A file of each package, to tell it from something else of the same name.
_PACKAGES = {"annotations": "document.py", "inference": "manifest.py"}


def _check(package: str, file: str) -> None:
    """Refuse to go on with something else that Python finds under the name of a package of ours."""
    spec = find_spec(package)
    places = list(spec.submodule_search_locations or ()) if spec else []
    if not any((Path(place) / file).is_file() for place in places):
        found = (spec.origin if spec else None) or ", ".join(places) or "nothing"
        raise ImportError(
            f"conflict_events needs its package {package!r}, and Python finds {found} under this name; rename that "
            "file or folder, or install conflict-events in an environment of its own"
        )


for _package, _file in _PACKAGES.items():
    _check(_package, _file)

# Only after the check.
import inference  # noqa: E402

if TYPE_CHECKING:
    from inference import *  # noqa: F403

__all__ = inference.__all__


def __getattr__(name: str) -> Any:
    """Return a public name of `inference`, which imports some at their first use."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(inference, name)


def __dir__() -> list[str]:
    """Return the names of the module, also those not yet imported."""
    return sorted({*globals(), *__all__})
