//! The errors of service-accounts-api.md 9, to the letter: status and body.

use serde_json::json;

/// A status and a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub status: u16,
    pub body: String,
}

/// The shape of conventions.md 2.2, in its order and without superfluous whitespace.
pub(super) fn refusal(status: u16, code: &str, detail: &str, parameters: &[&str]) -> Refusal {
    let reason = match status {
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        409 => "Conflict",
        413 => "Payload Too Large",
        415 => "Unsupported Media Type",
        _ => panic!("no row has {status}"),
    };
    let [detail, parameters] = [json!(detail), json!(parameters)];
    let body = format!(
        r#"{{"detail":{detail},"error":{status},"errorCode":"{code}","parameters":{parameters},"reason":"{reason}"}}"#
    );
    Refusal { status, body }
}

pub(super) fn invalid(name: &str) -> Refusal {
    let detail = format!("Invalid attribute {name} specified.");
    refusal(400, "INVALID_ATTRIBUTE", &detail, &[name])
}

pub(super) fn missing(name: &str) -> Refusal {
    let detail = format!("The required attribute {name} was not specified.");
    refusal(400, "MISSING_ATTRIBUTE", &detail, &[name])
}

pub(super) fn read_only(name: &str) -> Refusal {
    let detail = format!("The attribute {name} is read-only.");
    refusal(400, "ATTRIBUTE_READ_ONLY", &detail, &[name])
}

pub(super) fn invalid_json() -> Refusal {
    refusal(400, "INVALID_JSON", "Received JSON does not match expected format.", &[])
}

pub(super) fn invalid_query(name: &str) -> Refusal {
    let detail = format!("Invalid query parameter {name} specified.");
    refusal(400, "INVALID_QUERY_PARAMETER", &detail, &[name])
}

pub(super) fn denied(status: u16, code: &str) -> Refusal {
    refusal(status, code, "Current user is not authorized to perform this action.", &[])
}

pub(super) fn no_resource(name: &str) -> Refusal {
    refusal(404, "RESOURCE_NOT_FOUND", &format!("Cannot find resource {name}."), &[name])
}

pub(super) fn no_org(id: &str) -> Refusal {
    refusal(404, "ORG_NOT_FOUND", &format!("No organization with ID {id} exists."), &[id])
}

pub(super) fn no_group(id: &str) -> Refusal {
    refusal(404, "GROUP_NOT_FOUND", &format!("No group with ID {id} exists."), &[id])
}
