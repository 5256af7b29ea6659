"""One document in S3, for the program and for boto3."""

import json
import uuid

from botocore.exceptions import ClientError

from s3_servers import ACCESS_KEY, REGION, SECRET_KEY

CREDENTIALS = {"AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET_KEY}
# No test may reach out for credentials to the machine that it runs on.
NO_METADATA = {"AWS_EC2_METADATA_DISABLED": "true"}


class Place:
    """A document in a bucket of its own, as boto3 sees it."""

    def __init__(self, server, key="keys.json"):
        self.client = server.client()
        self.endpoint = server.endpoint
        self.bucket = f"test-{uuid.uuid4().hex[:12]}"
        self.key = key
        self.client.create_bucket(Bucket=self.bucket)

    def env(self, **more):
        """The variables with which the program finds it."""
        return {
            "S3_BUCKET": self.bucket, "S3_KEY": self.key, "AWS_REGION": REGION, "AWS_ENDPOINT_URL_S3": self.endpoint,
            **CREDENTIALS, **NO_METADATA, **more,
        }

    def read(self):
        """Its bytes, or None where there is no such object."""
        try:
            return self.client.get_object(Bucket=self.bucket, Key=self.key)["Body"].read()
        except ClientError as error:
            if error.response["Error"]["Code"] != "NoSuchKey":
                raise
            return None

    def records(self):
        return json.loads(self.read())["keys"]

    def ids(self):
        return [record["id"] for record in self.records()]

    def write(self, content):
        body = content if isinstance(content, bytes) else content.encode()
        self.client.put_object(Bucket=self.bucket, Key=self.key, Body=body)

    def remove(self):
        self.client.delete_object(Bucket=self.bucket, Key=self.key)
