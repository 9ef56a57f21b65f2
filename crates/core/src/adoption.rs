//! An installation that is older than the data keys gets them.
//!
//! It has hashed its secrets under a key that was derived from the installation key, which
//! nobody can do anew, and wrapped all else under another, which is done anew here.

use crate::{
    data_keys::{DataKeys, UnwrapError},
    digest::{self, WrappedHa1s},
    id::ApiKeyId,
    installation_key::InstallationKey,
    random::Random,
    sealed,
    signing::WrappedKey,
};

/// The data keys of an installation, and all that it has wrapped so far, wrapped under them.
#[derive(Debug)]
pub struct Adopted {
    /// The keys.
    pub data_keys: DataKeys,
    /// Its signing keys.
    pub signing_keys: Vec<WrappedKey>,
    /// Its API keys.
    pub api_keys: Vec<(ApiKeyId, WrappedHa1s)>,
}

impl Adopted {
    /// Makes the data keys, and wraps anew what was wrapped under `installation_key`.
    ///
    /// # Errors
    ///
    /// [`UnwrapError`] when something was wrapped under another one.
    pub fn new(
        installation_key: &InstallationKey,
        signing_keys: &[WrappedKey],
        api_keys: &[(ApiKeyId, WrappedHa1s)],
        random: &dyn Random,
    ) -> Result<Self, UnwrapError> {
        let data_keys = DataKeys::adopt(installation_key, random);
        let former = installation_key.derive("rescind signing key wrap 1");
        let anew = |name: &[u8], wrapped: &[u8]| {
            Ok(data_keys.wrap(name, &sealed::unwrap(&former, name, wrapped)?, random))
        };
        let signing_keys = signing_keys.iter().map(|key| {
            let sealed = anew(key.info.kid.as_bytes(), &key.sealed)?;
            Ok(WrappedKey { sealed, ..key.clone() })
        });
        let signing_keys = signing_keys.collect::<Result<_, _>>()?;
        let api_keys = api_keys.iter().map(|(id, ha1s)| {
            let wrapped = anew(&digest::name(*id), ha1s.as_bytes())?;
            let wrapped = wrapped.try_into().map_err(|_| UnwrapError)?;
            Ok((*id, WrappedHa1s::from_bytes(wrapped)))
        });
        let api_keys = api_keys.collect::<Result<_, _>>()?;
        Ok(Self { data_keys, signing_keys, api_keys })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        api_key::PrivateKey,
        clock::UnixTime,
        digest::Ha1s,
        random::SystemRandom,
        signing::{Algorithm, KeyId, KeyInfo},
    };

    /// That a real one of an earlier version is read is tested where there is a store.
    #[test]
    fn what_was_wrapped_is_the_same_and_wrapped_otherwise() {
        let [ours, other] = [0, 1].map(|_| InstallationKey::generate(&SystemRandom));
        let now = UnixTime::from_second(0);
        let (kid, algorithm) = (KeyId::from_bytes([7; 16]), Algorithm::EdDsa);
        let info = KeyInfo { kid, algorithm, created_at: now, signs_from: now };
        let former = ours.derive("rescind signing key wrap 1");
        let sealed = sealed::wrap(&former, kid.as_bytes(), b"document", &SystemRandom);
        let signing_keys = [WrappedKey { info, sealed }];
        let id = ApiKeyId::from_bytes([8; 12]);
        let ha1s = Ha1s::new("abcdefgh".parse().unwrap(), &PrivateKey::generate(&SystemRandom));
        let wrapped = sealed::wrap(&former, &digest::name(id), ha1s.as_bytes(), &SystemRandom);
        let api_keys = [(id, WrappedHa1s::from_bytes(wrapped.try_into().unwrap()))];
        let adopt =
            |key, signing_keys, api_keys| Adopted::new(key, signing_keys, api_keys, &SystemRandom);

        let adopted = adopt(&ours, &signing_keys, &api_keys).unwrap();
        let [signing_key] = &adopted.signing_keys[..] else { panic!("there was one") };
        assert_eq!(signing_key.info, info);
        let document = adopted.data_keys.unwrap(kid.as_bytes(), &signing_key.sealed).unwrap();
        assert_eq!(document.as_slice(), b"document");
        let [(of, credentials)] = adopted.api_keys[..] else { panic!("there was one") };
        assert_eq!(of, id);
        let opened = credentials.open(&adopted.data_keys, id).unwrap();
        assert_eq!(opened.as_bytes(), ha1s.as_bytes());

        assert_eq!(adopt(&other, &signing_keys, &[]).unwrap_err(), UnwrapError);
        assert_eq!(adopt(&other, &[], &api_keys).unwrap_err(), UnwrapError);
    }
}
