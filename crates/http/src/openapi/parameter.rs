//! Parameters that more than one operation takes.

use serde_json::json;
use utoipa::{
    PartialSchema,
    openapi::{
        Deprecated, RefOr, Required, Schema,
        path::{Parameter, ParameterBuilder, ParameterIn},
    },
};

use super::schema::{self, ClientId, Id};

/// A number from 1 to `max`.
pub(crate) fn number(name: &str, what: &str, default: usize, max: usize) -> Parameter {
    let schema = json!({ "type": "integer", "minimum": 1, "maximum": max, "default": default });
    query(name, what, schema::from_json(schema))
}

/// A truth value. What is neither `true` nor `false` counts as the default, and is no error
/// (conventions.md 3).
pub(crate) fn switch(name: &str, what: &str, default: bool) -> Parameter {
    let schema =
        json!({ "anyOf": [{ "type": "boolean" }, { "type": "string" }], "default": default });
    query(name, what, schema::from_json(schema))
}

/// How an answer is written (conventions.md 3).
pub(super) fn presentation() -> [Parameter; 2] {
    let envelope = "Whether a body is wrapped: `{\"status\": 200, \"content\": …}`, and a list gains \
                    `status`. Bodies are described as they are without it.";
    [switch("pretty", "Whether a body is indented", false), switch("envelope", envelope, false)]
}

/// One that the contract has and that means nothing here.
pub(super) fn ignored(name: &str) -> Parameter {
    let any = schema::from_json(json!({ "type": "string" }));
    let parameter = query(name, "Ignored", any);
    ParameterBuilder::from(parameter).deprecated(Some(Deprecated::True)).build()
}

fn query(name: &str, what: &str, schema: RefOr<Schema>) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Query)
        .description(Some(what))
        .schema(Some(schema))
        .build()
}

fn whole_number() -> RefOr<Schema> {
    schema::from_json(json!({ "type": "integer", "minimum": 0 }))
}

/// The parameters between the braces of a path.
pub(super) fn of_path(path: &str) -> Vec<Parameter> {
    let names = path.split('{').skip(1).filter_map(|rest| rest.split('}').next());
    names
        .map(|name| {
            let (what, schema) = match name {
                "orgId" => ("An organization", Id::schema()),
                "groupId" => ("A project", Id::schema()),
                "clientId" => ("A service account", ClientId::schema()),
                "apiKeyId" => ("An API key", Id::schema()),
                "secretId" => ("A secret of the service account", Id::schema()),
                "entry" => {
                    let text = json!({ "type": "string", "examples": ["203.0.113.0/24"] });
                    ("An address or a block, with `%2F` for its slash", schema::from_json(text))
                }
                "event" => ("An event of the change log, by its number", whole_number()),
                "list" => ("A status list, by its number", whole_number()),
                _ => ("", schema::from_json(json!({ "type": "string" }))),
            };
            ParameterBuilder::new()
                .name(name)
                .parameter_in(ParameterIn::Path)
                .required(Required::True)
                .description(Some(what))
                .schema(Some(schema))
                .build()
        })
        .collect()
}
