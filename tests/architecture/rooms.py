# SPDX-License-Identifier: MIT
"""The room plan, read from cmake/rooms.cmake: the same lines that the build reads."""

import dataclasses
import re

_LINE = re.compile(r"^mercator_(outside_)?room\(([^)]*)\)", re.MULTILINE)


@dataclasses.dataclass
class Room:
    name: str
    outside: bool
    may_include: set
    may_include_files: set


def read_rooms(root):
    """Name -> Room, in the order of the plan."""
    text = (root / "cmake" / "rooms.cmake").read_text()
    rooms = {}
    for outside, body in _LINE.findall(text):
        words = body.split()
        room = Room(words[0], bool(outside), set(), set())
        into = None
        for word in words[1:]:
            if word == "MAY_INCLUDE":
                into = room.may_include
            elif word == "MAY_INCLUDE_FILES":
                into = room.may_include_files
            else:
                into.add(word)
        rooms[room.name] = room
    return rooms


def room_of(path, root):
    """The room in which a source file lies, the name of the umbrella's place ("") or None."""
    parts = path.relative_to(root).parts
    if parts[0] == "dialects":
        return "dialects"
    if parts[0] == "plugins":
        return "plugin" if parts[1] in ("include", "src") else None
    if parts[0] != "core":
        return None
    if parts[1] == "command":
        return "command"
    inner = parts[2:] if parts[1] == "src" else parts[3:]
    return inner[0] if len(inner) > 1 else ""
