//! Who is asking, by HTTP Digest with an API key (RFC 7616).

use std::{net::IpAddr, sync::Arc};

use rescind_core::{
    api_key::{ApiKeyPrincipal, PrivateKey, PublicKey},
    authorization::Rights,
    data_keys::DataKeys,
    digest::{Ha1s, NonceCount, Presented},
    id::{ApiKeyId, OrgId},
    random::Random,
};

use crate::{AddressRefused, Authority, Caller, member::Member};

/// Why somebody may not call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DigestError {
    /// An unknown key or a wrong response: one and the same.
    #[error("the response proves no API key")]
    Unknown,
    /// The response is right, and its nonce cannot be used: it is too old, it was not issued by
    /// this run of the server, or it was used for this request already. Another one will do.
    #[error("the nonce cannot be used any more")]
    Stale,
    /// The key may not be used from this address.
    #[error(transparent)]
    Address(#[from] AddressRefused),
}

impl Authority {
    /// A nonce for a challenge; `None` if no API key is let in. Nothing is remembered of it.
    #[must_use]
    pub fn challenge(&self) -> Option<String> {
        let inner = &*self.0;
        inner.settings.api_keys.then(|| inner.nonce_key.issue(inner.clock.now(), &*inner.random))
    }

    /// The API key that `presented` proves for a request with this method, asking from `address`.
    /// That the request's target is the one of `presented` is the parser's to check.
    ///
    /// An unknown key takes the same path as a wrong response: it is compared with a key that
    /// nobody has. The nonce counts only under a right response, so that nobody else can use it up
    /// or fill the memory of used ones.
    ///
    /// # Errors
    ///
    /// [`DigestError`].
    pub fn authorize_digest(
        &self,
        presented: &Presented<'_>,
        method: &str,
        address: IpAddr,
    ) -> Result<Caller, DigestError> {
        let inner = &*self.0;
        if !inner.settings.api_keys {
            return Err(DigestError::Unknown);
        }
        let known = presented.username.parse().ok().and_then(|key| inner.view.key_named(key));
        let key = known.unwrap_or_else(|| Arc::clone(&inner.nobodys_key));
        let ha1s = key.credentials.open(&inner.data_keys, key.id).map_err(|error| {
            tracing::error!(%key.id, %error, "an API key cannot be used");
            DigestError::Unknown
        })?;
        if !presented.is_right(&ha1s, method) {
            return Err(DigestError::Unknown);
        }
        let now = inner.clock.now();
        let count = presented.qop.as_ref().map(|qop| NonceCount::number(qop.count));
        inner
            .nonce_key
            .recognize(&presented.nonce)
            .filter(|nonce| nonce.is_live(now) && inner.used_nonces.take(*nonce, count))
            .ok_or(DigestError::Stale)?;
        self.admit(&*key, address)?;
        Ok(Caller::new(Member::ApiKey(key), address))
    }
}

/// An API key whose private key was thrown away.
pub(crate) fn nobodys_key(data_keys: &DataKeys, random: &dyn Random) -> ApiKeyPrincipal {
    let id = ApiKeyId::from_bytes([0; 12]);
    let public_key = PublicKey::generate(random);
    let ha1s = Ha1s::new(public_key, &PrivateKey::generate(random));
    ApiKeyPrincipal {
        id,
        public_key,
        rights: Rights::none(OrgId::from_bytes([0; 12])),
        credentials: ha1s.wrap(data_keys, id, random),
        access_list: None,
    }
}
