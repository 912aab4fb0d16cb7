# SPDX-License-Identifier: MIT
"""How a user's file is compiled in a given build, for the tests that call the compiler themselves."""

import json
import os
import pathlib
import subprocess


class Toolchain:
    def __init__(self, build_dir):
        settings = json.loads((build_dir / "compile_settings.json").read_text())
        self.compiler = settings["compiler"]
        self.is_clang = "Clang" in settings["compiler_id"]
        self.build_type = settings["build_type"]
        self.sanitizers = settings["sanitizers"]
        self.source_dir = pathlib.Path(settings["source_dir"])
        self.build_dir = pathlib.Path(settings["build_dir"])
        # The system's own folder is searched anyway, and naming it would change the order.
        self.includes = [folder for folder in dict.fromkeys(settings["includes"]) if folder != "/usr/include"]

    def command(self, *arguments):
        return [self.compiler, "-std=c++20", *(f"-I{folder}" for folder in self.includes), *arguments]

    def run(self, *arguments):
        """Compiles; returns (succeeded, what the compiler said)."""
        done = subprocess.run(self.command(*arguments), text=True, errors="replace",
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              env=os.environ | {"LC_ALL": "C"})
        return done.returncode == 0, done.stdout

    def precompile_umbrella(self, folder):
        """Precompiles mercator.hpp once; returns the arguments that make a compilation use it."""
        header = folder / "umbrella.hpp"
        header.write_text("#include <mercator/mercator.hpp>\n")
        suffix = ".pch" if self.is_clang else ".gch"
        succeeded, said = self.run("-x", "c++-header", str(header), "-o", f"{header}{suffix}")
        if not succeeded:
            raise RuntimeError(f"mercator.hpp does not compile:\n{said[:4000]}")
        return ["-include", str(header)]
