"""botocore, the signer of the AWS CLI and of boto3. It derives its key for every signature."""

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

import turns


def make(given):
    def signer(token):
        credentials = Credentials(given["access_key_id"], given["secret_access_key"], token)
        return SigV4Auth(credentials, given["service"], given["region"])

    signers = {request["name"]: signer(request["token"]) for request in given["requests"]}

    def sign(request):
        made = AWSRequest(request["method"], request["url"], dict(request["headers"]), request["body"].encode())
        signers[request["name"]].add_auth(made)
        return made

    return sign


turns.take(make, lambda made, request: [["host", request["host"]], *made.headers.items()])
