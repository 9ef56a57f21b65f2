//! A client gets a token (RFC 6749 section 4.4).

use rescind_core::token::{AccessToken, Claims};
use rescind_store::Stale;

use crate::{Authority, Client, CommitError};

impl Authority {
    /// A new token for `client`. Every call mints another one; older ones stay valid.
    ///
    /// Nothing is written for a token by itself: the block of status bits that it takes one of was
    /// made durable before the first of them was used.
    ///
    /// # Errors
    ///
    /// [`CommitError`] when a block was needed and could not be made durable;
    /// [`CommitError::Stale`] when the secret was deleted since it proved the client.
    pub async fn issue(&self, client: &Client) -> Result<AccessToken, CommitError> {
        let inner = &*self.0;
        let now = inner.clock.now();
        let status = inner.status_bits.take(inner, client, now).await?;
        let client_id = client.principal.client_id;
        // Whoever deletes a secret or an account kills the blocks that it has by then. One that
        // was taken after that would be alive.
        let principal = inner.view.principal(client_id).ok_or(Stale)?;
        if !principal.credentials.iter().any(|credential| credential.id == client.secret_id) {
            return Err(Stale.into());
        }
        let claims = Claims::new(self.issuer(), client_id, status, now, &*inner.random);
        let token = claims.sign(inner.view.keys().current(now));
        inner.metrics.issued();
        inner.genuine.insert(inner.genuine.fingerprint(token.expose()));
        Ok(token)
    }
}
