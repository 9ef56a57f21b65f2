//! Routes together with their description: nobody can add the one without the other.

use axum::Router;
use rescind_authority::Authority;
use serde_json::{Map, Value};
use utoipa_axum::router::UtoipaMethodRouter;

use super::operation::Operation;

/// A part of the service.
#[derive(Default)]
pub(crate) struct Described {
    router: Router<Authority>,
    /// The Paths Object of OpenAPI.
    paths: Map<String, Value>,
    /// The Schema Objects that it refers to, by their names.
    schemas: Map<String, Value>,
}

impl Described {
    /// Adds what `routes!` makes of the handlers of `path`. Where a handler names a path itself,
    /// that is what the description has after this one.
    pub(crate) fn route(
        mut self,
        path: &str,
        (schemas, paths, methods): UtoipaMethodRouter<Authority>,
    ) -> Self {
        self.router = self.router.route(if path.is_empty() { "/" } else { path }, methods);
        for (suffix, operations) in paths.paths {
            self.paths.insert(format!("{}{suffix}", in_camel_case(path)), json(operations));
        }
        self.schemas.extend(schemas.into_iter().map(|(name, schema)| (name, json(schema))));
        self
    }

    /// Adds a part below `prefix`.
    pub(crate) fn nest(mut self, prefix: &str, part: Self) -> Self {
        let below = part.paths.into_iter().map(|(path, item)| (format!("{prefix}{path}"), item));
        self.paths.extend(below);
        self.schemas.extend(part.schemas);
        self.router = self.router.nest(prefix, part.router);
        self
    }

    /// Adds a part beside this one.
    pub(crate) fn merge(mut self, part: Self) -> Self {
        self.paths.extend(part.paths);
        self.schemas.extend(part.schemas);
        self.router = self.router.merge(part.router);
        self
    }

    /// Changes the router and not the description: layers, fallbacks, other spellings of a path.
    pub(crate) fn with(
        mut self,
        change: impl FnOnce(Router<Authority>) -> Router<Authority>,
    ) -> Self {
        self.router = change(self.router);
        self
    }

    /// Adds to the description of each operation.
    pub(crate) fn describe(mut self, describe: impl Fn(&mut Operation)) -> Self {
        for (path, item) in &mut self.paths {
            for (method, json) in item.as_object_mut().into_iter().flatten() {
                let (path, method) = (path.clone(), method.clone());
                let mut operation = Operation { path, method, json: json.take() };
                describe(&mut operation);
                *json = operation.json;
            }
        }
        self
    }

    /// The Paths and the Schemas of the description.
    pub(crate) fn description(&self) -> (&Map<String, Value>, &Map<String, Value>) {
        (&self.paths, &self.schemas)
    }

    /// The routes.
    pub(crate) fn into_router(self) -> Router<Authority> {
        self.router
    }
}

/// The path with the contract's names in it: `{org_id}` is `{orgId}` to others.
fn in_camel_case(path: &str) -> String {
    let mut words = path.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |path, word| {
        let (initial, rest) = word.split_at(word.len().min(1));
        path + &initial.to_ascii_uppercase() + rest
    })
}

fn json(description: impl serde::Serialize) -> Value {
    // It is all text and numbers, which JSON has.
    serde_json::to_value(description).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn others_see_the_names_of_the_contract_in_a_path() {
        let rows = [
            ("", ""),
            ("/api/oauth/token", "/api/oauth/token"),
            ("/orgs/{org_id}/serviceAccounts", "/orgs/{orgId}/serviceAccounts"),
            ("/{org_id}/{client_id}", "/{orgId}/{clientId}"),
            ("/{api_key_id}", "/{apiKeyId}"),
        ];
        for (path, expected) in rows {
            assert_eq!(in_camel_case(path), expected);
        }
    }
}
