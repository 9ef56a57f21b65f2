//! Schemas of values that the domain knows: what they look like in JSON.

use enumset::{EnumSet, EnumSetType};
use rescind_core::role;
use serde_json::{Value, json};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, schema::Schema},
};

/// A schema, from its JSON.
pub(crate) fn from_json(json: Value) -> RefOr<Schema> {
    let written = json.clone();
    #[expect(
        clippy::expect_used,
        reason = "each is written down in the code and read at the start"
    )]
    let schema: RefOr<Schema> = serde_json::from_value(json).expect("a schema");
    debug_assert_eq!(json!(schema), written, "the type of schemas has no place for a part of it");
    schema
}

/// Types that are only the name of a schema.
macro_rules! named {
    ($(#[doc = $doc:literal] $name:ident = $schema:expr;)+) => { $(
        #[doc = $doc]
        pub(crate) enum $name {}

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                let mut schema = $schema;
                schema["description"] = $doc.trim().into();
                from_json(schema)
            }
        }

        impl ToSchema for $name {}
    )+ };
}

named! {
    /// An organization, a project, a secret, an API key or an event.
    Id = json!({
        "type": "string",
        "pattern": "^[a-f0-9]{24}$",
        "examples": ["6400aa11bb22cc33dd44ee55"],
    });
    /// A service account.
    ClientId = json!({
        "type": "string",
        "pattern": "^mdb_sa_id_[a-fA-F0-9]{24}$",
        "examples": ["mdb_sa_id_6b1f0c2d9a4e57833c0d9e11"],
    });
    /// Shown to the second, in UTC.
    Time = json!({
        "type": "string",
        "format": "date-time",
        "examples": ["2025-03-01T09:00:00Z"],
    });
    /// An IPv4 or IPv6 address.
    Address = json!({ "type": "string", "format": "ip", "examples": ["198.51.100.7"] });
    /// A block of addresses in CIDR notation.
    Block = json!({ "type": "string", "format": "cidr", "examples": ["203.0.113.0/24"] });
    /// The name of a service account, a project or an organization.
    Name = text(64);
    /// What something is for.
    Description = text(250);
    /// An event of the feed.
    FeedEvent = json!({
        "type": "object",
        "properties": {
            "id": {
                "type": "string",
                "pattern": "^[0-9]+$",
                "description": "The number of the last event of the change log that it includes",
            },
            "event": { "type": "string", "enum": ["hello", "changed", "alive", "missed"] },
            "data": { "type": "string", "description": "JSON, as docs/feed.md describes it" },
        },
        "required": ["id", "event", "data"],
    });
    /// A public key (RFC 7517 section 4).
    Jwk = json!({
        "type": "object",
        "properties": {
            "kty": { "type": "string", "enum": ["EC", "OKP"] },
            "crv": { "type": "string" },
            "x": { "type": "string" },
            "y": { "type": "string" },
            "kid": { "type": "string" },
            "use": { "type": "string", "enum": ["sig"] },
            "alg": { "type": "string" },
        },
        "required": ["kty", "crv", "x", "kid", "use", "alg"],
    });
    /// What an API key is for.
    KeyDescription = json!({
        "type": "string",
        "minLength": 1,
        "maxLength": 250,
        "pattern": "^[^\\u0000-\\u001f\\u007f-\\u009f]*$",
    });
    /// A role in an organization.
    OrgRole = json!({ "type": "string", "enum": names(role::OrgRole::as_str) });
    /// A role in a project.
    GroupRole = json!({ "type": "string", "enum": names(role::GroupRole::as_str) });
}

/// A role, of one level or of the other.
pub(crate) enum Role {}

impl Role {
    /// Says which roles `operation` means: below `/orgs` those of an organization, below `/groups`
    /// those of a project.
    pub(super) fn tell_level(path: &str, operation: &mut Value) {
        let level = match path.split('/').nth(1) {
            Some("orgs") => "OrgRole",
            Some("groups") => "GroupRole",
            _ => return,
        };
        let (role, level) = ("schemas/Role\"", format!("schemas/{level}\""));
        if let Ok(told) = serde_json::from_str(&operation.to_string().replace(role, &level)) {
            *operation = told;
        }
    }
}

impl PartialSchema for Role {
    fn schema() -> RefOr<Schema> {
        let refer = |name| json!({ "$ref": format!("#/components/schemas/{name}") });
        from_json(json!({ "anyOf": [refer("OrgRole"), refer("GroupRole")] }))
    }
}

impl ToSchema for Role {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((OrgRole::name().into_owned(), OrgRole::schema()));
        schemas.push((GroupRole::name().into_owned(), GroupRole::schema()));
    }
}

/// A text of the contract (service-accounts-api.md 2.1).
fn text(max: usize) -> Value {
    let pattern = r"^[\p{L}\p{N}\-_.,' ]*$";
    json!({ "type": "string", "minLength": 1, "maxLength": max, "pattern": pattern })
}

fn names<R: EnumSetType>(name: impl Fn(R) -> &'static str) -> Vec<&'static str> {
    EnumSet::all().iter().map(name).collect()
}
