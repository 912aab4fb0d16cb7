#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compiles and runs many large models: 500 classes of 200 columns each, and the marks for compile time.

    python3 tests/large_schema/run.py --build-dir build/dev
    python3 tests/large_schema/run.py --build-dir build/dev --tables 2000 --filter BLD-02

The classes are generated; the compiler gets no option beside the include folders, so its own limits on template
depth hold. Costs about 100 seconds of CPU with g++, nothing when a compiler cache knows the files.
"""

import argparse
import concurrent.futures
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "run"))
sys.dont_write_bytecode = True

import generate
from cases import Failure, run_case
from toolchain import Toolchain

TABLES_PER_PART = 50


def run(command, **settings):
    done = subprocess.run([str(word) for word in command], text=True, errors="replace", stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **settings)
    if done.returncode != 0:
        raise Failure(f"{' '.join(map(str, command))}\nended with {done.returncode}:\n{done.stdout[-5000:]}")
    return done.stdout


def build(toolchain, sources, program):
    launcher = [found] if (found := shutil.which("ccache")) else []
    sanitize = [f"-fsanitize={toolchain.sanitizers.replace(';', ',')}"] if toolchain.sanitizers else []
    folder = program.parent

    def compile_one(source):
        # Relative names, so that a compiler cache knows the file again in another temporary folder.
        run(launcher + toolchain.command("-O0", *sanitize, "-c", source.name, "-o", f"{source.stem}.o"), cwd=folder)
        print(f"compiled {source.name}", flush=True)  # the runner takes a long silence for a hang

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(compile_one, sources))
    library = toolchain.build_dir
    run([toolchain.compiler, *sanitize, *(f"{source.stem}.o" for source in sources), "-o", program, f"-L{library}",
         "-lmercator", f"-Wl,-rpath,{library}"], cwd=folder)


def large_program(toolchain, tables, columns):
    """All classes in one program: described, created, a row in each written and read back, on SQLite in memory."""
    with tempfile.TemporaryDirectory(prefix="mercator-large-") as temporary:
        folder = pathlib.Path(temporary)
        sources = generate.write_program(folder, tables, columns, TABLES_PER_PART)
        build(toolchain, sources, folder / "large")
        run([folder / "large"], env=os.environ | {"MERCATOR_DIALECT_PATH": str(toolchain.build_dir / "dialects")})


def run_time_tables(toolchain):
    """The same size without a class, as Table and Column, made in a loop."""
    with tempfile.TemporaryDirectory(prefix="mercator-large-") as temporary:
        folder = pathlib.Path(temporary)
        source = folder / "run_time_tables.cpp"
        shutil.copy(ROOT / "tests" / "large_schema" / source.name, source)
        build(toolchain, [source], folder / "large")
        run([folder / "large"], env=os.environ | {"MERCATOR_DIALECT_PATH": str(toolchain.build_dir / "dialects")})


def compile_marks(toolchain):
    """The marks are those of the oldest compilers that we promise to know; other standard libraries have other headers."""
    version = run([toolchain.compiler, "-dumpversion"]).strip().split(".")[0]
    if version != ("14" if toolchain.is_clang else "12"):
        print(f"SKIP: the marks are for g++ 12 and clang 14, not for version {version}")
        return
    print(run([sys.executable, ROOT / "benchmarks" / "compile" / "run", "--check", "--compilers", toolchain.compiler,
               "--levels=-O2", "--repetitions", "2"]))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build-dir", type=pathlib.Path, required=True)
    parser.add_argument("--filter", default="")
    parser.add_argument("--tables", type=int, default=500)
    parser.add_argument("--columns", type=int, default=200)
    arguments = parser.parse_args()
    toolchain = Toolchain(arguments.build_dir)
    size = f"{arguments.tables} tables of {arguments.columns} columns"
    cases = (("BLD-01 ten models compile in 4.5 s and 350 MB, one model adds less than 1 s, a hundred need less than 1.5 GB",
              lambda: compile_marks(toolchain)),
             (f"BLD-02 {size} compile at the compiler's own template depth, and are created, written and read",
              lambda: large_program(toolchain, arguments.tables, arguments.columns)),
             ("BLD-02 500 tables of 200 columns described at run time are created, written and read",
              lambda: run_time_tables(toolchain)))
    results = [run_case("tests/large_schema/run.py", name, body) for name, body in cases if arguments.filter in name]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
