//! What is done or not, as the operator likes.

use serde::Deserialize;

/// `on` or `off`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Switch {
    /// It is done.
    On,
    /// It is not.
    Off,
}
