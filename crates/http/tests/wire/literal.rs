//! The answers of oauth-endpoints.md 4, to the letter: status and body.

/// A status and a body.
pub(crate) type Outcome = (u16, &'static str);

pub(crate) const INVALID_REQUEST: Outcome = (
    400,
    r#"{"error_description":"The provided credentials are not valid.","error":"invalid_request"}"#,
);
pub(crate) const UNSUPPORTED_GRANT_TYPE: Outcome =
    (400, r#"{"error_description":"Invalid grant type.","error":"unsupported_grant_type"}"#);
pub(crate) const INVALID_GRANT: Outcome =
    (400, r#"{"error_description":"Invalid grant.","error":"invalid_grant"}"#);
pub(crate) const INVALID_CLIENT: Outcome =
    (401, r#"{"error_description":"Invalid credentials provided.","error":"invalid_client"}"#);
pub(crate) const SERVER_ERROR: Outcome =
    (500, r#"{"error_description":"Unexpected error.","error":"server_error"}"#);

/// The contract gives no body of its own to these two; the text of a malformed request fits.
pub(crate) const TOO_LARGE: Outcome = (413, INVALID_REQUEST.1);
pub(crate) const METHOD_NOT_ALLOWED: Outcome = (405, INVALID_REQUEST.1);

/// The contract gives no body to it.
pub(crate) const OVERLOADED: Outcome = (503, "");

/// A revocation that succeeded (2.2).
pub(crate) const REVOKED: Outcome = (200, "");

/// What introspection says of whatever is not a live token of the caller's organization.
pub(crate) const INACTIVE: Outcome = (200, r#"{"active":false}"#);
