# SPDX-License-Identifier: MIT
"""Proof that each architecture check can fail: small trees with one violation planted in each."""

import pathlib
import shutil
import tempfile

import checks
from cases import Failure

ROOT = pathlib.Path(__file__).resolve().parents[2]

CLEAN = {
    "core/include/mercator/types/value.hpp": "#pragma once\n#include <mercator/support/error.hpp>\n",
    "core/include/mercator/support/error.hpp": "#pragma once\n#include <string>\n",
    "core/include/mercator/engine/engine.hpp": "#pragma once\n#include <mercator/plugin/loader.hpp>\n",
    "core/src/dialect/compiler.cpp": 'const char* text = "SELECT ";\n',
    "core/src/session/session.cpp": '#include "session/flush_plan.hpp"\n'
                                    'const char* text = "nothing to select"; int n = 1\'000\'000;\n'
                                    "// comments may say SELECT and sqlite\n",
    "core/src/session/flush_plan.hpp": "#pragma once\n#include <mercator/support/error.hpp>\n",
    "plugins/include/mercator/plugin/loader.hpp": "#pragma once\n",
    "plugins/include/mercator/plugin/abi.h": "#define MERCATOR_ABI_VERSION 1\n",
    "dialects/sqlite/driver.cpp": '#include "driver.hpp"\n#include <sqlite3.h>\n'
                                  "#include <mercator/types/value.hpp>\n",
    "dialects/sqlite/driver.hpp": "#pragma once\n",
    "dialects/mysql/driver.hpp": "#pragma once\n",
}

# check, what is planted (file -> text), a part of the message that must come
PLANTED = [
    ("layers", {"core/include/mercator/types/value.hpp": "#include <mercator/engine/engine.hpp>"},
     "types may not include engine"),
    ("layers", {"core/src/support/url.cpp": '#include "session/flush_plan.hpp"'},
     "support may not include session"),
    ("layers", {"core/src/support/url.cpp": '#include "../session/flush_plan.hpp"'},
     "support may not include session"),
    ("layers", {"core/include/mercator/mapping/mapper.hpp": "#include <mercator/dialect/dialect.hpp>"},
     "mapping may not include dialect"),
    ("layers", {"core/src/types/value.cpp": "#include <mercator/plugin/loader.hpp>"},
     "types may not include plugin"),
    ("layers", {"core/src/engine/engine.cpp": "#include <sqlite3.h>"}, "only a dialect knows a vendor"),
    ("layers", {"core/src/engine/engine.cpp": "#include <mercator/mercator.hpp>"}, "umbrella"),
    ("layers", {"core/src/engine/engine.cpp": '#include "../../../dialects/mysql/driver.hpp"'},
     "only a dialect knows a vendor"),
    ("layers", {"plugins/src/loader.cpp": "#include <mercator/support/error.hpp>"},
     "plugin may not include support"),
    ("layers", {"dialects/sqlite/driver.cpp": "#include <mercator/session/session.hpp>"},
     "dialects may not include session"),
    ("layers", {"dialects/sqlite/driver.cpp": '#include "../mysql/driver.hpp"'},
     "a dialect does not include another"),
    ("layers", {"core/src/extras/thing.cpp": "int x;"}, "no room 'extras'"),
    ("public_includes", {"core/include/mercator/types/value.hpp": "#include <fmt/core.h>"}, "includes fmt/core.h"),
    ("public_includes", {"core/include/mercator/types/value.hpp": "// Not part of mercator.hpp\n#include <fmt/core.h>",
                         "core/include/mercator/mercator.hpp": "#include <mercator/types/value.hpp>"},
     "includes fmt/core.h"),
    ("vendor_words", {"core/src/engine/pool.cpp": "bool is_sqlite = false;"}, "pool.cpp:1: names a vendor"),
    ("vendor_words", {"core/src/engine/pool.cpp": 'auto n = "MariaDB";'}, "names a vendor"),
    ("sql_literals", {"core/src/session/session.cpp": '\nauto s = "DELETE FROM users";'},
     "session.cpp:2: spells SQL"),
    ("sql_literals", {"core/src/loading/query.cpp": 'auto s = R"sql(\n where x order by\n LIMIT 1)sql";'},
     "query.cpp:1: spells SQL"),
    ("sql_literals", {"core/src/engine/connection.cpp": 'run("savepoint sp1");'}, "spells SQL"),
    ("sql_literals", {"plugins/src/loader.cpp": 'auto s = "SELECT 1";'}, "spells SQL"),
    ("abi_guard", {"core/include/mercator/types/value.hpp": "struct Added {};"}, "MERCATOR_ABI_VERSION"),
    ("abi_guard", {"plugins/include/mercator/plugin/abi.h": "#define MERCATOR_ABI_VERSION 2\n"},
     "MERCATOR_ABI_VERSION"),
]


def grow_tree(root, extra):
    shutil.copytree(ROOT / "cmake", root / "cmake")
    (root / "tests" / "architecture").mkdir(parents=True)
    for name, text in CLEAN.items():
        write(root / name, text)
    (root / "tests" / "architecture" / "abi.txt").write_text(checks.abi_record(root))
    for name, text in extra.items():
        write(root / name, text)


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def clean_tree_passes(check):
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        grow_tree(root, {})
        if found := getattr(checks, check)(root):
            raise Failure("a clean tree is refused:\n" + "\n".join(found))


def planted_is_found(check, extra, phrase):
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        grow_tree(root, extra)
        found = getattr(checks, check)(root)
        if len(found) != 1 or phrase not in found[0]:
            raise Failure(f"expected one violation with {phrase!r}, found {found}")


def comments_do_not_change_the_abi():
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        file = "core/include/mercator/types/value.hpp"
        grow_tree(root, {file: "// now explained\n" + CLEAN[file]})
        if found := checks.abi_guard(root):
            raise Failure("\n".join(found))


def cases():
    """Yields (name, body)."""
    for check in ("layers", "public_includes", "vendor_words", "sql_literals", "abi_guard"):
        yield f"self-test: {check} accepts a clean tree", lambda check=check: clean_tree_passes(check)
    for check, extra, phrase in PLANTED:
        planted = "; ".join(f"{text.strip()} in {name}" for name, text in extra.items())
        yield (f"self-test: {check} finds {' '.join(planted.split())}",
               lambda check=check, extra=extra, phrase=phrase: planted_is_found(check, extra, phrase))
    yield "self-test: abi_guard does not mind comments", comments_do_not_change_the_abi
