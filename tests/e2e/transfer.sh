#!/usr/bin/env bash
# Sends and receives 4 GiB over loopback with awsig and curl in turn: peak memory and throughput of each.
# Usage: tests/e2e/transfer.sh [PROGRAM [BYTES]]    by default target/release/awsig and 4 GiB; needs python3 and curl
#
# Fails when awsig takes more than 8 MiB, or, each at its best of three rounds, has less than nine tenths of curl's throughput:
# the server and chance are worth the last tenth.
set -euo pipefail
cd "$(dirname "$0")/../.."
exec python3 - "${1:-target/release/awsig}" "${2:-4294967296}" <<'PYTHON'
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time

program, size = sys.argv[1], int(sys.argv[2])
MIB = 1024 * 1024
ROUNDS = 3


def serve(connection, source):
    with connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        head = b""
        while b"\r\n\r\n" not in head:
            more = connection.recv(65536)
            if not more:
                return
            head += more
        head, _, body = head.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines[1:])}
        if lines[0].startswith("GET"):
            connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\nconnection: close\r\n\r\n" % size)
            with open(source, "rb") as file:
                connection.sendfile(file)
            return
        if headers.get("expect"):
            connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        got, buffer = len(body), bytearray(MIB)
        while got < int(headers["content-length"]):
            more = connection.recv_into(buffer)
            if not more:
                return
            got += more
        answer = b"%d" % got
        connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\nconnection: close\r\n\r\n%s" % (len(answer), answer))


def run(command, stdin=None, reader=False):
    environment = {
        "PATH": os.environ["PATH"],
        "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    start = time.monotonic()
    pipe = subprocess.Popen(["cat", stdin], stdout=subprocess.PIPE) if stdin else None
    process = subprocess.Popen(
        command,
        env=environment,
        stdin=pipe.stdout if pipe else subprocess.DEVNULL,
        stdout=subprocess.PIPE if reader else subprocess.DEVNULL,
    )
    if pipe:
        pipe.stdout.close()
    if reader:
        reader = subprocess.Popen(["wc", "-c"], stdin=process.stdout, stdout=subprocess.PIPE)
        process.stdout.close()
    # What wait4 tells includes this interpreter, from before the program took its place; the kernel's own mark does not.
    peak = 0
    while process.poll() is None:
        try:
            with open(f"/proc/{process.pid}/status") as status:
                lines = [line.split() for line in status if line.startswith(("Name:", "VmHWM:"))]
        except OSError:
            break
        fields = {line[0]: line[1] for line in lines}
        if not fields.get("Name:", "").startswith("python"):
            peak = max(peak, int(fields.get("VmHWM:", 0)))
        time.sleep(0.01)
    if process.wait():
        sys.exit(f"{command}: status {process.returncode}")
    if pipe:
        pipe.wait()
    if reader and int(reader.communicate()[0]) != size:
        sys.exit(f"{command}: not all of it came")
    return size / (time.monotonic() - start) / MIB, peak / 1024


with tempfile.TemporaryDirectory() as folder:
    source = os.path.join(folder, "source")
    with open(source, "wb") as file:
        file.truncate(size)
    listener = socket.create_server(("127.0.0.1", 0), backlog=16)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/bucket/key"

    def accept():
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=serve, args=(connection, source), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    awsig = [program, "-s", "--service", "s3"]
    curl = ["curl", "-sf", "--aws-sigv4", "aws:amz:us-east-1:s3", "-u", "AKIDEXAMPLE:secret"]
    unsigned = ["-H", "x-amz-content-sha256: UNSIGNED-PAYLOAD"]
    ways = {
        "down to /dev/null": (awsig + [url], curl + [url]),
        "down into a pipe": (awsig + [url], curl + [url]),
        "down to a file": (awsig + ["-o", folder + "/a", url], curl + ["-o", folder + "/c", url]),
        "up, unsigned payload": (awsig + unsigned + ["-T", source, url], curl + unsigned + ["-T", source, url]),
        "up, hashed first": (awsig + ["-T", source, url], None),
        "up from a pipe, in signed chunks": (awsig + ["-H", f"content-length: {size}", "-T", "-", url], None),
    }
    failed = []
    print(f"{'':34}{'awsig MiB/s':>12}{'curl MiB/s':>12}{'awsig MiB':>11}{'curl MiB':>10}")
    for name, commands in ways.items():
        best, memory = [0.0, 0.0], [0.0, 0.0]
        for _ in range(ROUNDS):
            for index, command in enumerate(commands):
                if command:
                    speed, peak = run(command, source if "pipe," in name else None, "into a pipe" in name)
                    best[index], memory[index] = max(best[index], speed), max(memory[index], peak)
                for leftover in ("/a", "/c"):
                    if os.path.exists(folder + leftover):
                        os.remove(folder + leftover)
        print(f"{name:34}{best[0]:12.0f}{best[1]:12.0f}{memory[0]:11.1f}{memory[1]:10.1f}")
        if memory[0] > 8:
            failed.append(f"{name}: {memory[0]:.1f} MiB of memory")
        if commands[1] and best[0] < best[1] * 0.9:
            failed.append(f"{name}: slower than curl")
    if failed:
        sys.exit("\n".join(failed))
PYTHON
