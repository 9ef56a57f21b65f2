//! The document: everything that is known of the service, put together.

use serde_json::{Map, Value, json};

use super::{described::Described, response};

/// What operations are grouped by, in the order of the document.
const TAGS: [(&str, &str); 11] = [
    ("OAuth 2.0", "A service account gets an access token, asks about one, takes one back."),
    ("Organizations", "The owners of projects and service accounts."),
    ("Projects", "Parts of an organization. Paths call them groups."),
    ("Service accounts", "Below an organization, or below a project that they are assigned to."),
    ("API keys", "The other way to call the management API: by HTTP Digest."),
    ("Access lists", "The addresses that a service account or an API key may be used from."),
    ("Tokens", "All tokens of a service account or of a secret at once."),
    ("Events", "Who changed what, when, and from where."),
    ("Feed", "For resource servers that check tokens by themselves. Beyond MongoDB's contract."),
    ("Discovery", "What clients and resource servers find by themselves."),
    ("Server", "The server itself."),
];

/// What the names of lists begin with.
const LIST_OF: &str = "List_";

const DESCRIPTION: &str = "\
Access tokens for service accounts that can be taken back.\n\n\
Get a token from `/api/oauth/token` with the client id and a secret of a service account, and send \
it as `Authorization: Bearer` to the management API; or show that an API key, by HTTP Digest. That is the same below `/api/public/v1.0` and \
below `/api/atlas/v2`, but for what the operations say. Each of its paths is found with a slash at \
its end, too. Unknown parameters of a query are ignored; unknown attributes of a body are refused \
by name.";

/// The description of all `parts` of the service that clients reach at `issuer`.
pub(crate) fn document(parts: &[&Described], issuer: &str) -> Value {
    let mut paths = Map::new();
    let mut schemas = Map::new();
    for (paths_of_part, schemas_of_part) in parts.iter().map(|part| part.description()) {
        paths.extend(paths_of_part.clone());
        schemas.extend(schemas_of_part.clone());
    }
    schemas.extend(response::schemas());
    name_items(&mut schemas);
    schemas.sort_keys();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Rescind",
            "description": DESCRIPTION,
            "version": env!("CARGO_PKG_VERSION"),
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": issuer }],
        "tags": TAGS.map(|(name, what)| json!({ "name": name, "description": what })),
        "paths": paths,
        "components": {
            "securitySchemes": security_schemes(issuer),
            "responses": response::all(),
            "schemas": schemas,
        },
    })
}

/// What a list is of has a schema of its own. The derived schema of a generic type has its
/// parameter's written into it.
fn name_items(schemas: &mut Map<String, Value>) {
    let lists: Vec<_> = schemas.keys().filter(|name| name.starts_with(LIST_OF)).cloned().collect();
    for list in lists {
        let item = list.trim_start_matches(LIST_OF);
        let reference = json!({ "$ref": format!("#/components/schemas/{item}") });
        let items = &mut schemas[&list]["properties"]["results"]["items"];
        let schema = std::mem::replace(items, reference);
        schemas.insert(item.to_owned(), schema);
    }
}

/// How callers prove who they are.
fn security_schemes(issuer: &str) -> Value {
    json!({
        "client": {
            "type": "http",
            "scheme": "basic",
            "description": "The client id and a secret of a service account. The form may have them \
                            instead, as `client_id` and `client_secret`.",
        },
        "bearer": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "An access token.",
        },
        "digest": {
            "type": "http",
            "scheme": "digest",
            "description": "The public and the private key of an API key, if the server takes such.",
        },
        "oauth2": {
            "type": "oauth2",
            "description": "The same token, from where clients get it by themselves.",
            "flows": {
                "clientCredentials": {
                    "tokenUrl": format!("{issuer}/api/oauth/token"),
                    "scopes": {},
                },
            },
        },
    })
}
