//! An API key as its user has it, and what a client makes of it.

use std::net::IpAddr;

use aws_lc_rs::digest::{SHA256, digest};
use enumset::EnumSet;
use md5::{Digest as _, Md5};
use rescind_authority::{Authority, Caller, DigestError, NewApiKey};
use rescind_core::{
    api_key::{ApiKey, PrivateKey, PublicKey},
    digest::{Algorithm, NonceCount, Presented, Qop},
    id::{ApiKeyId, OrgId},
    role::OrgRole,
    text::KeyDescription,
};

use super::{ADDRESS, World};

#[derive(Clone)]
pub(crate) struct Key {
    pub(crate) id: ApiKeyId,
    pub(crate) org_id: OrgId,
    pub(crate) public: PublicKey,
    pub(crate) private: PrivateKey,
}

/// A fresh nonce.
pub(crate) fn nonce(world: &World) -> String {
    world.authority.challenge().unwrap()
}

fn hash(algorithm: Algorithm, text: &str) -> String {
    match algorithm {
        Algorithm::Md5 => hex::encode(Md5::digest(text)),
        Algorithm::Sha256 => hex::encode(digest(&SHA256, text.as_bytes())),
    }
}

impl Key {
    pub(crate) const TARGET: &str = "/api/public/v1.0/orgs?pretty=true";

    /// A key to be made.
    pub(crate) fn to_be_made(roles: impl Into<EnumSet<OrgRole>>) -> NewApiKey {
        let description = KeyDescription::parse("Deploys (CI/CD)").unwrap();
        NewApiKey { description, roles: roles.into() }
    }

    /// One that the first owner of the world makes in its organization.
    pub(crate) async fn of(world: &World, roles: impl Into<EnumSet<OrgRole>>) -> Self {
        let owner = world.caller(&world.owner).await;
        let new = Self::to_be_made(roles);
        world.authority.create_api_key(&owner, world.org_id, &new).await.unwrap().into()
    }

    /// What a client presents for `GET` [`Self::TARGET`]; without a count as of RFC 2069.
    pub(crate) fn answer(
        &self,
        nonce: &str,
        algorithm: Algorithm,
        count: Option<u32>,
    ) -> Presented<'static> {
        let (name, password) = (self.public, self.private.expose());
        let ha1 = hash(algorithm, &format!("{name}:MMS Public API:{password}"));
        let ha2 = hash(algorithm, &format!("GET:{}", Self::TARGET));
        let response = match count {
            Some(count) => format!("{ha1}:{nonce}:{count:08x}:0a4f113b:auth:{ha2}"),
            None => format!("{ha1}:{nonce}:{ha2}"),
        };
        Presented {
            username: self.public.to_string().into(),
            realm: "MMS Public API".into(),
            nonce: nonce.to_owned().into(),
            uri: Self::TARGET.into(),
            response: hash(algorithm, &response).into(),
            algorithm,
            qop: count.map(|count| Qop {
                cnonce: "0a4f113b".into(),
                count: NonceCount::parse(&format!("{count:08x}")).unwrap(),
            }),
        }
    }

    /// What comes of an answer to a challenge of its own, from an address.
    pub(crate) fn try_from(
        &self,
        authority: &Authority,
        address: IpAddr,
    ) -> Result<Caller, DigestError> {
        let nonce = authority.challenge().unwrap();
        let presented = self.answer(&nonce, Algorithm::Md5, Some(1));
        authority.authorize_digest(&presented, "GET", address)
    }

    pub(crate) fn caller(&self, world: &World) -> Caller {
        self.try_from(&world.authority, ADDRESS).unwrap()
    }
}

impl From<(ApiKey, PrivateKey)> for Key {
    fn from((key, private): (ApiKey, PrivateKey)) -> Self {
        Self { id: key.id, org_id: key.org_id, public: key.public_key, private }
    }
}
