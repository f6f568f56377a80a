#!/usr/bin/env python3
"""Roles end to end: against MiniStack, which verifies signatures and session tokens.

    python3 -m pip install ministack==1.5.33 cryptography
    AWSIG=target/debug/awsig python3 tests/e2e/credentials_ministack.py

An assumed role, a chain of two roles, a web identity, --role-arn, and what they are good for afterwards: STS and S3 calls with
their session tokens. Everything is on loopback, and the server ends with this script.
"""

import json
import os
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
AWSIG = os.path.abspath(os.environ.get("AWSIG", HERE.parent.parent / "target/debug/awsig"))
MINISTACK = os.environ.get("MINISTACK", str(pathlib.Path(sys.executable).parent / "ministack"))
failures = []
passed = 0


def check(what, good, why=""):
    global passed
    if good:
        passed += 1
    else:
        failures.append(what)
        print(f"FAILED {what}: {str(why)[:1500]}")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def main(folder):
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    base = {"PATH": os.environ["PATH"], "HOME": str(folder), "AWS_EC2_METADATA_DISABLED": "true"}
    server_env = dict(base, AUTH="true", BIND_HOST="127.0.0.1", GATEWAY_PORT=str(port), IOT_MTLS_PORT="0")
    server = subprocess.Popen([MINISTACK], env=server_env, cwd=folder, stdin=subprocess.DEVNULL,
                              stdout=open(folder / "ministack.log", "wb"), stderr=subprocess.STDOUT, start_new_session=True)
    try:
        end = time.monotonic() + 60
        while time.monotonic() < end and server.poll() is None:
            try:
                urllib.request.urlopen(f"{url}/_ministack/health", timeout=2).read()
                break
            except OSError:
                time.sleep(0.2)
        play(folder, url, dict(base, AWS_ENDPOINT_URL_STS=url, AWS_REGION="us-east-1"))
    finally:
        server.terminate()
        server.wait(10)


def play(folder, url, env):
    def awsig(*arguments, **more):
        return subprocess.run([AWSIG, *arguments], env=dict(env, **more), stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=30)

    root = dict(AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test")

    def iam(**form):
        body = "&".join(f"{name}={urllib.request.quote(value, safe='')}" for name, value in form.items())
        return awsig(url + "/", "-d", body + "&Version=2010-05-08", "--service", "iam", "--region", "us-east-1", **root)

    policy = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
    trust = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sts:*"}]})
    iam(Action="CreateUser", UserName="me")
    iam(Action="PutUserPolicy", UserName="me", PolicyName="all", PolicyDocument=policy)
    keys = iam(Action="CreateAccessKey", UserName="me").stdout.decode()
    text = lambda name: re.search(f"<{name}>(.*?)</{name}>", keys).group(1)
    for role in ("one", "two"):
        made = iam(Action="CreateRole", RoleName=role, AssumeRolePolicyDocument=trust)
        check(f"role {role} is made", made.returncode == 0, made)
        iam(Action="PutRolePolicy", RoleName=role, PolicyName="all", PolicyDocument=policy)
    arn = "arn:aws:iam::000000000000:role/"
    (folder / ".aws").mkdir()
    (folder / ".aws/credentials").write_text(
        f"[me]\naws_access_key_id = {text('AccessKeyId')}\naws_secret_access_key = {text('SecretAccessKey')}\n")
    (folder / "token").write_text("header.payload.signature\n")
    (folder / ".aws/config").write_text(
        f"[profile one]\nrole_arn = {arn}one\nsource_profile = me\nrole_session_name = first\n"
        f"[profile two]\nrole_arn = {arn}two\nsource_profile = one\nrole_session_name = second\nduration_seconds = 900\n"
        f"[profile web]\nrole_arn = {arn}one\nweb_identity_token_file = {folder}/token\nrole_session_name = pod\n")

    def who(what, expected, *arguments, **more):
        got = awsig("whoami", "--format", "json", *arguments, **more)
        found = json.loads(got.stdout) if got.returncode == 0 else {}
        check(f"{what}: STS knows them as {expected}", expected in found.get("Arn", ""), got)

    who("keys of a user", "user/me", "--profile", "me")
    who("an assumed role", "assumed-role/one/first", "--profile", "one")
    who("an assumed role, kept in a file", "assumed-role/one/first", "--profile", "one")
    who("a chain of roles", "assumed-role/two/second", "--profile", "two")
    who("a role by web identity", "assumed-role/one/pod", "--profile", "web")
    who("a role by web identity of the environment", "assumed-role/two/env", AWS_WEB_IDENTITY_TOKEN_FILE=f"{folder}/token",
        AWS_ROLE_ARN=f"{arn}two", AWS_ROLE_SESSION_NAME="env")
    who("--role-arn", "assumed-role/two/top", "--profile", "me", "--role-arn", f"{arn}two", "--role-session-name", "top")
    kept = list((folder / ".aws/cli/cache").glob("*.json"))
    check("two roles are kept, for their owner only", len(kept) == 2 and all(file.stat().st_mode & 0o777 == 0o600 for file in kept), kept)

    s3 = ("--service", "s3", "--region", "us-east-1")
    for profile in ("me", "one", "two", "web"):
        bucket = f"{url}/bucket-{profile}"
        for what, arguments in (
            ("makes a bucket", (bucket, "PUT")),
            ("writes an object", (f"{bucket}/a b+c%2Fd", "PUT", "-d", "hello")),
            ("reads it", (f"{bucket}/a b+c%2Fd",)),
            ("lists", (f"{bucket}?list-type=2&prefix=a",)),
        ):
            got = awsig(*arguments, *s3, "--profile", profile)
            check(f"{profile} {what}", got.returncode == 0, got)
    presigned = awsig("presign", f"{url}/bucket-two/a b+c%2Fd", *s3, "--profile", "two").stdout.decode().strip()
    check("a presigned URL with a session token is accepted", urllib.request.urlopen(presigned, timeout=10).read() == b"hello")

    handed = json.loads(awsig("creds", "--profile", "two", "--format", "json").stdout)
    spoiled = dict(AWS_ACCESS_KEY_ID=handed["AccessKeyId"], AWS_SECRET_ACCESS_KEY=handed["SecretAccessKey"])
    refused = awsig("whoami", **spoiled)
    check("without its session token a role is refused", refused.returncode == 110 and b"refused (4" in refused.stderr, refused)
    refused = awsig("whoami", **spoiled, AWS_SESSION_TOKEN=handed["SessionToken"][:-1] + "x")
    check("with another session token it is refused", refused.returncode == 110 and b"refused (4" in refused.stderr, refused)
    for secret in (handed["SecretAccessKey"], handed["SessionToken"]):
        check("no error shows a secret", secret.encode() not in refused.stderr + refused.stdout)
    used = awsig("creds", "exec", "--profile", "two", "--", AWSIG, "whoami")
    check("creds exec hands a role on", b"assumed-role/two/second" in used.stdout and b"environment" in used.stdout, used)


with tempfile.TemporaryDirectory() as scratch:
    main(pathlib.Path(scratch))
print(f"credentials_ministack: {passed} passed, {len(failures)} failed")
sys.exit(1 if failures or passed < 30 else 0)
