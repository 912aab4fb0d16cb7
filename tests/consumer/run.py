#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Builds and runs strangers' projects: with the installed CMake package, with pkg-config, with this folder added;
in other dialects of C++, with other compilers, and without any header that is not ours or the standard library's."""

import argparse
import functools
import os
import pathlib
import re
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


@functools.cache
def install(toolchain, folder):
    """Installs the build once, into a folder of its own."""
    prefix = folder / "prefix"
    run("cmake", "--install", toolchain.build_dir, "--prefix", prefix)
    # What is installed must not lean on the source tree, nor on packages that only our build needs.
    for config in [*prefix.rglob("*.cmake"), *prefix.rglob("*.pc")]:
        if str(ROOT) in config.read_text():
            raise Failure(f"{config.name} names the source folder")
    return prefix


def installed_package(toolchain, folder):
    prefix, build = install(toolchain, folder), folder / "find_package"
    configure(toolchain, FOLDER / "find_package", build, f"-DCMAKE_PREFIX_PATH={prefix}")
    run("cmake", "--build", build)
    run(build / "consumer")


def debian_package(toolchain, folder):
    """The package unpacked instead of installed, since a test has no business in /usr."""
    if shutil.which("dpkg-shlibdeps") is None:
        print("SKIP: dpkg-dev is not installed")
        return
    if toolchain.sanitizers:
        print("SKIP: nobody packs a sanitized library")
        return
    packages, root = folder / "packages", folder / "unpacked"
    run("cpack", "--config", toolchain.build_dir / "CPackConfig.cmake", "-B", packages)
    [package] = packages.glob("mercator_*.deb")
    depends = subprocess.run(["dpkg-deb", "-f", package, "Depends"], text=True, check=True, stdout=subprocess.PIPE).stdout
    for name in ("libsqlite3-0", "libpq5", "libmysqlcppconn", "libedit2", "libstdc++6"):
        if name not in depends:
            raise Failure(f"the package does not depend on {name}, but on {depends}")
    run("dpkg-deb", "-x", package, root)
    run(root / "usr" / "bin" / "mercator", "dialects")
    build = folder / "package_consumer"
    configure(toolchain, FOLDER / "find_package", build, f"-DCMAKE_PREFIX_PATH={root / 'usr'}")
    run("cmake", "--build", build)
    run(build / "consumer")


def installed_files(toolchain, folder):
    prefix = install(toolchain, folder)
    for pattern in ("include/mercator/mercator.hpp", "include/mercator/plugin/abi.h", "**/libmercator.so",
                    "**/libmercator.so.*", "bin/mercator", "**/mercator/dialects/libmercator_sqlite.so",
                    "**/cmake/mercator/mercatorConfig.cmake", "**/pkgconfig/mercator.pc"):
        if not list(prefix.glob(pattern)):
            raise Failure(f"{pattern} was not installed")


def pkg_config(prefix, *arguments):
    places = {str(file.parent) for file in prefix.rglob("mercator.pc")}
    done = subprocess.run(["pkg-config", *arguments, "mercator"], text=True, check=True, stdout=subprocess.PIPE,
                          env=environment_without_ours() | {"PKG_CONFIG_PATH": ":".join(places)})
    return done.stdout.split()


def with_pkg_config(toolchain, folder, compiler, options):
    """Builds the consumer by hand, in a copy of the installed tree, because the tree may be moved."""
    if shutil.which(compiler) is None:
        print(f"SKIP: {compiler} is not installed")
        return
    moved = folder / "moved"
    if not moved.exists():
        shutil.copytree(install(toolchain, folder), moved, symlinks=True)
    sanitize = [f"-fsanitize={toolchain.sanitizers.replace(';', ',')}"] if toolchain.sanitizers else []
    if sanitize and pathlib.Path(compiler).name != pathlib.Path(toolchain.compiler).name:
        print("SKIP: a sanitized library is used by programs of its own compiler only")
        return
    libraries = pkg_config(moved, "--libs")
    paths = [f"-Wl,-rpath,{word[2:]}" for word in libraries if word.startswith("-L")]
    program = folder / "-".join(["consumer", pathlib.Path(compiler).name, *(option.strip("-=+") for option in options)])
    run(compiler, *options, "-Wall", "-Wextra", "-Werror", "-Wno-missing-field-initializers", *sanitize,
        *pkg_config(moved, "--cflags"), FOLDER / "main.cpp", "-o", program, *libraries, *paths)
    run(program)


# Headers that must not be needed: those of the databases' client libraries, and of what only our sources use.
FOREIGN = ("sqlite3.h", "libpq-fe.h", "postgresql/libpq-fe.h", "mysql.h", "mysql/mysql.h", "mariadb/mysql.h",
           "mysql_connection.h", "cppconn/driver.h", "cppconn/connection.h", "cppconn/exception.h", "fmt/core.h", "fmt/format.h",
           "spdlog/spdlog.h", "spdlog/logger.h", "boost/config.hpp", "boost/container/small_vector.hpp", "toml++/toml.h",
           "nlohmann/json.hpp")


# What a header's first comment says that only those who want it include, as tests/architecture knows it.
NOT_IN_UMBRELLA = "Not part of mercator.hpp"


def without_foreign_headers(toolchain, folder):
    """Every public header compiles although each foreign header, if it is there at all, is an error."""
    include = install(toolchain, folder) / "include"
    poisoned = folder / "poisoned"
    for name in FOREIGN:
        header = poisoned / name
        header.parent.mkdir(parents=True, exist_ok=True)
        header.write_text(f"#error {name} is included\n")
    everything = folder / "every_header.cpp"
    # Headers for users of another library say so, and nobody else includes them.
    own = [header for header in sorted(include.rglob("*.h*")) if NOT_IN_UMBRELLA not in header.read_text()]
    everything.write_text("".join(f"#include <{header.relative_to(include)}>\n" for header in own))
    command = [toolchain.compiler, "-std=c++20", f"-I{poisoned}", f"-I{include}"]
    run(*command, "-fsyntax-only", everything)
    run(*command, "-c", FOLDER / "main.cpp", "-o", folder / "main.o")
    # The poison works: without this, a wrong folder would prove nothing.
    for name in FOREIGN:
        planted = folder / "planted.cpp"
        planted.write_text(f"#include <{name}>\n")
        try:
            run(*command, "-fsyntax-only", planted)
        except Failure:
            continue
        raise Failure(f"{name} was included and nobody noticed")
    # Nor any other header of /usr/include that the C and C++ libraries did not bring.
    read = subprocess.run([*command, "-M", everything], text=True, check=True, stdout=subprocess.PIPE).stdout
    for header in re.findall(r"/usr/(?:local/)?include/(\S+)", read):
        first = header.split("/")[0]
        if first not in SYSTEM_FOLDERS and ("/" in header or not c_library_has(header)):
            raise Failure(f"a public header needs /usr/include/{header}")


# What the C and C++ libraries and the kernel put into /usr/include.
SYSTEM_FOLDERS = ("c++", "bits", "sys", "gnu", "asm", "asm-generic", "linux", "x86_64-linux-gnu", "aarch64-linux-gnu")


def c_library_has(header):
    """Is it a header of the C library? Those of glibc lie beside features.h and are asked for by name here."""
    return header in {"alloca.h", "assert.h", "ctype.h", "endian.h", "errno.h", "features.h", "features-time64.h", "float.h",
                      "inttypes.h", "libintl.h", "limits.h", "locale.h", "math.h", "pthread.h", "sched.h", "semaphore.h",
                      "stdc-predef.h", "stdint.h", "stdio.h", "stdlib.h", "string.h", "strings.h", "syscall.h", "time.h",
                      "unistd.h", "wchar.h", "wctype.h"}


@functools.cache
def build_added_folder(toolchain, folder):
    """Also the build without MySQL Connector/C++, which a distribution may want because of its licence."""
    build = folder / "add_subdirectory"
    configure(toolchain, FOLDER / "add_subdirectory", build, f"-DMERCATOR_SOURCE={ROOT}",
              f"-DMERCATOR_SANITIZERS={toolchain.sanitizers}", "-DMERCATOR_MYSQL_CONNECTOR=OFF")
    run("cmake", "--build", build)
    return build


def added_folder(toolchain, folder):
    run(build_added_folder(toolchain, folder) / "consumer")


def without_gpl(toolchain, folder):
    """No library of ours needs one under the GPL then, and the mysql dialect works all the same."""
    build = build_added_folder(toolchain, folder)
    libraries = [*build.rglob("libmercator.so"), *build.rglob("libmercator_*.so")]
    for library in libraries:
        needed = subprocess.run(["readelf", "-d", library], text=True, check=True, stdout=subprocess.PIPE).stdout
        if "mysqlcppconn" in needed or "libmysqlclient" in needed:
            raise Failure(f"{library.name} needs a client library under the GPL")
    if not any(library.name == "libmercator_mysql.so" for library in libraries):
        print("SKIP: libmariadb is not installed, so there is no mysql dialect")
    for backend in ("MARIADB", "MYSQL"):
        if uri := os.environ.get(f"MERCATOR_TEST_{backend}"):
            run(build / "consumer", uri)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build-dir", type=pathlib.Path, required=True)
    parser.add_argument("--filter", default="")
    arguments = parser.parse_args()
    toolchain = Toolchain(arguments.build_dir)
    results = []
    cases = [("BLD-05 a project finds the installed package and runs on SQLite", installed_package),
             ("CON-11 a Debian package names what it needs, and a project builds with it", debian_package),
             ("cmake --install lays down headers, library, dialects, the CMake package and mercator.pc", installed_files),
             ("BLD-05 a project adds this folder and runs on SQLite", added_folder),
             ("BLD-12 a build without Connector/C++ needs no library under the GPL", without_gpl),
             ("BLD-08 the public headers need no header of a client library, nor of ours", without_foreign_headers)]
    for compiler in ("g++", "clang++"):
        for standard in ("-std=c++20", "-std=c++23"):
            for options in ((standard,), (standard, "-O2", "-DNDEBUG")):
                # clang 14 calls C++23 by its working title.
                spelled = tuple("-std=c++2b" if word == "-std=c++23" else word for word in options)
                cases.append((f"BLD-05 pkg-config and {compiler} {' '.join(options)} build a program that runs",
                              functools.partial(with_pkg_config, compiler=compiler, options=spelled)))
    with tempfile.TemporaryDirectory(prefix="mercator-consumer-") as temporary:
        for name, body in cases:
            if arguments.filter in name:
                results.append(run_case("tests/consumer/run.py", name,
                                        lambda: body(toolchain, pathlib.Path(temporary))))
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
