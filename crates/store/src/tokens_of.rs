//! Tokens that die together.

use rescind_core::id::{ClientId, OrgId, SecretId};

/// Whose tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TokensOf {
    /// Those minted with a secret of an account.
    Secret(ClientId, SecretId),
    /// Those of an account.
    Account(ClientId),
    /// Those of all accounts that an organization had when it was deleted.
    DeletedOrganization(OrgId),
}
