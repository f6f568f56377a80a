#!/usr/bin/env python3
"""The same answers as botocore: plays the stories of tests/scenarios/credentials that need no more than files, variables,
commands and a willing STS, once with awsig and once with botocore, and compares which key is found.

    python3 -m pip install botocore==1.44.5
    AWSIG=target/debug/awsig python3 tests/e2e/credentials_botocore.py

A difference that is not in DIFFERENCES fails, and so does one in it that is none any more. Nothing leaves loopback: the
metadata service is switched off for both, and STS is a server of this script.
"""

import datetime
import http.server
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading

HERE = pathlib.Path(__file__).resolve().parent
AWSIG = os.path.abspath(os.environ.get("AWSIG", HERE.parent.parent / "target/debug/awsig"))
STORIES = HERE.parent / "scenarios/credentials"

# Stories on which the two do not agree, each with the reason.
DIFFERENCES = {
    "the end of the credentials is read":
        "the story plays in 2015: botocore calls credentials that have expired an error, awsig hands them out with a warning",
    "credentials that have expired are handed out as they are":
        "the story plays in 2015: botocore calls credentials that have expired an error, awsig hands them out with a warning",
    "a command prints credentials that end":
        "the story plays in 2015: botocore calls credentials that have expired an error, awsig hands them out with a warning",
    "credentials of a command that have expired are handed out as they are":
        "the story plays in 2015: botocore calls credentials that have expired an error, awsig hands them out with a warning",
    "blanks around values do not count":
        "botocore keeps the blanks, and the line break, which no service accepts",
    "blank variables are unset":
        "botocore takes a blank for a key id; all SDKs but it for unset",
    "a secret without a key id stops":
        "botocore passes over a secret without a key id; half a pair is a mistake for awsig, whichever half",
    "a profile with a secret alone stops":
        "botocore passes over a secret without a key id; half a pair is a mistake for awsig, whichever half",
    "a key id that cannot be sent stops":
        "botocore does not look at the form of keys; awsig refuses what cannot be sent before it is signed with",
    "a session token with a line break stops":
        "botocore does not look at the form of keys; awsig refuses what cannot be sent before it is signed with",
    "a key id of two words stops":
        "botocore does not look at the form of keys; awsig refuses what cannot be sent before it is signed with",
    "a secret that goes on in the next line stops":
        "botocore does not look at the form of keys; awsig refuses what cannot be sent before it is signed with",
    "a token that cannot be sent stops":
        "botocore does not look at the form of keys; awsig refuses what cannot be sent before it is signed with",
    "a command prints names in any case":
        "botocore wants the exact case; the SDK for Rust takes any",
    "AWS_PROFILE comes before AWS_DEFAULT_PROFILE":
        "botocore has them the other way round; the AWS CLI, whose answers awsig gives, has AWS_PROFILE first",
    "both files are merged and credentials win":
        "botocore reads a pair of keys from one file; the SDK for Rust from both merged",
    "[profile default] hides [default]":
        "botocore merges the two; the SDKs hide [default]",
    "comments, blanks, case, CR LF and a byte order mark":
        "botocore's parser of files is stricter here; awsig reads what the SDKs for Rust, Go and Java read",
    "a section that occurs twice is merged":
        "botocore's parser of files is stricter here; awsig reads what the SDKs for Rust, Go and Java read",
    "a broken file does not matter to keys of the environment":
        "botocore reads the files first, whatever they are needed for",
    "the default profile comes before a web identity of the environment":
        "botocore looks at keys in files after the web identity; awsig at all of a profile first, as the SDK for Rust",
}

ASK_BOTOCORE = """
import json, sys
import botocore.exceptions, botocore.session
try:
    found = botocore.session.Session(profile=sys.argv[1] or None).get_credentials()
    found = found and found.get_frozen_credentials()
    print(json.dumps({"key": found.access_key, "token": bool(found.token)} if found else {"nothing": True}))
except Exception as error:
    print(json.dumps({"error": type(error).__name__ + ": " + str(error)[:200]}))
"""


class Sts(http.server.BaseHTTPRequestHandler):
    """Gives the keys of a story in their order."""

    keys = []

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
        key = self.keys.pop(0) if self.keys else None
        end = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
        action = "AssumeRoleWithWebIdentity" if "AssumeRoleWithWebIdentity" in body else "AssumeRole"
        if key is None:
            status, answer = 400, "<ErrorResponse><Error><Code>TooMany</Code><Message>x</Message></Error></ErrorResponse>"
        else:
            status, answer = 200, (
                f'<{action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><{action}Result><Credentials>'
                f"<AccessKeyId>{key}</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>"
                f"<Expiration>{end}</Expiration></Credentials></{action}Result>"
                f"<ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></{action}Response>"
            )
        self.send_response(status)
        self.send_header("content-type", "text/xml")
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer.encode())

    def log_message(self, *arguments):
        pass


def content(value):
    if isinstance(value, str):
        return value
    return "".join(line + "\n" for line in value) if isinstance(value, list) else json.dumps(value)


def playable(story):
    """Whether files, variables, commands and a willing STS are all that the story needs."""
    if any(name in story for name in ("role", "only", "answers")) or any("cache" in path for path in story.get("files", {})):
        return False
    variables = story.get("env", {})
    if any(name.startswith(("AWS_CONTAINER", "AWS_ENDPOINT", "AWS_EC2_METADATA_SERVICE")) for name in variables):
        return False
    if variables.get("HOME", "") is None or "mfa_serial" in json.dumps(story) or "sso_" in json.dumps(story):
        return False
    exchanges = story.get("exchanges", [])
    return all(isinstance(each, dict) and set(each.get("reply", {})) == {"sts"} and each["reply"]["sts"] for each in exchanges)


def play(story, url, folder):
    home = pathlib.Path(folder) / "home"
    commands = pathlib.Path(folder) / "bin"
    home.mkdir()
    commands.mkdir()
    place = lambda text: text.replace("~/", f"{home}/").replace("/var/token", f"{folder}/token").replace("/etc/keys", f"{folder}/keys")
    for path, value in story.get("files", {}).items():
        file = pathlib.Path(place(path))
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content(value).replace("/var/token", f"{folder}/token").encode())
    for command in story.get("commands", []):
        name, output = command["run"].split()[0], pathlib.Path(folder) / "stdout"
        output.write_text(content(command.get("stdout", "")))
        script = commands / name
        end = "kill -9 $$" if command.get("code", 0) is None else f"exit {command.get('code', 0)}"
        script.write_text(f"#!/bin/sh\ncat {output}\n{end}\n")
        script.chmod(0o755)
    env = {name: place(value) for name, value in story.get("env", {}).items()}
    env.update(PATH=f"{commands}:/usr/bin:/bin", HOME=str(home), AWS_EC2_METADATA_DISABLED="true", AWS_ENDPOINT_URL_STS=url)
    env.setdefault("AWS_DEFAULT_REGION", "us-east-1")
    profile = story.get("profile", "")
    keys = [each["reply"]["sts"] for each in story.get("exchanges", [])]
    run = dict(env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60, start_new_session=True)
    Sts.keys = list(keys)
    theirs = json.loads(subprocess.run([sys.executable, "-c", ASK_BOTOCORE, profile], **run).stdout)
    Sts.keys = list(keys)
    ours = subprocess.run([AWSIG, "creds", "--format", "json"] + (["--profile", profile] if profile else []), **run)
    said = ours.stderr.decode().strip()
    if ours.returncode == 0:
        found = json.loads(ours.stdout)
        return {"key": found["AccessKeyId"], "token": "SessionToken" in found}, theirs, said
    return ({"nothing": True} if "no credentials found" in said else {"error": said}), theirs, said


def same(ours, theirs):
    if "error" in ours and "error" in theirs:
        return True
    return ours == theirs


def served(folder):
    """What botocore finds when `awsig creds serve` offers it keys as a container would."""
    env = {"PATH": "/usr/bin:/bin", "HOME": folder, "AWS_EC2_METADATA_DISABLED": "true"}
    keys = {"AWS_ACCESS_KEY_ID": "AKSERVED", "AWS_SECRET_ACCESS_KEY": "s", "AWS_SESSION_TOKEN": "t"}
    server = subprocess.Popen([AWSIG, "creds", "serve"], env=dict(env, **keys), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    try:
        lines = [server.stdout.readline().decode().split(" ", 1)[1].strip() for _ in range(2)]
        told = {name: value.strip("'") for name, value in (line.split("=", 1) for line in lines)}
        run = dict(stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, timeout=60)
        return json.loads(subprocess.run([sys.executable, "-c", ASK_BOTOCORE, ""], env=dict(env, **told), **run).stdout)
    finally:
        server.terminate()
        server.wait(10)


def main():
    import botocore

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Sts)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    played, wrong, differed = 0, [], set()
    for file in sorted(STORIES.glob("*.json")):
        for story in json.loads(file.read_text()):
            if not playable(story):
                continue
            with tempfile.TemporaryDirectory() as folder:
                ours, theirs, said = play(story, url, folder)
            played += 1
            if not same(ours, theirs):
                differed.add(story["name"])
                if story["name"] not in DIFFERENCES:
                    wrong.append(f"{story['name']}: awsig {ours}, botocore {theirs}")
    with tempfile.TemporaryDirectory() as folder:
        found = served(folder)
    played += 1
    if found != {"key": "AKSERVED", "token": True}:
        wrong.append(f"creds serve: botocore finds {found}")
    wrong += [f"{name}: no difference any more" for name in DIFFERENCES if name not in differed]
    for line in wrong:
        print("FAILED", line)
    for name in sorted(differed & set(DIFFERENCES)):
        print(f"differs: {name}: {DIFFERENCES[name]}")
    print(f"botocore {botocore.__version__}: {played - len(differed)} stories end the same, {len(differed)} differ")
    print(f"credentials_botocore: {played - len(wrong)} passed, {len(wrong)} failed")
    sys.exit(1 if wrong or played < 60 else 0)


main()
