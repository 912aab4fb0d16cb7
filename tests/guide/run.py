#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A snippet that is not compiled does not exist.

Every tests/guide/<name>.cpp is a program that must run to its end, and every ```cpp block of the README
and of docs/ must stand, line for line, in one of them, in an example or in a plugin that is tested.
"""

import argparse
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "run"))
sys.dont_write_bytecode = True

from cases import Failure, run_case

TIME_LIMIT_SECONDS = 120
CPP_BLOCK = re.compile(r"^```cpp\n(.*?)^```", re.MULTILINE | re.DOTALL)


def lines_of(text):
    """The lines without indentation and without blank ones: how a snippet is compared with a program."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def contains(program, snippet):
    length = len(snippet)
    return any(program[at:at + length] == snippet for at in range(len(program) - length + 1))


def programs():
    folders = (ROOT / "tests" / "guide", ROOT / "tests" / "plugins" / "modules", ROOT / "examples")
    return [lines_of(path.read_text()) for folder in folders
            for path in sorted(folder.rglob("*")) if path.suffix in (".cpp", ".hpp")]


def snippets_are_compiled(document):
    sources = programs()
    lost = [block for block in CPP_BLOCK.findall(document.read_text())
            if not any(contains(source, lines_of(block)) for source in sources)]
    if lost:
        raise Failure("these blocks stand in no program of tests/guide, tests/plugins/modules or examples:\n\n"
                      + "\n---\n".join(lost))


def runs_to_its_end(program):
    with tempfile.TemporaryDirectory(prefix="mercator-guide-") as folder:
        done = subprocess.run([str(program)], cwd=folder, text=True, errors="replace",
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=TIME_LIMIT_SECONDS)
    if done.returncode != 0:
        raise Failure(f"{program.name} ended with {done.returncode}:\n{done.stdout[-3000:]}")


def cases(build_dir):
    documents = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    for document in documents:
        where = str(document.relative_to(ROOT))
        yield (where, f"every snippet of {where} is part of a program",
               lambda document=document: snippets_are_compiled(document))
    for source in sorted((ROOT / "tests" / "guide").glob("*.cpp")):
        program = build_dir / "bin" / f"guide_{source.stem}"
        yield (str(source.relative_to(ROOT)), f"the guide's program {source.stem} runs to its end",
               lambda program=program: runs_to_its_end(program))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build-dir", type=pathlib.Path, required=True)
    parser.add_argument("--filter", default="")
    arguments = parser.parse_args()
    arguments.build_dir = arguments.build_dir.resolve()  # programs run in folders of their own
    os.environ.setdefault("MERCATOR_DIALECT_PATH", str(arguments.build_dir / "dialects"))
    results = [run_case(where, name, body) for where, name, body in cases(arguments.build_dir)
               if arguments.filter in name]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
