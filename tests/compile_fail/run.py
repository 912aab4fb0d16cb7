#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Misuse that the compiler must refuse, in words that help.

Each tests/compile_fail/<name>.cpp says what it is about in its first comments:

    // SPDX-License-Identifier: MIT
    // case: QRY-39 a number is not compared with a string
    // expect: operands of == have no common SQL type

Compiled as it stands it must fail, with the phrase in the first error line. Compiled with -DMERCATOR_TWIN,
which replaces the misuse by its correct form, it must succeed. Both with g++ and with clang++, as far as they are
installed; the correct forms with the build's own compiler only.
"""

import argparse
import concurrent.futures
import copy
import os
import pathlib
import re
import shutil
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "run"))
sys.dont_write_bytecode = True

from cases import Failure, run_case
from toolchain import Toolchain

FOLDER = pathlib.Path(__file__).resolve().parent
ERROR_LINE = re.compile(r"^(\S+?:\d+:\d+: )?(fatal )?error: (?P<text>.*)$", re.MULTILINE)


def comment(text, key):
    found = re.search(rf"^// {re.escape(key)}: (.*)$", text, re.MULTILINE)
    return found[1].strip() if found else None


def expected(text, toolchain):
    """What the first line must say; `expect g++` and `expect clang++` where it is the compilers' own wording."""
    return comment(text, "expect clang++" if toolchain.is_clang else "expect g++") or comment(text, "expect")


def first_error(said):
    found = ERROR_LINE.search(said)
    return found["text"] if found else None


def check_refused(file, phrase, succeeded, said):
    if phrase is None:
        raise Failure(f"{file.name} has no line `// expect: <phrase>`")
    if succeeded:
        raise Failure(f"{file.name} compiles, although it is misuse")
    error = first_error(said)
    if error is None or phrase not in error:
        raise Failure(f"expected in the first error line: {phrase}\nfound: {error}\n\n{said[:3000]}")


def check_twin(file, succeeded, said):
    if not succeeded:
        raise Failure(f"the correct form of {file.name} does not compile:\n{said[:3000]}")


def run_files(files, toolchain, precompiled, twins):
    """Compiles all files, with `twins` in both forms, as many at a time as there are processors."""
    compiler = "clang++" if toolchain.is_clang else "g++"
    suffix = "" if twins else f" ({compiler})"
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        def start(file, *definition):
            return pool.submit(toolchain.run, "-fsyntax-only", *precompiled, *definition, str(file))
        jobs = [(file, start(file), start(file, "-DMERCATOR_TWIN") if twins else None) for file in files]
        refused, results = [], []
        for file, misuse, twin in jobs:
            text = file.read_text()
            name = comment(text, "case") or f"{file.stem.replace('_', ' ')} is refused"
            where = str(file.relative_to(ROOT)) if file.is_relative_to(ROOT) else file.name
            refused.append(run_case(where, name + suffix, lambda: check_refused(
                file, expected(text, toolchain), *misuse.result())))
            if twins:
                results.append(run_case(where, f"the correct form of {file.stem} compiles",
                                        lambda: check_twin(file, *twin.result())))
        results.append(run_case("tests/compile_fail/run.py",
                                f"BLD-03 the first line of every error is pinned with {compiler}",
                                lambda: all_refused(refused)))
        return refused + results


def all_refused(refused):
    if not all(refused):
        raise Failure(f"{refused.count(False)} of {len(refused)} first lines are not as expected")


def with_other_compiler(toolchain):
    """The same settings with the other of our two compilers, or None where it is not installed."""
    other = copy.copy(toolchain)
    other.is_clang = not toolchain.is_clang
    other.compiler = shutil.which("clang++" if other.is_clang else "g++")
    return other if other.compiler else None


def self_test(toolchain, folder):
    """Proves that the runner can say no."""
    def outcome(text, *definition):
        file = folder / "planted.cpp"
        file.write_text(text)
        return file, *toolchain.run("-fsyntax-only", *definition, str(file))

    def must_fail(body):
        try:
            body()
        except Failure:
            return
        raise Failure("a planted violation was accepted")

    def accepts_misuse_that_compiles():
        file, *result = outcome("int x = 1;\n")
        must_fail(lambda: check_refused(file, "anything", *result))

    def accepts_the_wrong_phrase():
        file, *result = outcome('static_assert(false, "one thing");\n')
        check_refused(file, "one thing", *result)
        must_fail(lambda: check_refused(file, "another thing", *result))

    def accepts_a_broken_twin():
        file, *result = outcome("int x = y;\n", "-DMERCATOR_TWIN")
        must_fail(lambda: check_twin(file, *result))

    return [run_case("tests/compile_fail/run.py", f"self-test: {name}", body) for name, body in (
        ("misuse that compiles is a failure", accepts_misuse_that_compiles),
        ("another error than the expected one is a failure", accepts_the_wrong_phrase),
        ("a twin that does not compile is a failure", accepts_a_broken_twin))]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build-dir", type=pathlib.Path, required=True)
    parser.add_argument("--filter", default="")
    arguments = parser.parse_args()
    toolchain = Toolchain(arguments.build_dir)
    # BLD-03 is about all of them.
    wanted = "" if arguments.filter == "BLD-03" else arguments.filter
    files = [file for file in sorted(FOLDER.rglob("*.cpp")) if wanted in file.read_text()]
    with tempfile.TemporaryDirectory(prefix="mercator-compile-fail-") as temporary:
        folder = pathlib.Path(temporary)
        results = [] if arguments.filter else self_test(toolchain, folder)
        if files:
            results += run_files(files, toolchain, toolchain.precompile_umbrella(folder), twins=True)
            if (other := with_other_compiler(toolchain)) is not None:
                results += run_files(files, other, other.precompile_umbrella(folder), twins=False)
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
