# SPDX-License-Identifier: MIT
"""A program in a terminal of its own, typed at and read like a person would."""

import os
import pty
import re
import select
import signal
import time

ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>]|\x07")


class Terminal:
    def __init__(self, command, environment):
        self.text = ""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execvpe(command[0], command, environment)

    def expect(self, text, seconds=30):
        """Reads until the text has been shown, and forgets everything up to it. Returns that."""
        end = time.monotonic() + seconds
        while text not in (clean := ESCAPES.sub("", self.text)):
            if time.monotonic() > end or not self._read():
                raise AssertionError(f"{text!r} was not shown, but:\n{clean}")
        before, _, self.text = clean.partition(text)
        return before + text

    def type(self, text):
        os.write(self.fd, text.encode())

    def close(self):
        """The exit code."""
        while self._read():
            pass
        _, status = os.waitpid(self.pid, 0)
        os.close(self.fd)
        return os.waitstatus_to_exitcode(status)

    def kill(self):
        try:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        except (ProcessLookupError, ChildProcessError):
            pass

    def _read(self):
        ready, _, _ = select.select([self.fd], [], [], 0.5)
        if not ready:
            return True
        try:
            data = os.read(self.fd, 4096)
        except OSError:  # how a terminal says that its program has ended
            return False
        self.text += data.decode(errors="replace")
        return bool(data)
