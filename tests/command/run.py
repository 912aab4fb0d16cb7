#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The command `mercator` with the models of the shop, on every backend that runs: what it prints, what it does to
the database, how it ends; the shell piped and in a terminal."""

import argparse
import functools
import json
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "run"))
sys.dont_write_bytecode = True

from cases import Failure, run_case
from terminal import Terminal

FOLDER = pathlib.Path(__file__).resolve().parent
TABLES = ["addresses", "cart_items", "categories", "order_items", "orders", "products", "users"]


class Command:
    """The program, its models and one database."""

    def __init__(self, build_dir, uri, folder):
        self.program = build_dir / "bin" / "mercator"
        self.library = build_dir / "libshop_models.so"
        self.uri = uri
        self.folder = folder

    def environment(self):
        return os.environ | {"MERCATOR_URI": self.uri, "XDG_STATE_HOME": str(self.folder / "state"), "TERM": "xterm",
                             "LC_ALL": "C.UTF-8"}

    def run(self, *words, code=0, given=""):
        done = subprocess.run([self.program, "--app", self.library, *words], text=True, input=given,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=self.environment())
        if done.returncode != code:
            raise Failure(f"mercator {' '.join(map(str, words))} ended with {done.returncode}, not {code}:\n"
                          f"{done.stdout}{done.stderr}")
        return done.stdout if code == 0 else done.stdout + done.stderr

    def json(self, *words, **options):
        return json.loads(self.run(*words, "--json", **options))

    def tables(self):
        return sorted(table["name"] for table in self.json("inspect") if table["name"] in TABLES)

    def fresh(self):
        self.run("drop-all", "--yes")
        self.run("create-all")

    def terminal(self):
        return Terminal([str(self.program), "--app", str(self.library), "shell"], self.environment())


def expect(condition, message):
    if not condition:
        raise Failure(message)


def create_and_drop(command):
    command.run("drop-all", "--yes")
    planned = command.run("create-all", "--dry-run")
    expect(planned.count("CREATE TABLE") == len(TABLES) and command.tables() == [],
           f"a dry run did something, or did not say what it would do:\n{planned}")
    command.run("create-all")
    expect(command.tables() == TABLES, "create-all did not create the tables")
    expect("nothing to do" in command.run("create-all"), "a second create-all found something to do")
    expect("the database is as the models say" in command.run("verify"), "verify found differences")
    refused = command.run("drop-all", code=2)
    expect("--yes" in refused and command.tables() == TABLES, f"drop-all went without --yes:\n{refused}")
    command.run("drop-all", "--dry-run")
    expect(command.tables() == TABLES, "a dry run dropped tables")
    command.run("drop-all", "--yes")
    expect(command.tables() == [], "drop-all left tables")
    missing = command.run("verify", code=3)
    expect("users" in missing, f"verify did not name what is missing:\n{missing}")


def inspect(command):
    command.fresh()
    text = command.run("inspect", "order_items")
    for words in ("quantity", "foreign key (order_id) refers to orders"):
        expect(words in text, f"{words!r} is not in\n{text}")
    [table] = command.json("inspect", "products")
    names = [column["name"] for column in table["columns"]]
    expect(names[:1] and "price" in names and "category_id" in names, f"columns {names}")
    expect(table["primary_key"] == ["id"], f"the key is {table['primary_key']}")
    expect(table["foreign_keys"][0]["target_table"] == "categories", f"{table['foreign_keys']}")
    wrong = command.run("inspect", "nonsense", code=2)
    expect("nonsense" in wrong and "products" in wrong, f"the error does not help:\n{wrong}")


def models(command):
    listed = {model["name"]: model for model in command.json("models")}
    expect(len(listed) == len(TABLES), f"{sorted(listed)}")
    relations = {relation["member"]: relation["kind"] for relation in listed["Order"]["relationships"]}
    expect(relations["items"] == "one to many" and relations["user"] == "many to one", f"{relations}")
    expect("Product (table products)" in command.run("models", "Product"), "the text names no table")
    expect("there is no model" in command.run("models", "Nobody", code=2), "an unknown model was found")


def schemas(command):
    for dialect, word in (("sqlite", "INTEGER NOT NULL PRIMARY KEY"), ("postgresql", "GENERATED"), ("mysql", "AUTO_INCREMENT"),
                          ("ansi", "GENERATED")):
        text = command.run("schema", "--dialect", dialect)
        expect(word in text and text.count("CREATE TABLE") == len(TABLES), f"the schema for {dialect}:\n{text}")
    mermaid = command.run("schema", "--format", "mermaid")
    expect(mermaid.startswith("erDiagram") and '"orders" ||--o{ "order_items" : "order_id"' in mermaid, mermaid)
    svg = command.folder / "schema.svg"
    command.run("schema", "--format", "svg", "--output", str(svg))
    text = svg.read_text()
    expect("<svg" in text and all(table in text for table in TABLES), "the picture lacks a table")
    command.fresh()
    existing = command.run("schema", "--from-database", "--format", "mermaid")
    expect('"users" ||--o{ "orders"' in existing, existing)


def statements(command):
    command.fresh()
    told = command.run("sql", "insert into categories (name) values ('Läden')")
    expect("1 row changed" in told, told)
    expect(command.json("sql", "select name as n, parent_id from categories") == [{"n": "Läden", "parent_id": None}],
           "the row came back otherwise")
    broken = command.run("sql", "select nonsense from nowhere", code=1)
    expect("nowhere" in broken or "nonsense" in broken, broken)


def shell_by_pipe(command):
    command.run("drop-all", "--yes")
    out = command.run("shell", given="""db.create_all()
tables
insert into categories (name)
  values ('Globes; and maps');
select name from categories;
Category
count Category
format json
Category 1
describe Category
""")
    for words in ("CREATE TABLE", "order_items", "1 row changed", "Globes; and maps", '"id": 1', '"name": "categories"'):
        expect(words in out, f"{words!r} is not in\n{out}")
    failed = command.run("shell", code=1, given="select 1;\nselect nonsense;\nselect 2;\n")
    expect("nonsense" in failed and "2" not in failed.split("nonsense")[-1], f"a script went on after an error:\n{failed}")
    dropped = command.run("shell", given="select nonsense\n from nowhere \\c\nselect 7 as n;\n")
    expect("7" in dropped and "nonsense" not in dropped, f"\\c forgot nothing:\n{dropped}")
    unfinished = command.run("shell", code=1, given="select 1")
    expect("semicolon" in unfinished, unfinished)
    asked = command.run("shell", given="drop_all\ntables\n")
    expect("drop_all yes" in asked and "orders" in asked, asked)


def shell_transactions(command):
    command.fresh()
    out = command.run("shell", given="begin;\ninsert into categories (name) values ('gone');\nrollback;\ncount Category\n")
    expect(out.strip().endswith("0"), f"the rollback was not one:\n{out}")


def shell_in_a_terminal(command):
    command.fresh()
    terminal = command.terminal()
    try:
        terminal.expect("mercator> ")
        terminal.type("select nam\t")
        terminal.type(" from categori\t;\n")
        terminal.expect("(0 rows)")
        terminal.expect("mercator> ")
        terminal.type("insert into categories (name)\n")
        terminal.expect("...> ")
        terminal.type("values ('Atlas');\n")
        terminal.expect("1 row changed")
        terminal.expect("mercator> ")
        terminal.type("nonsense;\n")
        terminal.expect("mercator> ")
        terminal.type("Category\n")
        terminal.expect("Atlas")
        terminal.type("quit\n")
        expect(terminal.close() == 0, "the shell ended badly")
    finally:
        terminal.kill()
    again = command.terminal()
    try:
        again.expect("mercator> ")
        again.type("\x1b[A\x1b[A\n")  # the entry before "quit"
        again.expect("Atlas")
        again.type("\x04")
        expect(again.close() == 0, "the shell ended badly at the end of its input")
    finally:
        again.kill()


def bad_libraries(command):
    def without_models(*words, code):
        done = subprocess.run([command.program, *words], text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              env=command.environment())
        expect(done.returncode == code, f"{words} ended with {done.returncode}:\n{done.stdout}")
        return done.stdout
    expect("--app" in without_models("create-all", code=2), "no word of --app")
    expect("--app" in without_models("models", code=2), "no word of --app")
    dialect = next((command.program.parents[1] / "dialects").glob("libmercator_sqlite.so"))
    expect("MERCATOR_MODELS" in without_models("--app", str(dialect), "models", code=1), "a dialect passed for models")
    text = command.folder / "no_library.so"
    text.write_text("this is no library")
    expect("MERCATOR_MODELS" in without_models("--app", str(text), "models", code=1), "a text passed for a library")
    expect("--uri" in subprocess.run([command.program, "shell"], text=True, stdout=subprocess.PIPE,
                                     stderr=subprocess.STDOUT, env={"PATH": os.environ["PATH"]}).stdout,
           "nobody asked for an address")


def models_without_address(command):
    environment = {name: value for name, value in command.environment().items() if name != "MERCATOR_URI"}
    def run(*words):
        return subprocess.run([command.program, "--app", command.library, *words], text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, env=environment)
    listed = run("models", "Category")
    expect(listed.returncode == 0 and "children: one to many Category" in listed.stdout, listed.stdout)
    drawn = run("schema", "--format", "mermaid")
    expect(drawn.returncode == 0 and drawn.stdout.startswith("erDiagram"), drawn.stdout)
    spelled = run("schema")
    expect(spelled.returncode == 2 and "--uri" in spelled.stdout, f"SQL of which database?\n{spelled.stdout}")


def bytes_that_are_no_text(command):
    statement = "select cast(x'41ff42' as text) as broken, 7 as n"
    expect(command.json("sql", statement) == [{"broken": "A\ufffdB", "n": 7}], "bytes that are no text hid the row")
    out = command.run("shell", given=f"format json\n{statement};\nselect 8 as after_it;\n")
    expect("A\ufffdB" in out and "after_it" in out, out)


ON_EVERY_BACKEND = {
    "CLI-03 create-all, drop-all and verify do what they say, dry runs and refusals nothing": create_and_drop,
    "CLI-04 inspect shows tables, columns and foreign keys as text and as JSON": inspect,
    "the command runs a statement and shows its rows, or fails with the database's words": statements,
    "CLI-01 the shell takes commands, models and SQL from a pipe, and a script stops at an error": shell_by_pipe,
    "CLI-01 begin and rollback in the shell belong to one transaction": shell_transactions,
}
ONCE = {
    "rows with bytes that are no text are shown as JSON all the same": bytes_that_are_no_text,
    "CLI-02 models of an application's library are listed with members and relationships": models,
    "CLI-02 a file that is no library of models is refused, and says what is missing": bad_libraries,
    "the schema is printed for any dialect, and drawn as Mermaid and SVG": schemas,
    "models are listed and drawn without an address": models_without_address,
    "CLI-01 the shell in a terminal completes words and remembers entries": shell_in_a_terminal,
}


def backends():
    """Those that the runner has started; alone, a file."""
    prefix = "MERCATOR_TEST_"
    found = {name.removeprefix(prefix).lower(): value for name, value in os.environ.items()
             if name.startswith(prefix) and "://" in value and name != "MERCATOR_TEST_URI"}
    found.pop("sqlite", None)  # a file of our own, since others work with that one
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build-dir", type=pathlib.Path, default=ROOT / "build" / "dev")
    parser.add_argument("--filter", default="")
    arguments = parser.parse_args()
    os.environ.setdefault("MERCATOR_DIALECT_PATH", str(arguments.build_dir.resolve() / "dialects"))
    failed = 0
    with tempfile.TemporaryDirectory(prefix="mercator-command-") as name:
        folder = pathlib.Path(name)
        uris = {"sqlite": f"sqlite:///{folder}/shop.db"} | backends()
        for backend, uri in uris.items():
            command = Command(arguments.build_dir.resolve(), uri, folder)
            wanted = ON_EVERY_BACKEND | (ONCE if backend == "sqlite" else {})
            for title, case in wanted.items():
                title = f"{title} ({backend})" if title in ON_EVERY_BACKEND else title
                if arguments.filter in title:
                    failed += not run_case(__file__, title, functools.partial(case, command))
            command.run("drop-all", "--yes")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
