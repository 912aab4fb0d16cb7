#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What is shipped: names that the library shows, its version, its binary interface, and licences."""

import argparse
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "run"))
sys.dont_write_bytecode = True

import abi
from cases import Failure, run_case
from toolchain import Toolchain

OWN_NAME = re.compile(r"_Z(N[KRO]*|T[ISVT]N|T[hv][^N]*N[KRO]*|G[VR][^8]*N[KRO]*|Z+N.*)8mercator")
# Files that cannot or need not carry a licence line: data, and files in formats without comments.
WITHOUT_LINE = (".json", ".svg", ".tsv", ".txt", ".md", ".map", ".clang-format", ".clang-tidy", ".gitignore", "LICENSE")
# What comes with every Linux system and compiler: no library that anybody chooses.
SYSTEM = ("libstdc++.so", "libgcc_s.so", "libc.so", "libm.so", "ld-linux", "libpthread.so", "libdl.so", "libasan.so", "libubsan.so",
          "libtsan.so", "libc++")


def output_of(*command):
    return subprocess.run([str(word) for word in command], text=True, check=True, stdout=subprocess.PIPE).stdout


def library_of(toolchain):
    return toolchain.build_dir / "libmercator.so"


def shows_own_names_only(toolchain):
    names = [line.split()[-1] for line in output_of("nm", "-D", "--defined-only", library_of(toolchain)).splitlines()]
    foreign = [name for name in names if not OWN_NAME.match(name)]
    if len(names) < 100 or foreign:
        raise Failure(f"{len(names)} names are shown, of these not ours: {foreign[:20]}")


def plugins_show_their_entry_only(toolchain):
    for plugin in (toolchain.build_dir / "dialects").glob("libmercator_*.so"):
        names = output_of("nm", "-D", "--defined-only", plugin).split()[2::3]
        if names != ["mercator_plugin_entry"]:
            raise Failure(f"{plugin.name} shows {names[:20]}")


def soname_says_the_minor_release(toolchain):
    project = re.search(r"project\(mercator VERSION (\d+)\.(\d+)\.(\d+)", (ROOT / "CMakeLists.txt").read_text())
    expected = f"libmercator.so.{project[1]}.{project[2]}"
    found = re.search(r"\(SONAME\).*\[(.*)\]", output_of("readelf", "-d", library_of(toolchain)))[1]
    if found != expected or library_of(toolchain).resolve().name != f"{expected}.{project[3]}":
        raise Failure(f"SONAME {found}, file {library_of(toolchain).resolve().name}; expected {expected}")


def break_is_found(toolchain):
    """abi.py says yes to an addition and no to a changed class, in a library with names like ours."""
    if not abi.is_available():
        print("SKIP: abidiff is not installed (Debian: abigail-tools)")
        return
    head = "namespace mercator { struct Config { int size; %s}; int use(const Config& c) { return c.size; } %s}\n"
    with tempfile.TemporaryDirectory(prefix="mercator-abi-") as temporary:
        folder = pathlib.Path(temporary)

        def build(name, text):
            (folder / f"{name}.cpp").write_text(text)
            output_of(toolchain.compiler, "-g", "-fPIC", "-shared", folder / f"{name}.cpp", "-o", folder / f"{name}.so")
            return folder / f"{name}.so"
        old = build("old", head % ("", ""))
        if found := abi.breaks(old, build("added", head % ("", "int more() { return 1; } "))):
            raise Failure(f"an addition is called a break:\n{found}")
        if not abi.breaks(old, build("changed", head % ("int added; ", ""))):
            raise Failure("a class that grew is not called a break")
        if not abi.breaks(old, build("removed", "namespace mercator { int other() { return 1; } }\n")):
            raise Failure("a removed function is not called a break")


def tracked_files():
    """Of the checkout, or of an unpacked archive, where everything but build/ came with it."""
    if (ROOT / ".git").exists():
        return [pathlib.Path(name) for name in output_of("git", "-C", ROOT, "ls-files").splitlines()]
    names = [path.relative_to(ROOT) for path in ROOT.rglob("*") if path.is_file()]
    return [name for name in names if name.parts[0] != "build" and "__pycache__" not in name.parts]


def every_source_is_mit(_toolchain):
    without, other = [], []
    for name in tracked_files():
        if not (ROOT / name).is_file() or name.name.endswith(WITHOUT_LINE):
            continue
        head = (ROOT / name).read_text(errors="replace").split("\n", 3)[:3]
        lines = [line for line in head if "SPDX-License-Identifier:" in line]
        if not lines:
            without.append(str(name))
        elif not re.search(r"SPDX-License-Identifier: MIT\b(?! (OR|AND|WITH))", lines[0]):
            other.append(str(name))
    if without or other:
        raise Failure(f"no licence in the first lines of: {without}\nanother licence than MIT: {other}")
    if not (ROOT / "LICENSE").read_text().startswith("MIT License"):
        raise Failure("LICENSE is not the MIT licence")


def every_library_is_listed(toolchain):
    """docs/licences.md knows every library that ours need to run."""
    listed = (ROOT / "docs" / "licences.md").read_text()
    names = {"libfmt": "fmt", "libspdlog": "spdlog", "libsqlite3": "SQLite", "libpq": "libpq", "libmariadb": "libmariadb",
             "libmysqlcppconn": "libmysqlcppconn", "libmercator": "Mercator"}
    for library in [library_of(toolchain), *(toolchain.build_dir / "dialects").glob("libmercator_*.so")]:
        for needed in re.findall(r"\(NEEDED\).*\[(.*)\]", output_of("readelf", "-d", library)):
            if needed.startswith(SYSTEM):
                continue
            name = names.get(needed.split(".so")[0])
            if name is None or name not in listed:
                raise Failure(f"{library.name} needs {needed}, which docs/licences.md does not list")


CASES = (("BLD-04 the library shows its own names only", shows_own_names_only),
         ("BLD-04 a dialect shows its entry only", plugins_show_their_entry_only),
         ("BLD-04 the SONAME is that of the minor release", soname_says_the_minor_release),
         ("BLD-04 abidiff tells a break from an addition", break_is_found),
         ("BLD-12 every source is under the MIT licence", every_source_is_mit),
         ("BLD-12 every library that ours need is listed with its licence", every_library_is_listed))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build-dir", type=pathlib.Path, required=True)
    parser.add_argument("--filter", default="")
    arguments = parser.parse_args()
    toolchain = Toolchain(arguments.build_dir)
    results = [run_case("tests/release/run.py", name, lambda: body(toolchain))
               for name, body in CASES if arguments.filter in name]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
