"""awscrt, the signer of the AWS Common Runtime, in C, from Python. It derives its key for every signature."""

import io

from awscrt.auth import AwsCredentialsProvider, AwsSigningConfig, aws_sign_request
from awscrt.http import HttpHeaders, HttpRequest

import turns


def make(given):
    def provider(token):
        return AwsCredentialsProvider.new_static(given["access_key_id"], given["secret_access_key"], token)

    providers = {request["name"]: provider(request["token"]) for request in given["requests"]}
    pairs = {request["name"]: [tuple(pair) for pair in request["headers"]] for request in given["requests"]}

    def sign(request):
        headers = HttpHeaders([("host", request["host"])])
        headers.add_pairs(pairs[request["name"]])
        body = io.BytesIO(request["body"].encode()) if request["body"] else None
        made = HttpRequest(request["method"], request["target"], headers, body)
        # It holds the time, so that each signature needs its own.
        config = AwsSigningConfig(
            credentials_provider=providers[request["name"]], region=given["region"], service=given["service"]
        )
        return aws_sign_request(made, config).result()

    return sign


turns.take(make, lambda made, request: list(made.headers))
