#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Private database servers for tests: in a temporary folder, on free loopback ports, gone afterwards.

    tests/run/servers.py postgresql mariadb mysql -- program arguments...

runs the program with MERCATOR_TEST_POSTGRESQL, MERCATOR_TEST_MARIADB and MERCATOR_TEST_MYSQL set, and stops
the servers when it ends. run_tests.py uses the classes. Nothing here touches a server that is already on
the machine.
"""

import ctypes
import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

import mysql_package

USER, PASSWORD, DATABASE = "mercator", "secret", "mercator_test"
START_DEADLINE_SECONDS = 60
STOP_DEADLINE_SECONDS = 15


class ServerError(Exception):
    """A server cannot be started; the text says why and what to do."""


def find_program(name, *folders):
    for folder in folders:
        for candidate in sorted(pathlib.Path("/").glob(folder.lstrip("/")), reverse=True):
            if os.access(candidate / name, os.X_OK):
                return str(candidate / name)
    found = shutil.which(name)
    if found is None:
        raise ServerError(f"{name} is not installed (see cmake/debian-packages.txt)")
    return found


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _die_with_parent():
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)


class Server:
    """One private server. Subclasses say which programs to run and how to ask for a stop."""

    backend = ""
    system_user = ""  # whom to become when we are root, because servers refuse root
    stop_signal = signal.SIGTERM

    def __init__(self):
        self.port = 0
        self._folder = None
        self._process = None

    @property
    def uri(self):
        return f"{self.backend}://{USER}:{PASSWORD}@127.0.0.1:{self.port}/{DATABASE}"

    @property
    def environment(self):
        return {f"MERCATOR_TEST_{self.backend.upper()}": self.uri}

    def start(self):
        self._folder = pathlib.Path(tempfile.mkdtemp(prefix=f"mercator-{self.backend}-"))
        try:
            if os.geteuid() == 0:
                account = self._account()
                os.chown(self._folder, account.pw_uid, account.pw_gid)
            self._create()
            # Another program may take the free port before the server does, hence the attempts.
            for attempt in range(3):
                self.port = free_port()
                self._process = self._spawn(self._command())
                if self._wait_until_ready():
                    break
                if attempt == 2:
                    raise ServerError(f"{self.backend} does not start:\n{self._log_tail()}")
            self._prepare()
        except BaseException:
            self.stop()
            raise

    def stop(self):
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(self.stop_signal)
            try:
                self._process.wait(STOP_DEADLINE_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._process = None
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    # What a product does differently.

    def _create(self):
        """Lays down an empty data folder."""
        raise NotImplementedError

    def _command(self):
        """The server's command line, for self.port."""
        raise NotImplementedError

    def _prepare(self):
        """Creates what the running server still lacks."""

    # What all of them share.

    def _make_certificates(self):
        """An authority and a server's certificate in <folder>/tls; None without openssl."""
        if shutil.which("openssl") is None:
            return None
        tls = self._folder / "tls"
        self._run(["mkdir", "-m", "755", str(tls)])
        names = tls / "names.cnf"
        names.write_text("subjectAltName=IP:127.0.0.1,DNS:localhost\n")
        names.chmod(0o644)
        key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        for name in ("ca", "other_ca"):
            self._run(["openssl", "req", "-x509", *key, "-keyout", f"{tls}/{name}.key", "-out",
                       f"{tls}/{name}.pem", "-days", "2", "-subj", f"/CN=mercator test {name}"])
        self._run(["openssl", "req", *key, "-keyout", f"{tls}/server.key", "-out",
                   f"{tls}/server.csr", "-subj", "/CN=localhost"])
        self._run(["openssl", "x509", "-req", "-in", f"{tls}/server.csr", "-CA", f"{tls}/ca.pem",
                   "-CAkey", f"{tls}/ca.key", "-CAcreateserial", "-out", f"{tls}/server.pem",
                   "-days", "2", "-extfile", str(names)])
        return tls

    def _account(self):
        try:
            return pwd.getpwnam(self.system_user)
        except KeyError:
            raise ServerError(f"running as root, and there is no user {self.system_user!r} to run "
                              f"{self.backend} as") from None

    def _process_options(self):
        options = {"cwd": self._folder, "stdin": subprocess.DEVNULL}
        if os.geteuid() == 0:
            account = self._account()
            options |= {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        return options

    def _environment(self):
        # Settings of the caller's own servers (PGDATA, PGHOST, MYSQL_HOME ...) must not leak in.
        return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C", "TZ": "UTC",
                "HOME": str(self._folder)}

    def _run(self, command, **environment):
        done = subprocess.run(command, env=self._environment() | environment, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              **self._process_options())
        if done.returncode != 0:
            raise ServerError(f"{command[0]} failed with {done.returncode}:\n{done.stdout[-3000:]}")

    def _spawn(self, command):
        with open(self._folder / "server.log", "ab") as log:
            return subprocess.Popen(command, env=self._environment(), stdout=log,
                                    stderr=subprocess.STDOUT, preexec_fn=_die_with_parent,
                                    **self._process_options())

    def _wait_until_ready(self):
        deadline = time.monotonic() + START_DEADLINE_SECONDS
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                return False
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=1):
                    return True
            except OSError:
                time.sleep(0.1)
        return False

    def _log_tail(self):
        try:
            return (self._folder / "server.log").read_text(errors="replace")[-3000:]
        except OSError:
            return "(no log)"


class PostgreSql(Server):
    backend = "postgresql"
    system_user = "postgres"
    stop_signal = signal.SIGINT  # "fast": disconnect the clients, do not wait for them
    folders = ("/usr/lib/postgresql/15/bin", "/usr/lib/postgresql/*/bin")

    def _create(self):
        password_file = self._folder / "password"
        password_file.write_text(PASSWORD)
        password_file.chmod(0o644)
        self._run([find_program("initdb", *self.folders), "-D", str(self._folder / "data"),
                   "-U", USER, "--pwfile", str(password_file), "--auth", "scram-sha-256",
                   "--locale", "C", "--encoding", "UTF8", "--no-sync"])
        self._tls = self._make_certificates()

    def _command(self):
        settings = {"listen_addresses": "127.0.0.1", "port": self.port,
                    "unix_socket_directories": str(self._folder), "fsync": "off",
                    "synchronous_commit": "off", "full_page_writes": "off",
                    "max_connections": 100, "timezone": "UTC"}
        if self._tls:  # ready, but off: the tests of TLS switch it on
            settings |= {"ssl_ca_file": self._tls / "ca.pem", "ssl_cert_file": self._tls / "server.pem",
                         "ssl_key_file": self._tls / "server.key"}
        command = [find_program("postgres", *self.folders), "-D", str(self._folder / "data")]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        return command

    def _prepare(self):
        createdb = [find_program("createdb", *self.folders), "-h", "127.0.0.1", "-p", str(self.port),
                    "-U", USER, "-w", DATABASE]
        deadline = time.monotonic() + START_DEADLINE_SECONDS
        while True:  # the port answers a moment before the server is ready for clients
            try:
                return self._run(createdb, PGPASSWORD=PASSWORD)
            except ServerError as error:
                if "starting up" not in str(error) or time.monotonic() > deadline:
                    raise
                time.sleep(0.1)


class MariaDb(Server):
    backend = "mariadb"
    system_user = "mysql"

    def _create(self):
        self._run([find_program("mariadb-install-db", "/usr/bin"), "--no-defaults",
                   f"--datadir={self._folder / 'data'}", f"--tmpdir={self._folder}",
                   "--auth-root-authentication-method=normal",
                   "--skip-test-db", "--innodb-flush-method=nosync"])
        self._tls = self._make_certificates()
        script = self._folder / "init.sql"
        script.write_text(
            f"CREATE DATABASE IF NOT EXISTS {DATABASE} CHARACTER SET utf8mb4;\n"
            f"CREATE USER IF NOT EXISTS '{USER}'@'127.0.0.1' IDENTIFIED BY '{PASSWORD}';\n"
            f"GRANT ALL PRIVILEGES ON *.* TO '{USER}'@'127.0.0.1' WITH GRANT OPTION;\n")
        script.chmod(0o644)

    def _command(self):
        tls = [f"--ssl-{option}={self._tls / file}" for option, file in
               (("ca", "ca.pem"), ("cert", "server.pem"), ("key", "server.key"))] if self._tls else []
        return [find_program("mariadbd", "/usr/sbin"), "--no-defaults",
                f"--datadir={self._folder / 'data'}", f"--tmpdir={self._folder}",
                f"--socket={self._folder / 'server.sock'}",
                f"--pid-file={self._folder / 'server.pid'}", f"--init-file={self._folder / 'init.sql'}",
                "--bind-address=127.0.0.1", f"--port={self.port}", "--skip-name-resolve",
                "--character-set-server=utf8mb4", "--default-time-zone=+00:00",
                "--innodb-flush-log-at-trx-commit=0", "--innodb-flush-method=nosync",
                "--innodb-doublewrite=0", "--skip-log-bin", "--performance-schema=OFF", *tls]


class MySql(Server):
    """MySQL 5.6.24: has neither RETURNING nor CTEs nor checks, and so keeps the capabilities honest. Its
    limits (packet, key length, sql_mode) stay as they come."""

    backend = "mysql"
    system_user = "mysql"

    def _create(self):
        try:
            mysql_package.unpack(self._folder)
        except mysql_package.PackageError as error:
            raise ServerError(str(error)) from None
        script = self._folder / "init.sql"
        script.write_text(
            f"CREATE DATABASE IF NOT EXISTS {DATABASE} CHARACTER SET utf8mb4;\n"
            f"GRANT ALL PRIVILEGES ON *.* TO '{USER}'@'127.0.0.1' IDENTIFIED BY '{PASSWORD}' WITH GRANT OPTION;\n")
        script.chmod(0o644)
        if os.geteuid() == 0:
            account = self._account()
            for path in self._folder.rglob("*"):
                os.chown(path, account.pw_uid, account.pw_gid)

    def _command(self):
        return [str(self._folder / "mysqld"), "--no-defaults", f"--basedir={self._folder}",
                f"--datadir={self._folder / 'data/mysql'}", f"--tmpdir={self._folder}",
                f"--lc-messages-dir={self._folder / 'share'}",
                f"--character-sets-dir={self._folder / 'share/charsets'}",
                f"--socket={self._folder / 'server.sock'}", f"--pid-file={self._folder / 'server.pid'}",
                f"--init-file={self._folder / 'init.sql'}", "--bind-address=127.0.0.1", f"--port={self.port}",
                "--skip-name-resolve", "--default-time-zone=+00:00", "--explicit-defaults-for-timestamp",
                "--innodb-flush-log-at-trx-commit=0", "--innodb-flush-method=nosync", "--innodb-doublewrite=0",
                "--innodb-use-native-aio=0", "--sync-frm=0", "--skip-log-bin", "--performance-schema=OFF"]

    def _environment(self):
        # libaio comes with the package.
        return super()._environment() | {"LD_LIBRARY_PATH": str(self._folder)}


# Backends by name. A further product is one more class and one more entry here.
SERVERS = {server.backend: server for server in (PostgreSql, MariaDb, MySql)}


def exit_on_termination():
    """Turns a request to end into an exception, so that `with` blocks stop their servers."""
    def leave(number, _frame):
        sys.exit(128 + number)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, leave)


def main(arguments):
    if "--" not in arguments or arguments[-1] == "--":
        sys.exit(f"usage: servers.py {{{','.join(SERVERS)}}} ... -- program [argument ...]")
    split = arguments.index("--")
    exit_on_termination()
    environment = dict(os.environ)
    running = []
    try:
        for backend in arguments[:split]:
            server = SERVERS[backend]()
            running.append(server)
            server.start()
            environment |= server.environment
            print(f"{backend}: {server.uri}", file=sys.stderr, flush=True)
        return subprocess.run(arguments[split + 1:], env=environment).returncode
    except KeyError as unknown:
        sys.exit(f"no server for {unknown}; known: {', '.join(SERVERS)}")
    except ServerError as error:
        sys.exit(str(error))
    finally:
        for server in running:
            server.stop()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
