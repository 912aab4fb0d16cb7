# SPDX-License-Identifier: MIT
"""Reads C++ just well enough: code, comments and string literals kept apart, line numbers kept."""

import re

SOURCE_SUFFIXES = (".hpp", ".cpp", ".h", ".ipp")

_TOKEN = re.compile(
    r'(?P<comment>//[^\n]*|/\*.*?\*/)'
    r'|R"(?P<delimiter>[^()\\\s]{0,16})\((?P<raw>.*?)\)(?P=delimiter)"'
    r'|"(?P<string>(?:\\.|[^"\\\n])*)"'
    r"|(?<![0-9A-Za-z_])'(?:\\.|[^'\\\n])+'",  # not the separator of 1'000
    re.DOTALL)
_INCLUDE = re.compile(r'^[ \t]*#\s*include\s*[<"]([^>"]+)[>"]', re.MULTILINE)


def without_comments(text):
    """The text with every comment replaced by its line breaks."""
    def keep(match):
        return "\n" * match[0].count("\n") if match["comment"] is not None else match[0]
    return _TOKEN.sub(keep, text)


def string_literals(text):
    """Yields (line, content) of every string literal; includes and comments are none."""
    code = _INCLUDE.sub("", without_comments(text))
    # Dropping the includes moved nothing: the pattern ends before the line break.
    for match in _TOKEN.finditer(code):
        content = match["raw"] if match["raw"] is not None else match["string"]
        if content is not None:
            yield code.count("\n", 0, match.start()) + 1, content


def includes(text):
    """Yields (line, path) of every include."""
    code = without_comments(text)
    for match in _INCLUDE.finditer(code):
        yield code.count("\n", 0, match.start(1)) + 1, match[1]


def sources(folder):
    """All C++ files below a folder, in a stable order."""
    return sorted(path for path in folder.rglob("*") if path.suffix in SOURCE_SUFFIXES)
