# SPDX-License-Identifier: MIT
"""Writes a program with as many mapped classes and columns as one likes.

A part is a source file with its own classes, so that no file has to know all of them, as in a program of that size.
Each class refers to the one before it, also across parts, by the table's name.
"""

# Member types and what is said of them; every class has them in turn.
KINDS = (("std::int64_t", ""), ("std::string", "mercator::String(80)"), ("std::optional<std::string>", ""),
         ("int", ""), ("bool", ""), ("double", ""), ("mercator::Decimal", "mercator::Numeric(10, 2)"),
         ("mercator::DateTime", ""), ("std::optional<std::int64_t>", ""), ("mercator::Date", ""))

# A Date has no valid initial value; everything else starts empty.
START = {"mercator::Date": "std::chrono::year(2024), std::chrono::month(2), std::chrono::day(29)"}

# What the program writes into column number c of the row of table t, and expects there afterwards.
VALUES = ("{n}", 'std::string("text {n}")', 'std::optional<std::string>("maybe {n}")', "{n}", "{odd}", "{n}.5",
          'mercator::Decimal("{n}.25")', "mercator::DateTime(std::chrono::seconds({n}))", "std::optional<std::int64_t>({n})",
          "mercator::Date(std::chrono::sys_days(std::chrono::days({n})))")

HEAD = "// SPDX-License-Identifier: MIT\n#include <mercator/mercator.hpp>\n\nnamespace large {\n"


def struct(table, columns):
    lines = [f"struct Table{table} {{", "    std::int64_t id{};", "    std::optional<std::int64_t> before_id;"]
    types = [KINDS[c % len(KINDS)][0] for c in range(columns - 2)]
    lines += [f"    {cpp} column_{c}{{{START.get(cpp, '')}}};" for c, cpp in enumerate(types)]
    return lines + ["};"]


def describe(table, columns):
    lines = [f"void describe(mercator::Mapping<Table{table}>& table) {{", f'    table.table("table_{table}");',
             f"    table.column<&Table{table}::id>().primary_key().autoincrement(false);"]
    before = f'.references("table_{table - 1}.id")' if table else ""
    lines.append(f"    table.column<&Table{table}::before_id>(){before};")
    lines += [f"    table.column<&Table{table}::column_{c}>({KINDS[c % len(KINDS)][1]});" for c in range(columns - 2)]
    return lines + ["}"]


def number(table, column):
    return (table * 31 + column * 7) % 1000 + 1


def value(table, column):
    n = number(table, column)
    return VALUES[column % len(VALUES)].format(n=n, odd="true" if n % 2 else "false")


def row(table, columns):
    """Writes one row and says whether it reads back the same."""
    last = columns - 3
    lines = [f"bool keeps_row_{table}(mercator::Session& session) {{", f"    Table{table} row;", "    row.id = 1;"]
    lines += [f"    row.column_{c} = {value(table, c)};" for c in (0, last // 2, last)]
    if table:
        lines.append("    row.before_id = 1;")
    lines += ["    session.add(row);", "    session.flush();",
              f"    const auto stored = session.get_values<Table{table}>(1);", "    return stored"]
    lines += [f"        && stored->column_{c} == {value(table, c)}" for c in (0, last // 2, last)]
    lines[-1] += ";"
    return lines + ["}"]


def part(number_of_part, tables, columns, with_rows=True):
    lines = [HEAD]
    for table in tables:
        lines += struct(table, columns) + describe(table, columns)
        if with_rows:
            lines += row(table, columns)
    names = ", ".join(f"Table{table}" for table in tables)
    lines.append(f"void map_part_{number_of_part}(mercator::Database& db) {{ db.map<{names}>(); }}")
    if with_rows:
        calls = " && ".join(f"keeps_row_{table}(session)" for table in tables)
        lines.append(f"bool keeps_part_{number_of_part}(mercator::Session& session) {{ return {calls}; }}")
    return "\n".join(lines) + "\n\n} // namespace large\n"


def main_program(parts, tables, columns):
    lines = [HEAD]
    for p in range(parts):
        lines.append(f"void map_part_{p}(mercator::Database& db);\nbool keeps_part_{p}(mercator::Session& session);")
    lines.append("\n} // namespace large\n\nint main() {")
    lines.append('    mercator::Database db{mercator::Config{.uri = "sqlite://"}};')
    lines += [f"    large::map_part_{p}(db);" for p in range(parts)]
    lines += ["    db.create_all<>();", "    mercator::Session session = db.session();", "    bool kept = true;"]
    lines += [f"    kept = kept && large::keeps_part_{p}(session);" for p in range(parts)]
    lines += ["    session.commit();",
              '    auto connection = db.engine().connect();',
              '    const auto found = connection.fetch_all(',
              '        "SELECT count(*), min(n), max(n) FROM (SELECT count(*) AS n FROM sqlite_master m, "',
              '        "pragma_table_info(m.name) WHERE m.type = \'table\' GROUP BY m.name)");',
              f"    kept = kept && found.at(0).at(0) == mercator::Value({tables}) &&",
              f"           found.at(0).at(1) == mercator::Value({columns}) && found.at(0).at(2) == mercator::Value({columns});",
              "    return kept ? 0 : 1;", "}"]
    return "\n".join(lines) + "\n"


def write_program(folder, tables, columns, tables_per_part):
    """Returns the sources."""
    folder.mkdir(parents=True, exist_ok=True)
    sources = {}
    starts = range(0, tables, tables_per_part)
    for p, first in enumerate(starts):
        sources[f"part_{p}.cpp"] = part(p, range(first, min(first + tables_per_part, tables)), columns)
    sources["main.cpp"] = main_program(len(starts), tables, columns)
    for name, text in sources.items():
        (folder / name).write_text(text)
    return [folder / name for name in sources]
