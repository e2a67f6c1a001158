"""Runs commands of the program in forked children of one process that has loaded libtorch (fork_server.cpp)."""

import atexit
import contextlib
import os
import signal
import socket
import subprocess
import tempfile

from tests.build import BUILD

SERVER = BUILD / "bin" / "cli_fork_server"


class ForkServer:
    """A running server. Its runs have the environment that this process had when it was made; it ends with this process."""

    def __init__(self):
        self._environment = self._environment_now()
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen([SERVER], stdin=theirs, stdout=subprocess.DEVNULL)
        atexit.register(self.close)

    def close(self):
        self._socket.close()
        self._process.wait()

    @staticmethod
    def _environment_now() -> dict:
        return {name: value for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST"}

    def has_environment_of_now(self) -> bool:
        return self._environment == self._environment_now()

    def run(self, command, *, cwd=None, timeout=None, stdin=0, stdout=None, stderr=None, capture_output=False, text=False, errors=None):
        """As subprocess.run, with fewer options. What is captured goes through files."""
        assert text
        if capture_output:
            stdout = stderr = subprocess.PIPE
        with contextlib.ExitStack() as stack:
            files = [stack.enter_context(tempfile.TemporaryFile("w+", errors=errors)) if s == subprocess.PIPE else None for s in (stdout, stderr)]
            streams = [stdin, *(file or given or number for file, given, number in zip(files, (stdout, stderr), (1, 2)))]
            descriptors = [stream if isinstance(stream, int) else stream.fileno() for stream in streams]
            code = self._wait([os.fsencode(word) for word in (cwd or os.getcwd(), *command)], descriptors, command, timeout)
            for file in filter(None, files):
                file.seek(0)
            return subprocess.CompletedProcess(command, code, *(file and file.read() for file in files))

    def _wait(self, words, descriptors, command, timeout) -> int:
        answers, theirs = socket.socketpair()
        with answers, theirs:
            socket.send_fds(self._socket, [b"".join(word + b"\0" for word in words)], [*descriptors, theirs.fileno()])
            theirs.close()
            process = int.from_bytes(self._answer(answers), "little")
            answers.settimeout(timeout)
            try:
                return os.waitstatus_to_exitcode(int.from_bytes(self._answer(answers), "little"))
            except TimeoutError:
                os.kill(process, signal.SIGKILL)
                raise subprocess.TimeoutExpired(command, timeout) from None

    def _answer(self, answers) -> bytes:
        answer = answers.recv(4)
        if len(answer) != 4:
            raise RuntimeError(f"{SERVER} has ended with {self._process.poll()}.")
        return answer
