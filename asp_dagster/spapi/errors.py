"""What can go wrong, named for what the caller can do about it.

    SellingPartnerError
    ├── ConfigurationError              fix the settings; nothing was sent
    ├── QuotaWaitError                  come back when it says; nothing was sent
    ├── ApiError                        a request that brought no data; says what Amazon answered
    │   ├── AuthorizationError          re-authorise, renew the secret, or get the role
    │   │   ├── LoginError              Login with Amazon refused the credentials
    │   │   ├── SignatureRefusedError   the AWS keys or their role; remove them or set right ones
    │   │   └── AccessDeniedError       the Selling Partner API refused the request (401, 403)
    │   │       ├── AccessTokenRefusedError   it was the access token: a new one may help, once
    │   │       └── RestrictedDataError   it was personal data: get the role, then re-authorise
    │   ├── RequestError                fix the request (400, 413, 415, 422, …)
    │   │   ├── NotFoundError           no such id (404)
    │   │   └── NotRestrictedError      a document without personal data: ask for it plainly
    │   ├── UnavailableError      (*)   come back later: 5xx, 408, no connection, no answer
    │   │   └── ThrottledError    (*)   come back later: the quota is spent (429)
    │   └── ResponseError               Amazon answered what its documentation does not promise
    │       └── BrokenResponseError (*) the answer did not arrive whole: ask again
    ├── ReportError                     a report that brought no document
    │   ├── ReportCancelledError        no data, asked for too soon, or cancelled by somebody
    │   ├── ReportFatalError            Amazon gave up; its explanation is in the message
    │   └── ReportNotReadyError   (*)   our patience ended; the report goes on at Amazon
    └── DocumentError                   a document that cannot be fetched
        └── BrokenDocumentError   (*)   the document did not arrive whole: fetch it again

Waiting can cure those marked (*): `is_curable_by_waiting` is true.

Here belong: the classes, what they carry, and their remedies. Deciding which answer is which error
is the work of `responses`. No message holds a credential, an access token, or a presigned query.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

# Access, refresh and restricted data tokens, and client secrets, as Amazon writes them.
_AMAZONS_TOKENS = re.compile(r"\b(?:At(?:z[ar]|c|z\.sprdt)\||amzn1\.oa2-cs\.)[^\s\"',;)]+")


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """What came back instead of data.

    Attributes:
        operation: Amazon's name of the operation, or what else was being fetched.
        status: HTTP status; none if there was no answer.
        code: Amazon's code: `QuotaExceeded`. No stable vocabulary.
        message: Amazon's message, or ours if there was no answer.
        details: Amazon's details; the cause often stands only here.
        request_id: `x-amzn-RequestId`, which Amazon's support asks for.
        retry_after: Seconds after which Amazon wants to be asked again, if it said so.
    """

    operation: str
    status: int | None = None
    code: str = ""
    message: str = ""
    details: str = ""
    request_id: str = ""
    retry_after: float | None = None

    def __str__(self) -> str:
        answer = f"Amazon answered {self.status} {self.code}".rstrip() if self.status else ""
        said = ", ".join(part for part in (answer, self.message.rstrip(". ")) if part)
        further = [f"details: {self.details.rstrip('. ')}"] if self.details else []
        if self.request_id:
            further.append(f"request id {self.request_id}")
        return f"{self.operation}: {said}" + (f" ({', '.join(further)})" if further else "")


class SellingPartnerError(Exception):
    """Anything foreseen that went wrong between us and Amazon.

    Attributes:
        is_curable_by_waiting: Whether the same request, sent later, may well succeed.
        retry_after: Seconds after which Amazon wants to be asked again, if it said so.
    """

    is_curable_by_waiting: ClassVar[bool] = False
    retry_after: float | None = None


class ConfigurationError(SellingPartnerError):
    """A setting is missing or wrong; nothing was sent."""


class QuotaWaitError(SellingPartnerError):
    """The quota lets nothing through for longer than the caller is ready to wait; nothing was sent.

    Waiting would cure it, but it was to be left: it is not repeated in place.

    Attributes:
        retry_after: Seconds after which it is best to come back.
    """

    def __init__(self, message: str, retry_after: float) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class ApiError(SellingPartnerError):
    """A request brought no data.

    Attributes:
        refusal: What came back instead.
        operation: Amazon's name of the operation.
        status: HTTP status; none if there was no answer.
        code: Amazon's code.
        message: Amazon's message.
        details: Amazon's details.
        request_id: Amazon's id of the request.
        remedy: What the caller can do.
    """

    usual_remedy: ClassVar[str] = "send it again, or report it to Amazon with the request id"

    def __init__(self, refusal: Refusal, remedy: str = "") -> None:
        super().__init__(refusal, remedy)
        self.refusal = refusal
        self.operation = refusal.operation
        self.status = refusal.status
        self.code = refusal.code
        self.message = refusal.message
        self.details = refusal.details
        self.request_id = refusal.request_id
        self.retry_after = refusal.retry_after
        self.remedy = remedy or self.usual_remedy

    def __str__(self) -> str:
        return f"{self.refusal}; {self.remedy}."


class AuthorizationError(ApiError):
    """The application may not do this for this selling partner."""


class LoginError(AuthorizationError):
    """Login with Amazon refused the credentials.

    https://developer-docs.amazon.com/sp-api/docs/rotate-your-application-client-secret
    """

    usual_remedy = "check client id, client secret, refresh token and the URL of Login with Amazon"


class SignatureRefusedError(AuthorizationError):
    """AWS gave no session for the AWS keys and the role, or Amazon refused their signature.

    https://developer-docs.amazon.com/sp-api/docs/sp-api-will-no-longer-require-aws-iam-or-aws-signature-version-4
    """

    usual_remedy = (
        "remove the AWS keys, for Amazon has not needed signatures since 2023-10-02; or check the"
        " keys, the role and its trust policy, the AWS region, and this machine's clock"
    )


class AccessDeniedError(AuthorizationError):
    """The Selling Partner API refused the request (401, 403)."""

    usual_remedy = (
        "check that the application has the role this operation needs (after a change of roles the"
        " selling partner must authorise it again), that the endpoint and the marketplaces belong"
        " to the selling partner's region, and that the path is spelt as in Amazon's reference"
    )


class AccessTokenRefusedError(AccessDeniedError):
    """The Selling Partner API refused the access token itself."""

    usual_remedy = (
        "check that the selling partner's authorisation is still in force, and authorise the"
        " application again if it is not"
    )


class RestrictedDataError(AccessDeniedError):
    """The application may not see this personal data; the remedy names the role it lacks.

    https://developer-docs.amazon.com/sp-api/docs/selling-partner-api-roles
    """


class RequestError(ApiError):
    """Amazon cannot accept the request as it is; sending it again changes nothing."""

    usual_remedy = "correct the request; the same one would be refused again"


class NotFoundError(RequestError):
    """Amazon knows nothing under this id."""

    usual_remedy = "check the id; it is valid only for the selling partner it was given to"


class NotRestrictedError(RequestError):
    """Amazon gives no restricted data token for this document, since it needs none."""

    usual_remedy = "ask for the document with an access token"


class UnavailableError(ApiError):
    """Amazon could not be reached, or not answer, for as long as we tried."""

    is_curable_by_waiting = True
    usual_remedy = "try again later"


class ThrottledError(UnavailableError):
    """The quota of the operation is spent.

    https://developer-docs.amazon.com/sp-api/docs/usage-plans-and-rate-limits
    """

    usual_remedy = (
        "try again later, and look for other programs that use the quota of the same application"
        " and selling partner"
    )


class ResponseError(ApiError):
    """Amazon answered something that its documentation does not promise."""


class BrokenResponseError(ResponseError):
    """The answer did not arrive whole: asking again is likely to help."""

    is_curable_by_waiting = True
    usual_remedy = "try again later"


class ReportError(SellingPartnerError):
    """A report that brought no document.

    Attributes:
        report_id: Amazon's id of the report, valid for this selling partner only.
        report_type: `GET_…`.
        status: The processing status, as Amazon gave it.
    """

    remedy: ClassVar[str] = "look the report up in Seller Central by its id"

    def __init__(
        self, report_id: str, report_type: str, status: str, explanation: str = ""
    ) -> None:
        super().__init__(report_id, report_type, status, explanation)
        self.report_id = report_id
        self.report_type = report_type
        self.status = status
        self.explanation = explanation

    def __str__(self) -> str:
        report = f"Report {self.report_id} of {self.report_type}"
        reason = f" ({self.explanation})" if self.explanation else ""
        return f"{report} is {self.status}{reason}; {self.remedy}."


class ReportCancelledError(ReportError):
    """Amazon ended the report without a document.

    https://developer-docs.amazon.com/sp-api/docs/reports-faq
    """

    remedy = (
        "there is no data for the window, or the same report was asked for too recently, or"
        " somebody cancelled it: check the window, wait half an hour (FBA reports: four hours), and"
        " try again"
    )


class ReportFatalError(ReportError):
    """Amazon gave the report up."""

    remedy = (
        "check that the window fits the report type (whole days, weeks or months; not in the"
        " future; not too long), its report options, and whether it takes more than one marketplace"
    )


class ReportNotReadyError(ReportError):
    """The report was not finished within our patience; it goes on at Amazon."""

    is_curable_by_waiting = True
    remedy = "wait for the same report id again; creating it anew would spend quota and start over"


class DocumentError(SellingPartnerError):
    """A report document cannot be fetched."""


class BrokenDocumentError(DocumentError):
    """The document did not arrive whole: fetching it again is likely to help."""

    is_curable_by_waiting = True


def redacted(text: str, secrets: Iterable[str]) -> str:
    """Return a text from outside without the secrets it may echo, or any token of Amazon's."""
    for secret in filter(None, secrets):
        text = text.replace(secret, "[secret]")
    return _AMAZONS_TOKENS.sub("[secret]", text)
