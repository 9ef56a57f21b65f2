//! Tokens are taken back: one, all of a secret, all of an account.

use rescind_core::{
    id::{ClientId, OrgId, SecretId},
    revocation::{Verdict, decide},
};
use rescind_store::{Actor, Change, Seq, Transaction};

use crate::{Authority, Client, CommitError};

/// Why a token was not taken back.
#[derive(Debug, thiserror::Error)]
pub enum RevokeError {
    /// It is live, and was issued to another account. It stays alive.
    #[error("the token was issued to another account")]
    NotYours,
    /// The store failed. The token must be assumed to live; the caller may ask again.
    #[error(transparent)]
    Commit(#[from] CommitError),
}

impl Authority {
    /// Takes `token` back on behalf of `client`.
    ///
    /// When this returns `Ok`, the token is dead on disk and for every reader of this node, and so
    /// it is for every follower that has applied the event that is returned. Whatever is not a live
    /// token counts as taken back already (RFC 7009 section 2.2).
    ///
    /// # Errors
    ///
    /// [`RevokeError::NotYours`] leaves the token alive. After [`RevokeError::Commit`] it may be
    /// either: the caller must assume that it lives, and may ask again.
    pub async fn revoke(&self, client: &Client, token: &str) -> Result<Seq, RevokeError> {
        let claims = self.read(token);
        let revoked = claims.as_ref().is_some_and(|claims| self.0.view.is_revoked(claims.status));
        let caller = client.principal.client_id;
        match decide(claims.as_ref(), revoked, caller, self.0.clock.now()) {
            Verdict::AlreadyDead => Ok(self.0.view.showing()),
            Verdict::NotYours => Err(RevokeError::NotYours),
            Verdict::Revoke(claims) => {
                let change = Change::TokenRevoked {
                    status: claims.status,
                    client_id: claims.client_id,
                    token_id: claims.token_id,
                };
                let org_id = client.principal.rights.org_id;
                Ok(self.record(client.actor(), org_id, change).await?)
            }
        }
    }

    /// Takes back every token that was minted with a secret, in one commit however many they are.
    /// Tokens minted with it later are not affected.
    ///
    /// # Errors
    ///
    /// [`CommitError`] when the tokens must be assumed to live.
    pub async fn revoke_tokens_of_secret(
        &self,
        actor: Actor,
        org_id: OrgId,
        client_id: ClientId,
        secret_id: SecretId,
    ) -> Result<Seq, CommitError> {
        self.record(actor, org_id, Change::SecretTokensRevoked { client_id, secret_id }).await
    }

    /// Takes back every token of an account, in one commit however many they are. Tokens issued
    /// to it later are not affected.
    ///
    /// # Errors
    ///
    /// [`CommitError`] when the tokens must be assumed to live.
    pub async fn revoke_tokens_of_account(
        &self,
        actor: Actor,
        org_id: OrgId,
        client_id: ClientId,
    ) -> Result<Seq, CommitError> {
        self.record(actor, org_id, Change::AccountTokensRevoked { client_id }).await
    }

    async fn record(
        &self,
        actor: Actor,
        org_id: OrgId,
        change: Change,
    ) -> Result<Seq, CommitError> {
        let changes = vec![change];
        let transaction = Transaction { actor, org_id: Some(org_id), decided_of: None, changes };
        self.0.writer.commit(transaction).await
    }
}
