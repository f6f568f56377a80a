"""Signs for VPC Lattice with botocore, as the workshop's signSigV4.py does, and checks what the lab answers.

    awsig lab &   # prints the two addresses
    AWS_EC2_METADATA_SERVICE_ENDPOINT=http://127.0.0.1:PORT http_proxy=http://127.0.0.1:PORT \
        python tests/e2e/lattice_botocore.py http://reservation-0123456789abcdef0.7d67968.vpc-lattice-svcs.us-west-2.on.aws/

Needs botocore. Credentials come from botocore's own chain: the environment, or the lab's metadata service. Requests go to
`--connect HOST:PORT` or the address in `http_proxy`, in absolute-form, as through a proxy. Ends with 0 if every answer is
the expected one.
"""

import argparse
import http.client
import os
import sys
from urllib.parse import urlsplit

# The metadata service must be asked directly: botocore would ask it through the proxy.
PROXY = os.environ.pop("http_proxy", None) or os.environ.pop("HTTP_PROXY", None)

import botocore.session  # noqa: E402
from botocore.auth import SigV4Auth  # noqa: E402
from botocore.awsrequest import AWSRequest  # noqa: E402

BODY = b"some-data-here"
GREETING = "Hello From Lattice Reservations!"


def signed_headers(credentials, url, method, region, service="vpc-lattice-svcs", hashed=False):
    request = AWSRequest(
        method=method,
        url=url,
        data=BODY if method == "POST" else None,
        headers={"Content-Type": "application/json"},
    )
    request.context["payload_signing_enabled"] = hashed
    signer = SigV4Auth(credentials, service, region)
    if hashed:
        # botocore sends the header for unsigned payloads only; the hash itself is what is tried here.
        request.headers["X-Amz-Content-SHA256"] = signer.payload(request)
    signer.add_auth(request)
    return dict(request.headers.items())


def send(connect, url, method, headers):
    host, port = connect.rsplit(":", 1)
    connection = http.client.HTTPConnection(host, int(port), timeout=10)
    parts = urlsplit(url)
    target = f"{parts.scheme}://{parts.netloc}{parts.path or '/'}" + (f"?{parts.query}" if parts.query else "")
    body = BODY if method == "POST" else None
    connection.request(method, target, body=body, headers={**headers, "Host": parts.netloc})
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("--connect", default=urlsplit(PROXY).netloc if PROXY else None, help="HOST:PORT of the lab")
    parser.add_argument("--region", default="us-west-2")
    arguments = parser.parse_args()
    if not arguments.connect:
        parser.error("neither --connect nor http_proxy")
    credentials = botocore.session.Session().get_credentials()
    if credentials is None:
        sys.exit("botocore found no credentials")
    credentials = credentials.get_frozen_credentials()

    url, region = arguments.url, arguments.region
    rich = url.rstrip("/") + "/a%20b/rates?b=2&a=1&a=0&e=&s=x%20y%2Fz"
    sign = lambda method, **changes: signed_headers(credentials, **{"url": url, "method": method, "region": region, **changes})
    post, get = sign("POST"), sign("GET")
    other_region = "eu-west-1" if region != "eu-west-1" else "us-west-2"
    signature = post["Authorization"]
    flipped = signature[:-1] + ("0" if signature[-1] != "0" else "1")
    without_token = {name: value for name, value in post.items() if name.lower() != "x-amz-security-token"}
    cases = [
        ("unsigned", url, "GET", {}, 403, "User: anonymous is not authorized"),
        ("POST", url, "POST", post, 200, GREETING),
        ("GET", url, "GET", get, 200, GREETING),
        ("GET with path and query", rich, "GET", sign("GET", url=rich), 200, GREETING),
        ("other method", url, "POST", get, 403, "InvalidSignatureException: The request signature"),
        ("other header", url, "POST", {**post, "Content-Type": "text/plain"}, 403, "The request signature"),
        ("other query", rich + "&z=1", "GET", sign("GET", url=rich), 403, "The request signature"),
        ("flipped digit", url, "POST", {**post, "Authorization": flipped}, 403, "The request signature"),
        ("no token", url, "POST", without_token, 403, "IncompleteSignatureException: "),
        ("wrong region", url, "POST", sign("POST", region=other_region), 403, "scoped to a valid region"),
        ("wrong service", url, "POST", sign("POST", service="vpc-lattice"), 403, "correct service: 'vpc-lattice-svcs'"),
        ("hashed payload", url, "POST", sign("POST", hashed=True), 403, "Signed payloads are not supported"),
    ]
    wrong = 0
    for name, target, method, headers, status, text in cases:
        got_status, got_text = send(arguments.connect, target, method, headers)
        right = got_status == status and text in got_text
        wrong += not right
        print("ok  " if right else "FAIL", name, got_status, got_text.strip().splitlines()[0][:120])
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
