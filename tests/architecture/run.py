#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks that the code is laid out as the room plan says. --refresh-abi records a looked-at plugin boundary."""

import argparse
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "run"))
sys.dont_write_bytecode = True

import checks
import self_test
from cases import Failure, run_case


def expect_none(violations):
    if violations:
        raise Failure(f"{len(violations)} violations:\n" + "\n".join(violations))


def headers_compile_alone(build_dir):
    done = subprocess.run(["cmake", "--build", str(build_dir), "--target", "self_contained_headers",
                           "--parallel", "--", "-k", "0"],
                          text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode != 0:
        raise Failure(done.stdout[-6000:])


def cases(build_dir):
    yield "DIA-01 includes follow the room plan", lambda: expect_none(checks.layers(ROOT))
    yield ("public headers include only ours and the standard library's",
           lambda: expect_none(checks.public_includes(ROOT)))
    yield "DIA-01 core names no vendor", lambda: expect_none(checks.vendor_words(ROOT))
    yield "DIA-01 only the rooms that spell SQL contain SQL", lambda: expect_none(checks.sql_literals(ROOT))
    yield ("the plugin boundary changes only together with a look at its version",
           lambda: expect_none(checks.abi_guard(ROOT)))
    if build_dir is not None:
        yield "every public header compiles alone", lambda: headers_compile_alone(build_dir)
    yield from self_test.cases()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build-dir", type=pathlib.Path)
    parser.add_argument("--filter", default="")
    parser.add_argument("--refresh-abi", action="store_true")
    arguments = parser.parse_args()
    if arguments.refresh_abi:
        record = checks.abi_record(ROOT)
        (ROOT / "tests" / "architecture" / "abi.txt").write_text(record)
        print(record, end="")
        return 0
    results = [run_case("tests/architecture/run.py", name, body) for name, body in cases(arguments.build_dir)
               if arguments.filter in name]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
