//! Whether API keys are taken.

use serde::Deserialize;

/// Whether whoever has an API key can log in with it, by HTTP Digest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ApiKeys {
    /// As the contract has it.
    #[default]
    On,
    /// Only tokens are taken; no key can be made.
    Off,
}
