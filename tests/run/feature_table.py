# SPDX-License-Identifier: MIT
"""Writes docs/features.md from what ran: which promised feature is proved by a test on which backend.

yes    a case with the ID in its name ran on that backend and passed, and none with it failed
no     the backend cannot: a case said `CANNOT <ID>: <reason>`, which becomes a footnote
empty  neither
"""

import dataclasses
import os
import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[2]
ROWS = ROOT / "docs" / "features.tsv"
TABLE = ROOT / "docs" / "features.md"
COLUMNS = ("sqlite", "postgresql", "mariadb", "mysql")
TESTS_SHOWN = 3


@dataclasses.dataclass
class Row:
    id: str
    scope: str  # core: a test without a database counts for every backend that ran
    feature: str


def read_rows(path=ROWS):
    rows = []
    for line in path.read_text().splitlines():
        if line and not line.startswith("#"):
            row = Row(*line.split("\t"))
            if row.scope not in ("core", "backend"):
                raise ValueError(f"{path}: {row.id} has the unknown scope {row.scope!r}")
            rows.append(row)
    return rows


def backends_of(case, row, backends, dialect_backends):
    """On which of the backends that ran is this case evidence for the row?"""
    if case.backend:
        return [case.backend]
    parts = pathlib.PurePath(case.file).parts
    if "dialects" in parts[:-1]:
        folder = parts[parts.index("dialects") + 1]
        if folder in dialect_backends:
            # A dialect for two products: what it says without a server is evidence for each that ran.
            return [name for name in dialect_backends[folder] if name in backends]
    return backends if row.scope == "core" else []


def cell(row, backend, cases, footnotes):
    reasons = [case.cannot[row.id] for case in cases if row.id in case.cannot]
    if any(case.status == "failed" for case in cases):
        return ""
    if reasons:
        text = f"{backend}: {reasons[0]}"
        if text not in footnotes:
            footnotes.append(text)
        return f"no [^{footnotes.index(text) + 1}]"
    return "yes" if any(case.status == "passed" for case in cases) else ""


def render(rows, cases, backends, dialect_backends):
    footnotes = []
    lines = [
        "# Features",
        "",
        "Written by `./check`, never by hand: `yes` stands only where a test with this ID in its name ran "
        "and passed on that backend, `no` where the backend cannot.",
        "",
        "| ID | feature | " + " | ".join(COLUMNS) + " | test |",
        "|---|---|" + "---|" * len(COLUMNS) + "---|",
    ]
    for row in rows:
        mine = [case for case in cases if row.id in case.feature_ids or row.id in case.cannot]
        cells = []
        for backend in COLUMNS:
            here = [case for case in mine
                    if backend in backends_of(case, row, backends, dialect_backends)]
            cells.append(cell(row, backend, here, footnotes) if backend in backends else "")
        files = sorted({relative(case.file) for case in mine})
        tests = ", ".join(files[:TESTS_SHOWN]) + (" …" if len(files) > TESTS_SHOWN else "")
        lines.append(f"| {row.id} | {row.feature} | " + " | ".join(cells) + f" | {tests} |")
    if footnotes:
        lines.append("")
        lines += [f"[^{number}]: {text}" for number, text in enumerate(footnotes, 1)]
    return "\n".join(lines) + "\n"


def relative(file):
    path = pathlib.Path(os.path.normpath(ROOT / file))
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else path.name


def write(cases, backends, dialect_backends):
    TABLE.write_text(render(read_rows(), cases, backends, dialect_backends))
