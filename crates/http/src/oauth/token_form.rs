//! What is sent to endpoints that are told a token.

use serde_json::json;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, Schema},
};

use crate::openapi::schema;

/// The form that names a token.
pub(super) enum TokenForm {}

impl TokenForm {
    /// The token itself.
    pub(super) const TOKEN: &str = "token";
    /// A hint is only a hint: it may stand once, and every token is looked up alike.
    pub(super) const PARAMETERS: [&str; 2] = [Self::TOKEN, "token_type_hint"];
}

impl PartialSchema for TokenForm {
    fn schema() -> RefOr<Schema> {
        let [token, hint] = Self::PARAMETERS;
        schema::from_json(json!({
            "type": "object",
            "properties": {
                token: { "type": "string", "minLength": 1 },
                hint: { "type": "string" },
            },
            "required": [token],
        }))
    }
}

impl ToSchema for TokenForm {}
