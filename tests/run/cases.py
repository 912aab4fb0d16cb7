# SPDX-License-Identifier: MIT
"""The one way in which a test program, in C++ or Python, tells the runner about its cases.

A program prints marked lines between its ordinary output (tests/support/main.cpp does the same):

    \\x1ebegin <tab> file <tab> name
    ... whatever the case prints; two kinds of lines are understood:
        CANNOT <ID>: <reason>    the backend cannot do it: a documented "no"
        SKIP: <reason>           the case could not run here
    \\x1eend <tab> passed|failed <tab> seconds
"""

import dataclasses
import os
import re
import sys
import time
import traceback

MARK = "\x1e"
FEATURE_ID = re.compile(r"\b[A-Z]{3,4}-\d{2}\b")
# doctest writes "file:line: MESSAGE: " before what a test says through MESSAGE.
_SAID = r"^(?:\S+ MESSAGE: )?\s*"
_CANNOT = re.compile(_SAID + r"CANNOT ([A-Z]{3,4}-\d{2}): (.*)$")
_SKIP = re.compile(_SAID + r"SKIP(?:PED)?: (.*)$")


@dataclasses.dataclass
class Case:
    program: str
    backend: str  # "" for a program that needs no database
    file: str
    name: str
    status: str = "failed"  # passed, failed or skipped; a case without an end is a crash
    seconds: float = 0.0
    output: list = dataclasses.field(default_factory=list)
    cannot: dict = dataclasses.field(default_factory=dict)  # feature ID -> reason
    skips: list = dataclasses.field(default_factory=list)

    @property
    def feature_ids(self):
        return FEATURE_ID.findall(self.name)


class Reader:
    """Turns the output of one program, line by line, into cases."""

    def __init__(self, program, backend):
        self.program = program
        self.backend = backend
        self.cases = []
        self.loose_output = []
        self._open = None

    def feed(self, line):
        """Returns the case that this line ended, or None."""
        if line.startswith(MARK):
            kind, *fields = line[1:].split("\t")
            if kind == "begin" and len(fields) == 2:
                self._open = Case(self.program, self.backend, fields[0], fields[1].strip())
                self.cases.append(self._open)
            elif kind == "end" and self._open is not None:
                case, self._open = self._open, None
                case.status = fields[0]
                case.seconds = float(fields[1])
                if case.status == "passed" and (case.cannot or case.skips):
                    case.status = "skipped"
                return case
            return None
        if self._open is None:
            self.loose_output.append(line)
            return None
        case = self._open
        case.output.append(line)
        if found := _CANNOT.match(line):
            case.cannot[found[1]] = found[2]
        elif found := _SKIP.match(line):
            case.skips.append(found[1])
        return None

    def finish(self, exit_code):
        """Call once the program is gone: a program that fails must show in some case. Returns that case."""
        if self._open is not None:
            self._open.output.append(f"the program ended with code {exit_code} inside this case")
            return self._open
        if exit_code != 0 and not any(case.status == "failed" for case in self.cases):
            case = Case(self.program, self.backend, self.program,
                        f"{self.program} ends with exit code 0")
            case.output = self.loose_output[-40:] + [f"the program ended with code {exit_code}"]
            self.cases.append(case)
            return case
        return None


class Failure(AssertionError):
    """A case failed; the text says what to do."""


def run_case(file, name, body):
    """Runs body() as one case of a Python test program. Returns True when it passed."""
    marked = "MERCATOR_TEST_MARKERS" in os.environ
    if marked:
        print(f"\n{MARK}begin\t{file}\t{name}", flush=True)
    started = time.monotonic()
    passed = True
    try:
        body()
    except Failure as failure:
        passed = False
        print(failure)
    except Exception:  # a broken test is a failed test
        passed = False
        traceback.print_exc(file=sys.stdout)
    status = "passed" if passed else "failed"
    if marked:
        print(f"\n{MARK}end\t{status}\t{time.monotonic() - started:.3f}", flush=True)
    else:
        print(f"{status}: {name}", flush=True)
    return passed
