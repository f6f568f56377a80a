"""OpenStack Swift with s3api on loopback: rings, configurations and four processes in a scratch folder."""

import contextlib
import getpass
import os
import pathlib
import subprocess

import harness

REGION = "us-east-1"
USER, SECRET = "test:tester", "testing+/secret"
KINDS = {"account": 0, "container": 1, "object": 2}


def rings(python, scratch, ports):
    builder = str(pathlib.Path(python).parent / "swift-ring-builder")
    for kind in KINDS:
        file = str(scratch / f"{kind}.builder")
        for arguments in (
            ["create", "2", "1", "0"],
            ["add", f"r1z1-127.0.0.1:{ports[kind]}/d1", "1"],
            ["rebalance"],
        ):
            subprocess.run([builder, file] + arguments, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=60)


def configuration(scratch, kind, port):
    common = f"""[DEFAULT]
bind_ip = 127.0.0.1
bind_port = {port}
workers = 0
user = {getpass.getuser()}
swift_dir = {scratch}
devices = {scratch}/devices
mount_check = false
disable_fallocate = true
fallocate_reserve = 0
log_level = WARNING
log_address = {scratch}/no-syslog

"""
    if kind != "proxy":
        return common + f"""[pipeline:main]
pipeline = {kind}-server
[app:{kind}-server]
use = egg:swift#{kind}
"""
    return common + f"""[pipeline:main]
pipeline = catch_errors cache listing_formats s3api tempauth copy slo proxy-server
[app:proxy-server]
use = egg:swift#proxy
allow_account_management = true
account_autocreate = true
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:1
error_suppression_limit = 1
[filter:listing_formats]
use = egg:swift#listing_formats
[filter:s3api]
use = egg:swift#s3api
s3_acl = false
location = {REGION}
check_bucket_owner = false
allow_multipart_uploads = true
[filter:tempauth]
use = egg:swift#tempauth
user_test_tester = {SECRET} .admin
[filter:copy]
use = egg:swift#copy
[filter:slo]
use = egg:swift#slo
"""


@contextlib.contextmanager
def running(python):
    """Yields the port of the proxy."""
    python = os.path.abspath(python)
    with harness.Scratch() as scratch, contextlib.ExitStack() as stack:
        (scratch / "devices" / "d1").mkdir(parents=True)
        ports = {kind: harness.free_port() for kind in list(KINDS) + ["proxy"]}
        rings(python, scratch, ports)
        daemon = str(harness.HERE / "servers" / "swift_daemon.py")
        env = {"PATH": os.environ["PATH"], "HOME": str(scratch)}
        for kind in list(KINDS) + ["proxy"]:
            file = scratch / f"{kind}.conf"
            file.write_text(configuration(scratch, kind, ports[kind]))
            process = harness.Process([python, daemon, f"{kind}-server", str(file)], scratch / f"{kind}.log", env=env, cwd=str(scratch))
            stack.enter_context(process)
        process.wait_for(lambda: connects(ports["proxy"]), 60)
        for kind in KINDS:
            process.wait_for(lambda: connects(ports[kind]), 60)
        yield ports["proxy"]


def connects(port):
    import socket

    with socket.create_connection(("127.0.0.1", port), 1):
        return True
