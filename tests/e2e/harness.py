"""What the suites share: counting, starting servers on loopback and stopping them by their own pid, a recorder."""

import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
AWSIG = os.environ.get("AWSIG", str(HERE.parent.parent / "target" / "debug" / "awsig"))


class Suite:
    """Counts what passed and what failed, says why, and ends the process accordingly."""

    def __init__(self, name):
        self.name, self.passed, self.failed = name, 0, 0

    def check(self, what, good, why=""):
        if good:
            self.passed += 1
        else:
            self.failed += 1
            print(f"{self.name}: FAILED: {what}: {str(why)[:1500]}")
        return bool(good)

    def end(self, more=""):
        print(f"{self.name}: {self.passed} passed, {self.failed} failed{more}")
        sys.stdout.flush()
        sys.exit(1 if self.failed or not self.passed else 0)


def environment(**more):
    """The variables a program under test sees: no credentials, no proxy and no instance but those given."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "LANG", "TMPDIR")}
    kept.update(HOME="/nonexistent", AWS_EC2_METADATA_DISABLED="true")
    kept.update(more)
    return kept


def awsig(arguments, env, body=None, timeout=30):
    return subprocess.run([AWSIG] + arguments, env=env, input=body, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=timeout)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Process:
    """A server that is started for a suite, and ends with it."""

    def __init__(self, command, log, **more):
        self.log = log
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=open(log, "wb"), stderr=subprocess.STDOUT, start_new_session=True, **more
        )

    def wait_for(self, ready, seconds=60):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.process.poll() is not None:
                break
            try:
                if ready():
                    return
            except OSError:
                pass
            time.sleep(0.1)
        tail = pathlib.Path(self.log).read_text(errors="replace")[-3000:]
        self.stop()
        raise RuntimeError(f"{self.process.args[0]} did not get ready:\n{tail}")

    def stop(self):
        for how in (signal.SIGTERM, signal.SIGKILL):
            if self.process.poll() is None:
                os.killpg(self.process.pid, how)
                try:
                    self.process.wait(10)
                except subprocess.TimeoutExpired:
                    pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def answers(url, **headers):
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(urllib.request.Request(url, headers=headers), timeout=2) as answer:
        return answer.status == 200


class Scratch:
    def __enter__(self):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="awsig-e2e-"))
        return self.path

    def __exit__(self, *_):
        shutil.rmtree(self.path, ignore_errors=True)


def read_message(connection):
    """The bytes of one request: head, and as much body as Content-Length says."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65536)
        if not more:
            return data
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    lengths = [line.partition(b":")[2] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
    wanted = int(lengths[0]) if lengths else 0
    while len(body) < wanted:
        more = connection.recv(65536)
        if not more:
            break
        body += more
    return head + b"\r\n\r\n" + body


class Recorder:
    """Answers every request on a loopback port with 200 and keeps its bytes."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.seen = []
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            connection, _ = self.listener.accept()
            with connection:
                connection.settimeout(10)
                try:
                    self.seen.append(read_message(connection))
                    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                except OSError as error:
                    print(f"recorder: {error}", file=sys.stderr)

    def take(self):
        seen, self.seen = self.seen, []
        return seen
