#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Builds and runs two strangers' projects: one that finds the installed package, one that adds this folder."""

import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "run"))
sys.dont_write_bytecode = True

from cases import Failure, run_case
from toolchain import Toolchain

FOLDER = pathlib.Path(__file__).resolve().parent


def run(*command, **environment):
    done = subprocess.run([str(word) for word in command], text=True, errors="replace",
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          env=environment_without_ours() | environment)
    if done.returncode != 0:
        raise Failure(f"{' '.join(map(str, command))}\nended with {done.returncode}:\n{done.stdout[-5000:]}")


def environment_without_ours():
    """A stranger has not set our variables, so the dialect must be found without them."""
    return {name: value for name, value in os.environ.items() if not name.startswith("MERCATOR_")}


def configure(toolchain, project, build, *settings):
    launcher = shutil.which("ccache")
    if launcher:
        settings += (f"-DCMAKE_CXX_COMPILER_LAUNCHER={launcher}",)
    if toolchain.sanitizers:
        flags = f"-fsanitize={toolchain.sanitizers.replace(';', ',')}"
        settings += (f"-DCMAKE_CXX_FLAGS={flags}",)
    # Without a build type nothing depends on where it is built, so that a compiler cache helps.
    run("cmake", "-G", "Ninja", "-S", project, "-B", build, f"-DCMAKE_CXX_COMPILER={toolchain.compiler}",
        "-DCMAKE_BUILD_TYPE=", *settings)


def installed_package(toolchain, folder):
    prefix, build = folder / "prefix", folder / "find_package"
    run("cmake", "--install", toolchain.build_dir, "--prefix", prefix)
    # What is installed must not lean on the source tree.
    for config in prefix.rglob("*.cmake"):
        if str(ROOT) in config.read_text():
            raise Failure(f"{config.name} names the source folder")
    configure(toolchain, FOLDER / "find_package", build, f"-DCMAKE_PREFIX_PATH={prefix}")
    run("cmake", "--build", build)
    run(build / "consumer")


def added_folder(toolchain, folder):
    build = folder / "add_subdirectory"
    configure(toolchain, FOLDER / "add_subdirectory", build, f"-DMERCATOR_SOURCE={ROOT}",
              f"-DMERCATOR_SANITIZERS={toolchain.sanitizers}")
    run("cmake", "--build", build)
    run(build / "consumer")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build-dir", type=pathlib.Path, required=True)
    parser.add_argument("--filter", default="")
    arguments = parser.parse_args()
    toolchain = Toolchain(arguments.build_dir)
    results = []
    with tempfile.TemporaryDirectory(prefix="mercator-consumer-") as temporary:
        for name, body in (("a project finds the installed package and runs on SQLite", installed_package),
                           ("a project adds this folder and runs on SQLite", added_folder)):
            if arguments.filter in name:
                results.append(run_case("tests/consumer/run.py", name,
                                        lambda: body(toolchain, pathlib.Path(temporary))))
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
