//! Names of things: 24 hexadecimal digits, as the contract writes them (service-accounts-api.md 2).

use std::{
    fmt,
    str::FromStr,
    sync::{Mutex, PoisonError},
};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::{
    clock::UnixTime,
    random::{self, Random},
};

/// A text that is not an id of the kind that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an id of this kind")]
pub struct ParseIdError;

/// Four bytes of time, then eight of chance: tables keyed by an id are appended to, not shuffled.
fn generate(now: UnixTime, random: &dyn Random) -> [u8; 12] {
    let mut bytes = random::bytes::<12>(random);
    // The time of an id wraps in 2106; it is there for order on disk and means nothing.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "wraps, see above"
    )]
    bytes[..4].copy_from_slice(&(now.as_second() as u32).to_be_bytes());
    bytes
}

/// Makes ids of all kinds, each greater than those before it: sorted, they are in the order in which
/// they were made, also those of one second, and whatever the clock does.
#[derive(Debug)]
pub struct Ids {
    last: Mutex<[u8; 12]>,
}

impl Ids {
    /// Makes ids that are greater than `last`.
    #[must_use]
    pub const fn after(last: [u8; 12]) -> Self {
        Self { last: Mutex::new(last) }
    }

    /// The next id. How much greater it is than the last one, nobody can foresee.
    pub fn next<Id: From<[u8; 12]>>(&self, now: UnixTime, random: &dyn Random) -> Id {
        let fresh = generate(now, random);
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        *last = if fresh[..4] > last[..4] { fresh } else { step(*last, random) };
        Id::from(*last)
    }
}

/// An id that is greater by 1 to 2^32. A second has room for as many ids as that; should it not,
/// the next one's is used.
fn step(id: [u8; 12], random: &dyn Random) -> [u8; 12] {
    let mut number = [0; 16];
    number[4..].copy_from_slice(&id);
    let step = u32::from_be_bytes(random::bytes(random));
    let next = u128::from_be_bytes(number) + 1 + u128::from(step);
    let mut bytes = [0; 12];
    bytes.copy_from_slice(&next.to_be_bytes()[4..]);
    bytes
}

macro_rules! object_id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 12]);

        impl $name {
            /// A new id. It has no order among those of the same second: see [`Ids`].
            #[must_use]
            pub fn generate(now: UnixTime, random: &dyn Random) -> Self {
                Self(generate(now, random))
            }

            /// The id that [`Self::as_bytes`] was taken from.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; 12]) -> Self {
                Self(bytes)
            }

            /// The twelve bytes that the digits stand for.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 12] {
                &self.0
            }
        }

        impl From<[u8; 12]> for $name {
            fn from(bytes: [u8; 12]) -> Self {
                Self(bytes)
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;

            fn from_str(text: &str) -> Result<Self, ParseIdError> {
                let digits = text.strip_prefix($prefix).ok_or(ParseIdError)?;
                let mut bytes = [0; 12];
                hex::decode_to_slice(digits, &mut bytes).map_err(|_| ParseIdError)?;
                Ok(Self(bytes))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let mut digits = [0; 24];
                hex::encode_to_slice(self.0, &mut digits).map_err(|_| fmt::Error)?;
                f.write_str($prefix)?;
                f.write_str(std::str::from_utf8(&digits).map_err(|_| fmt::Error)?)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                // Borrowed where the input allows it: a token is read on every request.
                struct Text;
                impl de::Visitor<'_> for Text {
                    type Value = $name;
                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str("24 hexadecimal digits")
                    }
                    fn visit_str<E: de::Error>(self, text: &str) -> Result<$name, E> {
                        text.parse().map_err(E::custom)
                    }
                }
                deserializer.deserialize_str(Text)
            }
        }
    };
}

object_id!(
    /// An organization.
    OrgId, ""
);
object_id!(
    /// A project; the contract's paths say "group".
    GroupId, ""
);
object_id!(
    /// A secret of a service account; tells nothing of the secret itself.
    SecretId, ""
);
object_id!(
    /// An API key of an organization; tells nothing of the key itself.
    ApiKeyId, ""
);
object_id!(
    /// A service account, as OAuth 2.0 knows it: `mdb_sa_id_` and 24 digits.
    ///
    /// ```
    /// # use rescind_core::id::ClientId;
    /// let id: ClientId = "mdb_sa_id_6B1F0c2d9a4e57833c0d9e11".parse()?;
    /// assert_eq!(id.to_string(), "mdb_sa_id_6b1f0c2d9a4e57833c0d9e11");
    /// # Ok::<(), rescind_core::id::ParseIdError>(())
    /// ```
    ClientId, "mdb_sa_id_"
);

/// Whoever can call the management API, and has an access list for that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PrincipalId {
    /// A service account.
    Account(ClientId),
    /// An API key.
    ApiKey(ApiKeyId),
}

impl From<ClientId> for PrincipalId {
    fn from(id: ClientId) -> Self {
        Self::Account(id)
    }
}

impl From<ApiKeyId> for PrincipalId {
    fn from(id: ApiKeyId) -> Self {
        Self::ApiKey(id)
    }
}

impl fmt::Display for PrincipalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account(id) => id.fmt(f),
            Self::ApiKey(id) => id.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SystemRandom;

    #[test]
    fn what_is_not_24_digits_is_no_id() {
        let rows =
            ["", "6b1f", "6b1f0c2d9a4e57833c0d9e1g", "6b1f0c2d9a4e57833c0d9e1100", "mdb_sa_id_"];
        for row in rows {
            assert_eq!(row.parse::<OrgId>(), Err(ParseIdError), "row: {row}");
            assert_eq!(row.parse::<ClientId>(), Err(ParseIdError), "row: {row}");
        }
    }

    /// The seconds at which ids are made: in one, in the next, and with a clock that was set back.
    #[test]
    fn ids_sort_in_the_order_in_which_they_were_made() {
        let ids = Ids::after([0; 12]);
        let made: Vec<ClientId> = [7, 7, 7, 7, 7, 8, 8, 3, 3, 8, 9]
            .map(|second| ids.next(UnixTime::from_second(second), &SystemRandom))
            .into();
        assert!(made.is_sorted_by(|earlier, later| earlier < later), "{made:?}");
    }

    #[test]
    fn ids_follow_those_that_were_there_before() {
        let before = [0xff, 0xff, 0xff, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
        let next: OrgId = Ids::after(before).next(UnixTime::from_second(7), &SystemRandom);
        assert!(next > OrgId::from_bytes(before));
    }

    #[test]
    fn an_id_begins_with_the_time_that_it_was_made_at() {
        let now = UnixTime::from_second(0x0102_0304);
        let id: GroupId = Ids::after([0; 12]).next(now, &SystemRandom);
        assert_eq!(id.as_bytes()[..4], [1, 2, 3, 4]);
        assert_eq!(GroupId::generate(now, &SystemRandom).as_bytes()[..4], [1, 2, 3, 4]);
    }

    #[test]
    fn the_last_of_all_ids_is_followed_by_the_first() {
        let ids = Ids::after([0xff; 12]);
        let next: OrgId = ids.next(UnixTime::from_second(7), &SystemRandom);
        assert_eq!(next.as_bytes()[..4], [0, 0, 0, 0]);
    }

    #[test]
    fn an_id_survives_being_written() {
        let id = ClientId::generate(UnixTime::from_second(1), &SystemRandom);
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(
            serde_json::from_str::<ClientId>(&serde_json::to_string(&id).unwrap()).unwrap(),
            id
        );
    }
}
