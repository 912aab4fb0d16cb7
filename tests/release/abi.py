#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""May a program that was built with one libmercator run with another? Asks abidiff (Debian: abigail-tools).

    python3 tests/release/abi.py <old libmercator.so> <new libmercator.so>

Both built with -g. Exit code 1, and the reasons, where something was removed or changed; additions are allowed. Within a minor
release (0.1.x) the answer must be yes; the SONAME changes with the minor release.
"""

import shutil
import subprocess
import sys

# Bits of abidiff's exit code.
ERROR, USAGE, CHANGED, INCOMPATIBLE = 1, 2, 4, 8


def is_available():
    return shutil.which("abidiff") is not None


def breaks(old, new):
    """Returns what abidiff says of a break, or None."""
    done = subprocess.run(["abidiff", "--no-added-syms", "--no-show-locs", str(old), str(new)], text=True, errors="replace",
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode & (ERROR | USAGE):
        raise RuntimeError(f"abidiff failed:\n{done.stdout[-3000:]}")
    # Whether a changed type is compatible is a matter of judgement for abidiff; for us it is a break.
    return done.stdout if done.returncode & (CHANGED | INCOMPATIBLE) else None


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    if not is_available():
        sys.exit("abidiff is not installed (Debian: abigail-tools)")
    found = breaks(*sys.argv[1:])
    if found:
        print(found)
        print("the binary interface changed: this needs another minor release, or must be taken back")
        return 1
    print("compatible")
    return 0


if __name__ == "__main__":
    sys.exit(main())
