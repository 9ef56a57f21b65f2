//! What operations have in common: names, parameters, credentials, errors.

use axum::http::StatusCode;
use serde_json::{Value, json};
use utoipa::openapi::path::Parameter;

use super::{parameter, response, schema::Role};

const JSON: &str = "application/json";

/// A media type of the Atlas family; any other date is as good (clients.md 8, row 12).
const VERSIONED: &str = "application/vnd.atlas.2024-08-05+json";

/// An Operation Object, and where it stands.
pub(crate) struct Operation {
    pub(super) path: String,
    pub(super) method: String,
    pub(super) json: Value,
}

impl Operation {
    /// One that needs no credentials.
    pub(crate) fn for_everybody(&mut self) {
        self.identify();
        self.take(parameter::of_path(&self.path));
        self.json["security"] = json!([]);
    }

    /// One of the OAuth endpoints.
    pub(crate) fn of_oauth(&mut self) {
        self.identify();
        self.take(parameter::presentation());
        self.take([parameter::ignored("backupJobsEnabledOnly")]);
        self.json["security"] = json!([{ "client": [] }]);
        for status in response::OAUTH {
            self.fail(status, "Oauth");
        }
    }

    /// One of the OAuth endpoints that refuse who asks too often.
    pub(crate) fn limited(&mut self) {
        self.fail(StatusCode::TOO_MANY_REQUESTS, "Oauth");
    }

    /// One of the management API, whichever root it is below.
    pub(crate) fn of_management(&mut self) {
        Role::tell_level(&self.path, &mut self.json);
        self.identify();
        self.take(parameter::of_path(&self.path));
        self.take(parameter::presentation());
        self.json["security"] = json!([{ "bearer": [] }, { "oauth2": [] }, { "digest": [] }]);
        self.fail_as_others();
    }

    /// One for the followers of the feed, who call as those of the management API do.
    pub(crate) fn of_feed(&mut self) {
        self.identify();
        self.take(parameter::of_path(&self.path));
        self.json["security"] = json!([{ "bearer": [] }, { "oauth2": [] }]);
        self.fail_as_others();
    }

    fn fail_as_others(&mut self) {
        let has_body = self.json.get("requestBody").is_some();
        let is_a_list = self.json["parameters"].to_string().contains("\"pageNum\"");
        let errors = [
            (has_body || is_a_list, StatusCode::BAD_REQUEST),
            (true, StatusCode::UNAUTHORIZED),
            (true, StatusCode::FORBIDDEN),
            (has_body || self.path.contains('{'), StatusCode::NOT_FOUND),
            (self.method != "get", StatusCode::CONFLICT),
            (has_body, StatusCode::PAYLOAD_TOO_LARGE),
            (has_body, StatusCode::UNSUPPORTED_MEDIA_TYPE),
            (true, StatusCode::TOO_MANY_REQUESTS),
            (true, StatusCode::INTERNAL_SERVER_ERROR),
            (true, StatusCode::SERVICE_UNAVAILABLE),
        ];
        for (_, status) in errors.into_iter().filter(|(possible, _)| *possible) {
            self.fail(status, "");
        }
    }

    /// One of the first family: to change an account from a project its roles are wanted in any
    /// case (service-accounts-api.md 4, row P4).
    pub(crate) fn of_cloud_manager(&mut self) {
        if self.method == "patch" && self.path == "/groups/{groupId}/serviceAccounts/{clientId}" {
            let body = &mut self.json["requestBody"]["content"][JSON]["schema"];
            body["required"] = json!(["roles"]);
            // Absent and null are one.
            body["properties"]["roles"]["type"] = "array".into();
        }
    }

    /// One of the Atlas family: media types have a date, and a lacking role is a 403.
    pub(crate) fn of_atlas(&mut self) {
        let id = format!("atlas {}", self.json["operationId"].as_str().unwrap_or_default());
        self.json["operationId"] = in_camel_case(&id).into();
        for status in [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN] {
            self.fail(status, "Atlas");
        }
        let also_versioned = |body: &mut Value| {
            if let Some(content) = body.get_mut("content").and_then(Value::as_object_mut)
                && let Some(json) = content.get(JSON).cloned()
            {
                content.insert(VERSIONED.to_owned(), json);
            }
        };
        if let Some(body) = self.json.get_mut("requestBody") {
            also_versioned(body);
        }
        for (_, response) in self.json["responses"].as_object_mut().into_iter().flatten() {
            also_versioned(response);
        }
    }

    /// Names the operation by its summary, and by what else tells it from those that have the same.
    fn identify(&mut self) {
        let summary = self.json["summary"].as_str().unwrap_or_default();
        let from_project =
            self.path.starts_with("/groups/{groupId}/") && !summary.contains("project");
        let of_secret = self.path.ends_with("/secrets/{secretId}/tokens");
        let of_key = self.path.contains("/apiKeys/") && !summary.contains("key");
        let key = if of_key { " of API key" } else { "" };
        let project = if from_project { " in project" } else { "" };
        let secret = if of_secret { " of secret" } else { "" };
        let words = format!("{summary}{project}{key}{secret}");
        self.json["operationId"] = in_camel_case(&words).into();
    }

    fn take(&mut self, parameters: impl IntoIterator<Item = Parameter>) {
        let mut all = self.json["parameters"].as_array().cloned().unwrap_or_default();
        all.extend(parameters.into_iter().map(|parameter| json!(parameter)));
        self.json["parameters"] = all.into();
    }

    /// Can be answered with an error that many others have.
    fn fail(&mut self, status: StatusCode, family: &str) {
        let name = response::name(status, family);
        let reference = json!({ "$ref": format!("#/components/responses/{name}") });
        let responses = &mut self.json["responses"];
        responses[status.as_str()] = reference;
        if let Value::Object(responses) = responses {
            responses.sort_keys();
        }
    }
}

/// `List the projects` as `listProjects`.
fn in_camel_case(words: &str) -> String {
    let mut name = String::new();
    let words = words.split(|c: char| !c.is_ascii_alphanumeric());
    for word in words.filter(|word| !matches!(*word, "" | "a" | "an" | "the")) {
        let (initial, rest) = word.split_at(1);
        let initial = if name.is_empty() {
            initial.to_ascii_lowercase()
        } else {
            initial.to_ascii_uppercase()
        };
        name += &initial;
        name += rest;
    }
    name
}
