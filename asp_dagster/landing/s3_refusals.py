"""What it means when S3 refuses, in one sentence with the remedy.

Here belong: AWS's codes and boto's errors, and what to do about each. Boto's own words are left
out: they may quote the request, and with it what nobody but AWS should read. Of an answer, its code
and its request id are told.

https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from botocore import exceptions as aws  # type: ignore[import-untyped] # it publishes no types

from asp_dagster.landing.errors import RawStoreError, RawStoreUnavailableError

# The last is the answer to reading an object that is replaced meanwhile.
_PASSING = re.compile(
    r"SlowDown|Throttl|Internal|Unavailable|RequestTimeout$|OperationAborted|^50\d$|Precondition"
)
_NO_CREDENTIALS = (
    aws.NoCredentialsError,
    aws.PartialCredentialsError,
    aws.CredentialRetrievalError,
    aws.NoAuthTokenError,
    aws.TokenRetrievalError,
    aws.SSOError,
    aws.ProfileNotFound,
)
_DENIED = (
    "allow the run's role s3:PutObject, s3:GetObject, s3:DeleteObject and"
    " s3:AbortMultipartUpload on arn:aws:s3:::{path}*, s3:ListBucket on arn:aws:s3:::{bucket}, and"
    " with a KMS key kms:GenerateDataKey and kms:Decrypt on that"
)
_BAD_CREDENTIALS = "AWS does not accept the credentials that are set: renew them"
_OTHER_REGION = (
    "the bucket is in another AWS region: set AWS_DEFAULT_REGION, or the S3 resource's region_name"
)
_REMEDIES = {
    "NoSuchBucket": "there is no such bucket: create it, or correct ASP_RAW_PATH",
    "AccessDenied": _DENIED,
    "AllAccessDisabled": _DENIED,
    "403": _DENIED,
    "InvalidAccessKeyId": _BAD_CREDENTIALS,
    "SignatureDoesNotMatch": _BAD_CREDENTIALS,
    "ExpiredToken": _BAD_CREDENTIALS,
    "InvalidToken": _BAD_CREDENTIALS,
    "TokenRefreshRequired": _BAD_CREDENTIALS,
    "RequestTimeTooSkewed": "this machine's clock is wrong: set it",
    "PermanentRedirect": _OTHER_REGION,
    "AuthorizationHeaderMalformed": _OTHER_REGION,
    "IllegalLocationConstraintException": _OTHER_REGION,
    "301": _OTHER_REGION,
    "NoSuchKey": "it has been deleted meanwhile; materialize its partition again",
    "404": "it has been deleted meanwhile; materialize its partition again",
}
_KMS = (
    "check ASP_RAW_KMS_KEY_ID: it names an enabled KMS key in the bucket's region, which the run's"
    " role may use (kms:GenerateDataKey, kms:Decrypt)"
)
_OTHER = "look the code up at https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html"


@contextmanager
def clear_refusals(doing: str, bucket: str, key: str) -> Iterator[None]:
    """Let what S3 and boto refuse in the block end in one sentence.

    Args:
        doing: What is done with the object: `written`.
        bucket: The bucket's name.
        key: The object's key, or the beginning of several.

    Raises:
        RawStoreError: Waiting does not cure it.
        RawStoreUnavailableError: It may come right by itself.
    """
    # Imported here: s3transfer loads a good part of botocore.
    from s3transfer import exceptions as transfer  # type: ignore[import-untyped] # noqa: PLC0415

    try:
        yield
    except (aws.BotoCoreError, aws.ClientError, transfer.RetriesExceededError) as error:
        where = f"s3://{bucket}/{key} cannot be {doing}"
        # Without its cause, whose text may quote the request.
        raise _refusal(error, where, bucket, key) from None


def _refusal(error: Exception, where: str, bucket: str, key: str) -> RawStoreError:
    if isinstance(error, aws.ClientError):
        return _answered(error, where, bucket, key)
    if isinstance(error, _NO_CREDENTIALS):
        return RawStoreError(
            f"{where}: there are no AWS credentials to be had ({_name(error)}). Set"
            " AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, or give the machine a"
            " role."
        )
    if isinstance(error, (aws.ConnectionError, aws.HTTPClientError)):
        return RawStoreUnavailableError(
            f"{where}: S3 cannot be reached ({_name(error)}). Check the network and, if one is set,"
            " the endpoint (AWS_ENDPOINT_URL_S3, or the S3 resource's endpoint_url), and run it"
            " again."
        )
    if isinstance(error, aws.BotoCoreError):
        return RawStoreError(
            f"{where}: boto3 cannot ask S3 for it ({_name(error)}). Check the bucket's name in"
            " ASP_RAW_PATH, and AWS's settings: region, profile and endpoint."
        )
    return RawStoreUnavailableError(f"{where}: the connection to S3 broke again and again.")


def _answered(error: aws.ClientError, where: str, bucket: str, key: str) -> RawStoreError:
    """Return what S3's own refusal means."""
    code = str(error.response.get("Error", {}).get("Code", "without a code"))
    request_id = error.response.get("ResponseMetadata", {}).get("RequestId")
    told = f"{where}: S3 answers {code} to {error.operation_name}"
    told += f" (request id {request_id})" if request_id else ""
    if _PASSING.search(code):
        return RawStoreUnavailableError(f"{told}; that passes, so run it again.")
    remedy = _KMS if code.startswith("KMS") else _REMEDIES.get(code, _OTHER)
    path = f"{bucket}/{key.rpartition('/')[0]}".rstrip("/") + "/"
    return RawStoreError(f"{told}; {remedy.format(path=path, bucket=bucket)}.")


def _name(error: Exception) -> str:
    return type(error).__name__
