# SPDX-License-Identifier: MIT
"""What the layout promises, each promise a function that returns the violations it finds in a tree."""

import hashlib
import re

import rooms
import source_text

CLIENT_HEADERS = re.compile(r"^(sqlite3|libpq|pqxx|postgres|mysql|mariadb|cppconn|jdbc)")
VENDORS = re.compile(r"sqlite|postgres|mysql|mariadb|libpq|cppconn", re.IGNORECASE)

# Capitals are how SQL is spelled here, so a capital keyword in a string is SQL, or a message that should
# say it in prose. Words that messages need as words (NULL, UNIQUE, CHECK, INDEX) are not in the list.
SQL_WORDS = re.compile(
    r"\b(SELECT|INSERT|UPDATE|DELETE|MERGE|FROM|WHERE|JOIN|HAVING|VALUES|RETURNING|UNION|INTERSECT|EXCEPT"
    r"|DISTINCT|LIMIT|OFFSET|FETCH|LIKE|BETWEEN|EXISTS|COLLATE|ESCAPE|AND|OR|NOT|IS|IN|AS|ON|ASC|DESC"
    r"|CREATE|DROP|ALTER|TABLE|COLUMN|CONSTRAINT|REFERENCES|PRIMARY|FOREIGN|CASCADE|RESTRICT|DEFAULT"
    r"|AUTOINCREMENT|AUTO_INCREMENT|IDENTITY|GROUP BY|ORDER BY|PARTITION BY|WITH|CASE|WHEN|THEN|CAST"
    r"|BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|PRAGMA|EXPLAIN|VARCHAR|INTEGER|BIGINT|NUMERIC|TIMESTAMP)\b")
SQL_SENTENCES = re.compile(
    r"^\s*(select\s.+\sfrom\s|insert\s+into\s|update\s+\S+\s+set\s|delete\s+from\s|drop\s+table\b"
    r"|create\s+(unique\s+)?(table|index)\b|alter\s+table\b|begin(\s+transaction)?;?$|commit;?$"
    r"|rollback(\s+to\b.*)?;?$|savepoint\s)", re.IGNORECASE)

# What a header that compiles as C calls the standard library.
C_HEADERS = ("stdint.h", "stddef.h")

# What a header says that includes somebody else's.
NOT_IN_UMBRELLA = "Not part of mercator.hpp"

ABI_ROOMS = ("support", "types", "ast", "schema", "dialect")


def product_sources(root):
    for part in ("core", "plugins", "dialects"):
        yield from source_text.sources(root / part)


def layers(root):
    """Includes that the room plan does not allow."""
    plan = rooms.read_rooms(root)
    violations = []
    for path in product_sources(root):
        name = rooms.room_of(path, root)
        if name is None:
            continue
        where = path.relative_to(root)
        if name and name not in plan:
            violations.append(f"{where}: there is no room {name!r} in cmake/rooms.cmake")
            continue
        for line, include in source_text.includes(path.read_text()):
            reason = why_forbidden(include, name, path, root, plan)
            if reason:
                violations.append(f"{where}:{line}: {reason}")
    return violations


def why_forbidden(include, name, path, root, plan):
    if name != "dialects" and (CLIENT_HEADERS.match(include) or "dialects/" in include):
        return f"includes {include}; only a dialect knows a vendor"
    if name == "dialects" and "/" in include and (root / "dialects" / include.lstrip("./")).is_file():
        return f"includes {include}; a dialect does not include another"
    target = target_room(include, path, root, plan)
    if target is None or name == "" or target == name:
        return None
    if target == "umbrella":
        return "includes mercator.hpp; the umbrella is for users"
    room = plan[name]
    inner = include.removeprefix("mercator/")
    if target in room.may_include or inner in room.may_include_files:
        return None
    return f"{name} may not include {target} ({include})"


def target_room(include, path, root, plan):
    """The room that an include leads to; None for the standard library and the file's own folder."""
    if include == "mercator/mercator.hpp":
        return "umbrella"
    if include.startswith("mercator/"):
        first = include.split("/")[1]
        return first if first in plan else None
    # Private headers are named from core/src ("session/flush_plan.hpp") or from the own folder.
    first = include.split("/")[0]
    is_private = first in plan and (root / "core" / "src" / include).is_file()
    beside = (path.parent / include).resolve()
    if beside.is_file() and beside.is_relative_to(root.resolve()):
        return rooms.room_of(beside, root.resolve())
    return first if is_private else None


def reached_from_umbrella(root):
    """Names of the public headers that mercator.hpp brings along."""
    reached, waiting = set(), ["mercator/mercator.hpp"]
    while waiting:
        name = waiting.pop()
        path = root / "core" / "include" / name
        if name in reached or not path.is_file():
            continue
        reached.add(name)
        waiting += [include for _, include in source_text.includes(path.read_text())
                    if include.startswith("mercator/")]
    return reached


def public_includes(root):
    """Other people's headers in ours: each would become a burden of every consumer. A header that mercator.hpp
    does not bring along, and that says so, is a burden of those alone who include it."""
    violations = []
    reached = reached_from_umbrella(root)
    for part in ("core", "plugins"):
        folder = root / part / "include"
        for path in source_text.sources(folder):
            text = path.read_text()
            if NOT_IN_UMBRELLA in text and path.relative_to(folder).as_posix() not in reached:
                continue
            for line, include in source_text.includes(text):
                is_standard = re.fullmatch(r"\w+", include) or include in C_HEADERS
                if not is_standard and not include.startswith("mercator/"):
                    violations.append(f"{path.relative_to(root)}:{line}: a public header includes {include}; "
                                      "move the use into a source file, or into a header that says in its first "
                                      f"comment '{NOT_IN_UMBRELLA}', and is not")
    return violations


def vendor_words(root):
    """Names of vendors in core, comments aside."""
    violations = []
    for path in source_text.sources(root / "core"):
        for number, line in enumerate(source_text.without_comments(path.read_text()).split("\n"), 1):
            if found := VENDORS.search(line):
                violations.append(f"{path.relative_to(root)}:{number}: names a vendor ({found[0]}); "
                                  "make it a capability or a hook that the dialect overrides")
    return violations


def sql_literals(root):
    """SQL in string literals outside the rooms that spell SQL."""
    violations = []
    for path in product_sources(root):
        if rooms.room_of(path, root) in ("dialect", "dialects", None):
            continue
        for line, content in source_text.string_literals(path.read_text()):
            found = SQL_WORDS.search(content) or SQL_SENTENCES.search(content)
            if found:
                violations.append(f"{path.relative_to(root)}:{line}: spells SQL ({found[0].strip()}) in "
                                  f'"{content}"; SQL belongs to a compiler, prose says it in small letters')
    return violations


def abi_hash(root):
    """One hash of everything that crosses the plugin boundary; comments and layout do not count."""
    files = [path for room in ABI_ROOMS
             for path in source_text.sources(root / "core" / "include" / "mercator" / room)]
    files.append(root / "plugins" / "include" / "mercator" / "plugin" / "abi.h")
    digest = hashlib.sha256()
    for path in files:
        code = source_text.without_comments(path.read_text())
        digest.update(f"{path.relative_to(root)}\n{' '.join(code.split())}\n".encode())
    return digest.hexdigest()


def abi_version(root):
    text = (root / "plugins" / "include" / "mercator" / "plugin" / "abi.h").read_text()
    found = re.search(r"#\s*define\s+MERCATOR_ABI_VERSION\s+(\w+)", text)
    return found[1] if found else "(MERCATOR_ABI_VERSION is not defined)"


def abi_record(root):
    return f"MERCATOR_ABI_VERSION {abi_version(root)}\nsha256 {abi_hash(root)}\n"


def abi_guard(root):
    """A plugin boundary that changed without anybody looking at its version."""
    recorded = root / "tests" / "architecture" / "abi.txt"
    if recorded.is_file() and recorded.read_text() == abi_record(root):
        return []
    return ["what crosses the plugin boundary is not what tests/architecture/abi.txt records. Decide whether "
            "MERCATOR_ABI_VERSION in plugin/abi.h must grow (since the last release: once is enough), then "
            "run tests/architecture/run.py --refresh-abi"]
