"""MiniStack on loopback, with authentication and version 2 of the metadata service only."""

import contextlib
import os
import pathlib

import harness


@contextlib.contextmanager
def running(python):
    """Yields the port."""
    program = pathlib.Path(os.path.abspath(python)).parent / "ministack"
    port = harness.free_port()
    with harness.Scratch() as scratch:
        env = {
            "PATH": os.environ["PATH"],
            "HOME": str(scratch),
            "TMPDIR": str(scratch),
            "AUTH": "true",
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(port),
            "MINISTACK_IMDS_V2_REQUIRED": "1",
            "IOT_MTLS_PORT": "0",
        }
        with harness.Process([str(program)], scratch / "log", env=env, cwd=str(scratch)) as process:
            process.wait_for(lambda: harness.answers(f"http://127.0.0.1:{port}/_ministack/health"))
            yield port
