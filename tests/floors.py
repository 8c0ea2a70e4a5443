"""Floors: walks the imports of the house and tells those that go up, or sideways into a room that is closed.

4  main · cli · settings · …      may look into all but `testing`; no room looks into them
   testing                        may look into all; nothing looks into it
3  api · transport
2  service · reconciler
1  store · drivers
0  domain
"""

import ast
import sys
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

ROOMS: Mapping[str, Collection[str]] = {
    "domain": (),
    "store": ("domain",),
    "drivers": (),
    "service": ("store", "domain"),
    "reconciler": ("store", "drivers.contract", "domain"),
    "api": ("service", "domain"),
    "transport": ("service", "domain"),
}
"""Into which rooms, or files of one, each room may look beside itself."""

TOP = ("__init__", "__main__", "main", "cli", "server", "settings", "logs", "demo", "opening", "starting", "testing")
DOMAIN_LIBRARIES = ("sqlmodel", "regex")


def wrong_imports(house: Path) -> list[str]:
    """Return each import in the house that its floor forbids, as `file -> module`."""
    named = [(_name(house, file), file) for file in sorted(house.rglob("*.py"))]
    return [f"{name} -> {module}" for name, file in named for module in _imports(file, name) if not _open(name, module)]


def _name(house: Path, file: Path) -> str:
    return ".".join(file.relative_to(house.parent).with_suffix("").parts)


def _imports(file: Path, name: str) -> Iterator[str]:
    """Yield all that a file imports, also within functions, each by its whole name."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = ".".join(name.split(".")[: -node.level]) if node.level else ""
            yield from (".".join(filter(None, [start, node.module, alias.name])) for alias in node.names)


def _open(name: str, module: str) -> bool:
    """Whether the file may import the module. A room that the table does not know is closed to all and sees nothing."""
    house, room = name.split(".")[:2]
    top, _, inside = module.partition(".")
    if room in TOP:
        return room == "testing" or not f"{inside}.".startswith("testing.")
    if top != house:
        return room != "domain" or top in sys.stdlib_module_names or top in DOMAIN_LIBRARIES
    return any(f"{inside}.".startswith(f"{door}.") for door in (room, *ROOMS.get(room, ())))
