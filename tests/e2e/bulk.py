"""Large bodies: a pipe of 8 GiB uploaded in signed chunks, and the signature of a file of 4 GiB, in constant memory.

Usage: bulk.py AWSIG [GIB-OF-THE-PIPE [GIB-OF-THE-FILE]]

Fails when memory grows with the body, or when what arrives is not a signed body of the right length. Prints throughput beside
what bounds it on this machine: the speed at which awsig hashes a file, and what its processors would give if none of them were
ever idle. Who fills the pipe and who takes the request need processors too: once they are ordinary (`head`, a server that
reads), once as cheap as the system makes them (pages are put into the pipe and dropped from the socket without being copied).
"""

import multiprocessing
import os
import resource
import socket
import subprocess
import sys
import tempfile
import time

LIMIT_KIB = 8 * 1024
MIB = 1 << 20
ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "AWS_EC2_METADATA_DISABLED": "true",
}
# Fills the pipe of its standard output with the pages of a file, again and again.
SPLICE = """
import os, sys
path, left = sys.argv[1], int(sys.argv[2])
file, at, size = os.open(path, os.O_RDONLY), 0, os.path.getsize(path)
while left:
    moved = os.splice(file, 1, min(left, size - at, 1 << 20), offset_src=at)
    left, at = left - moved, (at + moved) % size
"""


def sink(listener, results, drop):
    """Takes one request, counts its body, answers 200."""
    connection, _ = listener.accept()
    connection.settimeout(300)
    with connection:
        head = b""
        while b"\r\n\r\n" not in head:
            head += connection.recv(65536)
        head, _, body = head.partition(b"\r\n\r\n")
        lines = dict(line.split(b": ", 1) for line in head.lower().split(b"\r\n")[1:])
        if b"expect" in lines:
            connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        wanted, count = int(lines[b"content-length"]), len(body)
        buffer, flags = memoryview(bytearray(MIB)), socket.MSG_TRUNC if drop else 0
        while count < wanted:
            more = connection.recv_into(buffer, MIB, flags)
            if more == 0:
                break
            count += more
        connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
    times = os.times()
    results.put((count == wanted, wanted, lines.get(b"x-amz-content-sha256"), times.user + times.system))


def processors():
    """Seconds of processor time of all children that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measured(command, **options):
    """Seconds and peak KiB of a command; raises when it fails."""
    start = time.monotonic()
    process = subprocess.Popen(command, env=ENVIRONMENT, **options)
    peak = 0
    # Not ru_maxrss, which counts this interpreter before the exec.
    while process.poll() is None:
        try:
            with open(f"/proc/{process.pid}/status") as status:
                peak = max([peak] + [int(line.split()[1]) for line in status if line.startswith("VmHWM:")])
        except OSError:
            pass
        time.sleep(0.02)
    if process.returncode:
        raise SystemExit(f"{command[0]} ended with status {process.returncode}")
    return time.monotonic() - start, peak


def upload(command, size, producer, drop):
    """Seconds, peak KiB and seconds of all processors of an upload from a pipe; what the server saw of it."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(60)
    results = multiprocessing.Queue()
    server = multiprocessing.Process(target=sink, args=(listener, results, drop), daemon=True)
    server.start()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/bucket/key"
    listener.close()
    before = processors()
    source = subprocess.Popen(producer, stdout=subprocess.PIPE)
    seconds, peak = measured([*command, "-H", f"content-length: {size}", "-T", "-", url], stdin=source.stdout)
    source.stdout.close()
    source.wait()
    used = processors() - before
    whole, wanted, kind, serving = results.get(timeout=60)
    server.join(60)
    return seconds, peak, used + serving, whole and wanted >= size and kind


def main():
    awsig = os.path.abspath(sys.argv[1])
    pipe_gib = int(sys.argv[2]) if len(sys.argv) > 2 else 8
    file_gib = int(sys.argv[3]) if len(sys.argv) > 3 else 4
    place = ["--service", "s3", "--region", "us-east-1"]
    signed = b"streaming-aws4-hmac-sha256-payload"
    passed = failed = 0

    with tempfile.NamedTemporaryFile(dir=os.environ.get("TMPDIR", "/tmp")) as file:
        file.truncate(file_gib << 30)
        sign = [awsig, "sign", *place, "-d", f"@{file.name}", "http://127.0.0.1/bucket/key"]
        openssl = ["openssl", "dgst", "-sha256", file.name]
        rounds = [(measured(sign, stdout=subprocess.DEVNULL), measured(openssl, stdout=subprocess.DEVNULL)) for _ in range(3)]
        (ours, peak), (theirs, _) = min(r[0] for r in rounds), min(r[1] for r in rounds)
        passed, failed = passed + (peak < LIMIT_KIB), failed + (peak >= LIMIT_KIB)
        hashed = file_gib * 1024 / ours
        print(f"signing a file of {file_gib} GiB: {ours:.2f} s, {hashed:.0f} MiB/s, peak {peak} KiB")
        print(f"openssl dgst -sha256: {theirs:.2f} s, ratio {ours / theirs:.2f}")

    size, cores = pipe_gib << 30, len(os.sched_getaffinity(0))
    print(f"pipe of {pipe_gib} GiB, {cores} processors{'':14}{'MiB/s':>8}{'never idle':>12}{'of hashing':>12}{'peak KiB':>10}")
    with tempfile.NamedTemporaryFile(dir=os.environ.get("TMPDIR", "/tmp")) as pages:
        pages.write(os.urandom(64 * MIB))
        pages.flush()
        ends = {
            "head, server reads": (["head", "-c", str(size), "/dev/zero"], False),
            "pages, server drops": ([sys.executable, "-c", SPLICE, pages.name, str(size)], True),
        }
        for name, (producer, drop) in ends.items():
            for who, command in {
                "awsig, signed": [awsig, "-s", *place],
                "curl, unsigned": ["curl", "-sSf", "-X", "PUT", "-H", "transfer-encoding:"],
            }.items():
                seconds, peak, used, seen = upload(command, size, producer, drop)
                speed, most = size / MIB / seconds, size / MIB / (used / cores)
                print(f"{name + '; ' + who:42}{speed:8.0f}{most:12.0f}{speed / hashed:12.0%}{peak:10}")
                if who.startswith("awsig"):
                    good = seen == signed and peak < LIMIT_KIB
                    passed, failed = passed + good, failed + (not good)
    print(f"{passed} passed, {failed} failed")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
