#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Misuse that the compiler must refuse, in words that help.

Each tests/compile_fail/<name>.cpp says what it is about in its first comments:

    // SPDX-License-Identifier: MIT
    // case: QRY-39 a number is not compared with a string
    // expect: operands of == have no common SQL type

Compiled as it stands it must fail, with the phrase in the first error line. Compiled with -DMERCATOR_TWIN,
which replaces the misuse by its correct form, it must succeed.
"""

import argparse
import concurrent.futures
import os
import pathlib
import re
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
    found = re.search(rf"^// {key}: (.*)$", text, re.MULTILINE)
    return found[1].strip() if found else None


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


def run_files(files, toolchain, precompiled):
    """Compiles all files in both forms, as many at a time as there are processors."""
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        def start(file, *definition):
            return pool.submit(toolchain.run, "-fsyntax-only", *precompiled, *definition, str(file))
        jobs = [(file, start(file), start(file, "-DMERCATOR_TWIN")) for file in files]
        results = []
        for file, misuse, twin in jobs:
            text = file.read_text()
            name = comment(text, "case") or f"{file.stem.replace('_', ' ')} is refused"
            where = str(file.relative_to(ROOT)) if file.is_relative_to(ROOT) else file.name
            results.append(run_case(where, name, lambda: check_refused(
                file, comment(text, "expect"), *misuse.result())))
            results.append(run_case(where, f"the correct form of {file.stem} compiles",
                                    lambda: check_twin(file, *twin.result())))
        return results


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
    files = [file for file in sorted(FOLDER.rglob("*.cpp")) if arguments.filter in file.read_text()]
    with tempfile.TemporaryDirectory(prefix="mercator-compile-fail-") as temporary:
        folder = pathlib.Path(temporary)
        results = [] if arguments.filter else self_test(toolchain, folder)
        if files:
            results += run_files(files, toolchain, toolchain.precompile_umbrella(folder))
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
