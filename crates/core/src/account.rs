//! Service accounts: all of one, and the part of it that every request needs.

use enumset::EnumSet;
use smallvec::SmallVec;

use crate::{
    access_list::AccessList,
    authorization::Rights,
    clock::UnixTime,
    id::{ClientId, GroupId, OrgId, SecretId},
    role::{GroupRole, OrgRole},
    secret::SecretHash,
};

/// The most secrets that one service account can have; expired ones count (conventions.md 6).
pub const MAX_SECRETS: usize = 2;

/// How long a secret can live, in hours (service-accounts-api.md 2.1).
pub const SECRET_HOURS: std::ops::RangeInclusive<u32> = 8..=8766;

/// How long an older secret lives on once there is a newer one, in seconds: seven days
/// (conventions.md 6).
pub const OVERLAP_SECONDS: i64 = 7 * 24 * 3600;

/// A service account as the management API shows it.
#[derive(Clone, Debug)]
pub struct ServiceAccount {
    /// Its id, and the `sub` of its tokens.
    pub client_id: ClientId,
    /// The organization that it belongs to.
    pub org_id: OrgId,
    /// Its name; need not be unique.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// When it was created.
    pub created_at: UnixTime,
    /// Its roles in the organization.
    pub roles: EnumSet<OrgRole>,
    /// Its secrets, oldest first, expired ones included.
    pub secrets: Vec<Secret>,
}

/// A secret of a service account, as it is stored.
#[derive(Clone, Debug)]
pub struct Secret {
    /// Its id.
    pub id: SecretId,
    /// What is kept of it.
    pub hash: SecretHash,
    /// The last four characters, for the mask.
    pub last_four: String,
    /// When it was created.
    pub created_at: UnixTime,
    /// From when on it authenticates nobody.
    pub expires_at: UnixTime,
    /// When it last authenticated somebody.
    pub last_used_at: Option<UnixTime>,
}

/// The roles of a service account in one project.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// The project.
    pub group_id: GroupId,
    /// Its roles there.
    pub roles: EnumSet<GroupRole>,
}

/// What every request needs to know of a service account; small, since all are held in memory.
#[derive(Clone, Debug)]
pub struct Principal {
    /// Its id.
    pub client_id: ClientId,
    /// What it may do, and where.
    pub rights: Rights,
    /// What it authenticates with, oldest first; nearly always one.
    pub credentials: SmallVec<[Credential; 1]>,
    /// From where it may be used; most have none.
    pub access_list: Option<Box<AccessList>>,
}

/// The part of a secret that authenticates.
#[derive(Clone, Copy, Debug)]
pub struct Credential {
    /// The secret's id.
    pub id: SecretId,
    /// What is kept of it.
    pub hash: SecretHash,
    /// From when on it authenticates nobody.
    pub expires_at: UnixTime,
}

impl Principal {
    /// The live credential that `presented` is the hash of.
    ///
    /// Every credential is compared, so that the time tells neither which one it was nor whether
    /// it has expired.
    #[must_use]
    pub fn authenticate(&self, presented: &SecretHash, now: UnixTime) -> Option<SecretId> {
        self.credentials.iter().fold(None, |found, credential| {
            let (matches, live) = (credential.hash.matches(presented), now < credential.expires_at);
            if matches && live { Some(credential.id) } else { found }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{data_keys::DataKeys, random::SystemRandom, secret::SecretHasher};

    fn principal(secrets: &[(u8, SecretHash, i64)]) -> Principal {
        Principal {
            client_id: ClientId::from_bytes([1; 12]),
            rights: Rights::none(OrgId::from_bytes([2; 12])),
            access_list: None,
            credentials: secrets
                .iter()
                .map(|(id, hash, expires_at)| Credential {
                    id: SecretId::from_bytes([*id; 12]),
                    hash: *hash,
                    expires_at: UnixTime::from_second(*expires_at),
                })
                .collect(),
        }
    }

    /// oauth-endpoints.md 1.2: any non-expired, non-deleted secret, up to two at once.
    #[test]
    fn any_live_secret_authenticates_and_no_other() {
        let hasher = SecretHasher::new(&DataKeys::generate(&SystemRandom));
        let now = UnixTime::from_second(100);
        let account = principal(&[
            (1, hasher.hash("old"), 100),
            (2, hasher.hash("a"), 101),
            (3, hasher.hash("b"), 500),
        ]);
        let id = |n| Some(SecretId::from_bytes([n; 12]));
        let rows = [
            ("expired this very second", "old", None),
            ("the older live one", "a", id(2)),
            ("the newer one", "b", id(3)),
            ("a wrong one", "c", None),
            ("an empty one", "", None),
        ];
        for (row, presented, expected) in rows {
            assert_eq!(account.authenticate(&hasher.hash(presented), now), expected, "row: {row}");
        }
    }
}
