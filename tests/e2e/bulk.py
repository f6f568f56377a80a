"""Large bodies: a pipe of 8 GiB uploaded in signed chunks, and the signature of a file of 4 GiB, in constant memory.

Usage: bulk.py AWSIG [GIB-OF-THE-PIPE [GIB-OF-THE-FILE]]

Prints peak memory, and seconds beside those of hashing alone in the same run; fails when memory grows with the body.
"""

import os
import socket
import subprocess
import sys
import tempfile
import threading
import time

LIMIT_KIB = 8 * 1024


def sink(listener, seen):
    """Takes one request, counts its body, answers 200."""
    connection, _ = listener.accept()
    connection.settimeout(300)
    with connection:
        head = b""
        while b"\r\n\r\n" not in head:
            head += connection.recv(65536)
        head, _, body = head.partition(b"\r\n\r\n")
        lines = dict(line.split(b": ", 1) for line in head.lower().split(b"\r\n")[1:])
        wanted, count = int(lines[b"content-length"]), len(body)
        buffer = memoryview(bytearray(1 << 20))
        while count < wanted:
            more = connection.recv_into(buffer)
            if more == 0:
                break
            count += more
        connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
    seen.update(count=count, wanted=wanted, kind=lines[b"x-amz-content-sha256"])


def measured(command, **options):
    """Seconds and peak KiB of a command; raises when it fails."""
    environment = {
        "PATH": os.environ["PATH"],
        "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    start = time.monotonic()
    process = subprocess.Popen(command, env=environment, **options)
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


def main():
    awsig = os.path.abspath(sys.argv[1])
    pipe_gib = int(sys.argv[2]) if len(sys.argv) > 2 else 8
    file_gib = int(sys.argv[3]) if len(sys.argv) > 3 else 4
    place = ["--service", "s3", "--region", "us-east-1"]
    failed = 0

    size, seen = pipe_gib << 30, {}
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(60)
    threading.Thread(target=sink, args=(listener, seen), daemon=True).start()
    zeros = subprocess.Popen(["head", "-c", str(size), "/dev/zero"], stdout=subprocess.PIPE)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/bucket/key"
    upload = [awsig, *place, "-T", "-", "-H", f"content-length: {size}", url]
    seconds, peak = measured(upload, stdin=zeros.stdout)
    zeros.wait()
    good = seen.get("count") == seen.get("wanted") and seen["kind"] == b"streaming-aws4-hmac-sha256-payload"
    failed += not (good and peak < LIMIT_KIB)
    print(f"pipe of {pipe_gib} GiB: {seconds:.1f} s, {pipe_gib * 1024 / seconds:.0f} MiB/s, peak {peak} KiB")

    with tempfile.NamedTemporaryFile(dir=os.environ.get("TMPDIR", "/tmp")) as file:
        file.truncate(file_gib << 30)
        sign = [awsig, "sign", *place, "-d", f"@{file.name}", "http://127.0.0.1/bucket/key"]
        openssl = ["openssl", "dgst", "-sha256", file.name]
        rounds = [(measured(sign, stdout=subprocess.DEVNULL), measured(openssl, stdout=subprocess.DEVNULL)) for _ in range(3)]
        (ours, peak), (theirs, _) = min(r[0] for r in rounds), min(r[1] for r in rounds)
        failed += peak >= LIMIT_KIB
        print(f"signing a file of {file_gib} GiB: {ours:.2f} s, peak {peak} KiB; openssl dgst -sha256 {theirs:.2f} s, ratio {ours / theirs:.2f}")
    print(f"{2 - failed} passed, {failed} failed")
    sys.exit(failed > 0)


main()
