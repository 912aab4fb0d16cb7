#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs every test program of one build: what needs no database once, the rest once per backend.

Ends with the line `N passed, N failed[, N skipped]`, every skip explained above it, and exits with 0 only
if nothing failed. ./check calls it; called directly it expects the build to be up to date.
"""

import argparse
import os
import pathlib
import queue
import subprocess
import sys
import tempfile
import threading
import time

import feature_table
import servers
from cases import Case, Reader

ROOT = pathlib.Path(__file__).resolve().parents[2]
BACKENDS = ("sqlite", "postgresql", "mariadb", "mysql")

# Programs that talk to the database named by MERCATOR_TEST_URI: run once per backend.
PER_BACKEND = ("conformance_test", "example_test", "regression_test")

# Drivers besides the default one: the conformance program runs once more with each, as `mariadb+c://`. They prove no column of
# the feature table, because they stand for no other database.
FURTHER_DRIVERS = {"mariadb": ("c",), "mysql": ("c",)}
# The conformance tests once more, in a program that has the dialects linked in instead of opening plugins.
STATIC_PROGRAM = "static_conformance_test"
STATIC_BACKEND = "sqlite"
# Programs that run once, with the URIs of every running backend: MERCATOR_TEST_SQLITE and so on.
ONCE = ("core_test", "plugins_test", "dialect_test")
# What the sanitizer says when its look at the program's memory was disturbed by a thread that was just ending.
LEAK_CHECK_BROKE = "LeakSanitizer has encountered a fatal error"
PYTHON_SUITES = ("run", "architecture", "compile_fail", "guide", "consumer", "command", "large_schema",
                 "release")
# A test under tests/dialects/<folder> is evidence for these backends.
DIALECT_BACKENDS = {"sqlite": ("sqlite",), "postgresql": ("postgresql",), "mysql": ("mariadb", "mysql")}

SILENCE_LIMIT_SECONDS = 600


def parse_arguments():
    parser = argparse.ArgumentParser(prog="check", description="Build and run the tests.")
    parser.add_argument("--backend", action="append", choices=BACKENDS + ("all",),
                        help="may be repeated; default: all")
    parser.add_argument("--preset", default="dev", help="a configure preset (default: dev)")
    parser.add_argument("--filter", default="", help="only cases whose name contains this")
    parser.add_argument("--suite", action="append",
                        help="only this program or suite; may be repeated "
                             f"({', '.join(ONCE + PER_BACKEND + (STATIC_PROGRAM,) + PYTHON_SUITES)})")
    arguments = parser.parse_args()
    asked = arguments.backend or ["all"]
    wanted = [name for item in asked for name in (BACKENDS if item == "all" else (item,))]
    arguments.backends = [name for name in BACKENDS if name in wanted]
    return arguments


class Run:
    def __init__(self, arguments, build_dir):
        self.arguments = arguments
        self.build_dir = build_dir
        self.cases = []
        self.uris = {}  # backend -> URI, for those that run

    # Backends

    def start_backends(self, stack):
        """Starts what was asked for; a backend that does not start is a failure, never a silence."""
        for backend in self.arguments.backends:
            if backend == "sqlite":
                folder = pathlib.Path(stack.enter_folder())
                self.uris[backend] = f"sqlite:///{folder}/test.db"
                continue
            if backend not in servers.SERVERS:
                self.record_failure(backend, f"{backend}: tests/run/servers.py does not know how to start it")
                continue
            say(f"starting a private {backend} server")
            server = servers.SERVERS[backend]()
            try:
                server.start()
            except servers.ServerError as error:
                self.record_failure(backend, str(error))
                continue
            stack.keep(server)
            self.uris[backend] = server.uri

    def record_failure(self, backend, text):
        case = Case("servers", backend, "tests/run/servers.py", f"the {backend} backend is there")
        case.output = text.splitlines()
        self.report(case)
        self.cases.append(case)

    # Programs

    def run_everything(self):
        for name in ONCE:
            if self.is_wanted(name):
                self.run_program(name, "", self.build_dir / "bin" / name)
        for backend, uri in self.uris.items():
            for name in PER_BACKEND:
                if self.is_wanted(name):
                    self.run_program(name, backend, self.build_dir / "bin" / name,
                                     MERCATOR_TEST_URI=uri)
            for driver in FURTHER_DRIVERS.get(backend, ()):
                if self.is_wanted("conformance_test"):
                    self.run_program("conformance_test", f"{backend}+{driver}",
                                     self.build_dir / "bin" / "conformance_test",
                                     MERCATOR_TEST_URI=uri.replace("://", f"+{driver}://", 1))
            if backend == STATIC_BACKEND and self.is_wanted(STATIC_PROGRAM):
                # Another label than the backend's: it proves no column of the feature table a second time.
                self.run_program(STATIC_PROGRAM, f"{backend} linked in",
                                 self.build_dir / "bin" / STATIC_PROGRAM, MERCATOR_TEST_URI=uri)
        for name in PYTHON_SUITES:
            if self.is_wanted(name):
                self.run_suite(name)

    def is_wanted(self, name):
        return not self.arguments.suite or name in self.arguments.suite

    def run_program(self, name, backend, path, **environment):
        if not path.exists():
            if self.arguments.suite and name in self.arguments.suite:
                say(f"{name} is not built")
            return
        command = [str(path), "--no-intro=true", "--no-version=true"]
        if self.arguments.filter:
            command.append(f"--test-case=*{self.arguments.filter}*")
        self.run(name, backend, command, environment)

    def run_suite(self, name):
        script = ROOT / "tests" / name / "run.py"
        command = [sys.executable, str(script), "--build-dir", str(self.build_dir)]
        if self.arguments.filter:
            command += ["--filter", self.arguments.filter]
        self.run(name, "", command, {})

    def run(self, name, backend, command, environment):
        say(f"{name}{f' on {backend}' if backend else ''}")
        started = time.monotonic()
        reader, code, broke = self.read(name, backend, command, environment)
        if broke and code != 0:  # no leak was found: the search for leaks itself failed
            print(f"   {LEAK_CHECK_BROKE}: once more", flush=True)
            reader, code, _ = self.read(name, backend, command, environment)
        if (case := reader.finish(code)) is not None:
            self.report(case)
        self.cases += reader.cases
        failed = sum(case.status == "failed" for case in reader.cases)
        print(f"   {len(reader.cases)} cases, {failed} failed, "
              f"{time.monotonic() - started:.1f} s", flush=True)

    def read(self, name, backend, command, environment):
        """Runs the program once. Returns its cases, its exit code, and whether the search for leaks failed."""
        reader = Reader(name, backend)
        broke = False
        process = subprocess.Popen(
            command, env=self.environment() | environment, cwd=ROOT, text=True, errors="replace",
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        for line in lines_of(process):
            broke = broke or LEAK_CHECK_BROKE in line
            if (case := reader.feed(line)) is not None:
                self.report(case)
        return reader, process.wait(), broke

    def environment(self):
        environment = dict(os.environ)
        environment |= {f"MERCATOR_TEST_{name.upper()}": uri for name, uri in self.uris.items()}
        environment |= {
            "MERCATOR_TEST_MARKERS": "1",
            "MERCATOR_DIALECT_PATH": str(self.build_dir / "dialects"),
            "MERCATOR_BUILD_DIR": str(self.build_dir),
            "PYTHONPATH": str(ROOT / "tests" / "run"),
            "PYTHONDONTWRITEBYTECODE": "1",
            "UBSAN_OPTIONS": os.environ.get("UBSAN_OPTIONS", "print_stacktrace=1"),
        }
        return environment

    @staticmethod
    def report(case):
        if case.status == "failed":
            where = f" on {case.backend}" if case.backend else ""
            print(f"FAILED {case.program}{where}: {case.name}")
            for line in case.output[-80:]:
                if line.strip():
                    print(f"    {line}")
            sys.stdout.flush()
        elif case.seconds > 5:
            print(f"   {case.seconds:.0f} s: {case.name}", flush=True)


def lines_of(process):
    """Yields the program's lines; a program that says nothing for too long is killed."""
    lines = queue.Queue()

    def read():
        for line in process.stdout:
            lines.put(line.rstrip("\n"))
        lines.put(None)

    threading.Thread(target=read, daemon=True).start()
    while True:
        try:
            line = lines.get(timeout=SILENCE_LIMIT_SECONDS)
        except queue.Empty:
            process.kill()
            yield f"killed: no output for {SILENCE_LIMIT_SECONDS} s"
            continue
        if line is None:
            return
        yield line


class Stack:
    """Servers and folders of this run; all of them go when it ends, however it ends."""

    def __init__(self):
        self._servers = []
        self._folders = []

    def keep(self, server):
        self._servers.append(server)

    def enter_folder(self):
        folder = tempfile.TemporaryDirectory(prefix="mercator-sqlite-")
        self._folders.append(folder)
        return folder.name

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for server in self._servers:
            server.stop()
        for folder in self._folders:
            folder.cleanup()


def say(text):
    print(f"== {text}", flush=True)


def print_skips(cases):
    skipped = [case for case in cases if case.status == "skipped"]
    if skipped:
        print("\nskipped:")
    for case in skipped:
        where = f" on {case.backend}" if case.backend else ""
        reasons = case.skips + [f"{feature}: {why}" for feature, why in case.cannot.items()]
        print(f"  {case.program}{where}: {case.name}\n      {'; '.join(reasons)}")


def print_failures(cases):
    failed = [case for case in cases if case.status == "failed"]
    if failed:
        print("\nfailed:")
    for case in failed:
        where = f" on {case.backend}" if case.backend else ""
        print(f"  {case.program}{where}: {case.name}")


def write_table(run):
    partial = run.arguments.filter or run.arguments.suite
    if partial or not set(BACKENDS) <= set(run.uris):
        print(f"\n{feature_table.TABLE.relative_to(ROOT)} is left as it is: "
              "only a full run on all backends writes it")
        return
    feature_table.write(run.cases, list(run.uris), DIALECT_BACKENDS)
    print(f"\nwrote {feature_table.TABLE.relative_to(ROOT)}")


def main():
    arguments = parse_arguments()
    servers.exit_on_termination()
    run = Run(arguments, ROOT / "build" / arguments.preset)
    with Stack() as stack:
        run.start_backends(stack)
        run.run_everything()

    write_table(run)
    print_skips(run.cases)
    print_failures(run.cases)
    count = {status: sum(case.status == status for case in run.cases)
             for status in ("passed", "failed", "skipped")}
    if not run.cases:
        print("nothing matched, so nothing was tested")
    line = f"{count['passed']} passed, {count['failed']} failed"
    if count["skipped"]:
        line += f", {count['skipped']} skipped"
    print(f"\n{line}", flush=True)
    return 1 if count["failed"] or not run.cases else 0


if __name__ == "__main__":
    sys.exit(main())
