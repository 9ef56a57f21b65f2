//! Where IP access lists hold: the two pages of the contract disagree (oauth-endpoints.md 5.3).

use serde::Deserialize;

/// Where the access list of a service account is enforced.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum AccessLists {
    /// Where tokens are had and taken back, and where they are used: Cloud Manager.
    #[default]
    Everywhere,
    /// Only where they are used: Atlas.
    Api,
}
