//! What every backend keeps as text, and where the entries of access lists lie: SQL differs from
//! one database to the other, and what stands in the rows does not.

use enumset::{EnumSet, EnumSetType};
use rescind_core::id::PrincipalId;

use crate::{Actor, Cause};

const SERVER: &str = "server";
const OPERATOR: &str = "operator";
/// What stands before the id and the public key of an API key.
const API_KEY: &str = "api_key:";

/// The roles whose names are in `names`, with commas between them.
pub(crate) fn roles<R>(names: &str) -> Result<EnumSet<R>, R::Err>
where
    R: EnumSetType + std::str::FromStr,
{
    // Nearly always one.
    if let Ok(role) = names.parse() {
        return Ok(EnumSet::only(role));
    }
    names.split(',').filter(|name| !name.is_empty()).map(R::from_str).collect()
}

/// The text that [`roles`] reads.
pub(crate) fn role_names<R: EnumSetType + ToString>(roles: EnumSet<R>) -> String {
    roles.iter().map(|role| role.to_string()).collect::<Vec<_>>().join(",")
}

/// The name and the address of an actor in the log.
pub(crate) fn actor_texts(actor: Actor) -> (String, Option<String>) {
    match actor {
        Actor::Server => (SERVER.to_owned(), None),
        Actor::Operator => (OPERATOR.to_owned(), None),
        Actor::Account { client_id, address } => (client_id.to_string(), Some(address.to_string())),
        Actor::ApiKey { id, public_key, address } => {
            (format!("{API_KEY}{id}:{public_key}"), Some(address.to_string()))
        }
    }
}

/// The actor that [`actor_texts`] made these of.
pub(crate) fn actor(name: &str, address: Option<&str>) -> Result<Actor, Cause> {
    let address = || Ok::<_, Cause>(address.ok_or("an actor has no address")?.parse()?);
    Ok(match name {
        SERVER => Actor::Server,
        OPERATOR => Actor::Operator,
        name => match name.strip_prefix(API_KEY) {
            Some(name) => {
                let (id, public_key) = name.split_once(':').unwrap_or_default();
                let (id, public_key) = (id.parse()?, public_key.parse()?);
                Actor::ApiKey { id, public_key, address: address()? }
            }
            None => Actor::Account { client_id: name.parse()?, address: address()? },
        },
    })
}

/// Where the access list of an owner lies. The two tables are alike but for whom their rows refer
/// to.
pub(crate) struct AccessTable {
    pub(crate) name: &'static str,
    /// The column of the owner.
    pub(crate) owner: &'static str,
    /// What stands in it.
    pub(crate) id: [u8; 12],
}

impl AccessTable {
    pub(crate) const fn of(owner: PrincipalId) -> Self {
        match owner {
            PrincipalId::Account(id) => {
                Self { name: "access_entries", owner: "client_id", id: *id.as_bytes() }
            }
            PrincipalId::ApiKey(id) => {
                Self { name: "api_key_access_entries", owner: "api_key_id", id: *id.as_bytes() }
            }
        }
    }
}
