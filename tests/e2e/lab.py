"""The lab as others see it: botocore and awsig sign for VPC Lattice, and `awsig lab` answers. argv: a python with botocore."""

import re
import subprocess
import sys

import harness

URL = "http://reservation-0123456789abcdef0.7d67968.vpc-lattice-svcs.us-west-2.on.aws"
GREETING = b"Hello From Lattice Reservations!"


def main():
    suite = harness.Suite("lab")
    with harness.Scratch() as scratch:
        log = scratch / "log"
        with harness.Process([harness.AWSIG, "lab"], log, env=harness.environment()) as lab:
            lab.wait_for(lambda: b"http_proxy" in log.read_bytes(), 20)
            text = log.read_text()
            metadata, proxy = (re.search(rf"{name}=(http://[0-9.:]+)", text)[1] for name in ("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http_proxy"))
            env = harness.environment(AWS_EC2_METADATA_SERVICE_ENDPOINT=metadata, http_proxy=proxy, no_proxy="127.0.0.1")
            env.pop("AWS_EC2_METADATA_DISABLED")
            script = [sys.argv[1], str(harness.HERE / "lattice_botocore.py"), URL + "/"]
            done = subprocess.run(script, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60)
            lines = done.stdout.decode().splitlines()
            for line in lines:
                suite.check(f"botocore: {line}", line.startswith("ok "), line)
            suite.check("botocore: the script ends well", done.returncode == 0 and len(lines) >= 12, lines)

            for name, target in [("root", "/"), ("path", "/a b/%2F//c/../d?b=2&a=1&a=0&e&s=x y/z+w"), ("UTF-8", "/\u00fc/\u6587?\u00fc=1")]:
                for more in (["POST"], ["GET"]):
                    done = harness.awsig([URL + target] + more, env)
                    suite.check(f"awsig: {more[0]} {name}", done.returncode == 0 and GREETING in done.stdout, done)
            done = harness.awsig(["-d", "@-", URL + "/"], env, bytes(range(256)) * 1000)
            suite.check("awsig: a body", done.returncode == 0 and GREETING in done.stdout, done)
            for name, more in [("wrong region", ["--region", "eu-west-1"]), ("wrong service", ["--service", "execute-api"]), ("old", ["--time", "20200101T000000Z"])]:
                done = harness.awsig(more + [URL + "/"], env)
                suite.check(f"awsig: {name} is refused", done.returncode == 22 and GREETING not in done.stdout, done)
    suite.end()


if __name__ == "__main__":
    main()
