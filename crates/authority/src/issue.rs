//! A client gets a token (RFC 6749 section 4.4).

use rescind_core::{
    live_tokens::QuotaReached,
    token::{AccessToken, Claims},
};
use rescind_store::Stale;

use crate::{Authority, Client, CommitError};

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
pub enum IssueError {
    /// The account has as many live ones as it can have.
    #[error(transparent)]
    QuotaReached(#[from] QuotaReached),
    /// A block was needed and could not be made durable, or the secret was deleted since it proved
    /// the client ([`CommitError::Stale`]).
    #[error(transparent)]
    Commit(#[from] CommitError),
}

impl Authority {
    /// A new token for `client`. Every call mints another one; older ones stay valid.
    ///
    /// Nothing is written for a token by itself: the block of status bits that it takes one of was
    /// made durable before the first of them was used.
    ///
    /// # Errors
    ///
    /// [`IssueError`].
    pub async fn issue(&self, client: &Client) -> Result<AccessToken, IssueError> {
        let inner = &*self.0;
        let now = inner.clock.now();
        let client_id = client.principal.client_id;
        if let Some(quota) = &inner.quota {
            // Here too, so that nobody takes blocks for tokens that it cannot have.
            quota.room_for(inner, client_id, now).await?;
        }
        let status = inner.status_bits.take(inner, client, now).await?;
        // Whoever deletes a secret or an account kills the blocks that it has by then. One that
        // was taken after that would be alive.
        let principal = inner.view.principal(client_id).ok_or(CommitError::Stale(Stale))?;
        if !principal.credentials.iter().any(|credential| credential.id == client.secret_id) {
            return Err(CommitError::Stale(Stale).into());
        }
        if let Some(quota) = &inner.quota {
            quota.count(inner, client_id, status.block(), now)?;
        }
        let claims = Claims::new(self.issuer(), client_id, status, now, &*inner.random);
        let token = claims.sign(inner.view.keys().current(now));
        inner.metrics.issued();
        inner.genuine.insert(inner.genuine.fingerprint(token.expose()));
        Ok(token)
    }
}
