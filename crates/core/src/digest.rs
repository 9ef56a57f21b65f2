//! HTTP Digest, by which an API key proves itself (RFC 7616; without `qop` as in RFC 2069).

use std::{borrow::Cow, fmt};

use aws_lc_rs::{constant_time, digest as aws};
use md5::{Digest as _, Md5};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::{
    api_key::{PrivateKey, PublicKey},
    data_keys::{DataKeys, UnwrapError},
    id::ApiKeyId,
    random::Random,
};

/// The realm that every hash of a private key is made for (conventions.md 1.1).
pub const REALM: &str = "MMS Public API";

/// A hash function of Digest. The variants that end in `-sess` are not offered: no client needs
/// them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// MD5, which the contract prints and most clients take.
    Md5,
    /// SHA-256.
    Sha256,
}

impl Algorithm {
    /// The algorithm's name in a header (RFC 7616 section 6.1).
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Sha256 => "SHA-256",
        }
    }

    /// The algorithm of this name, in any case.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Md5, Self::Sha256]
            .into_iter()
            .find(|algorithm| name.eq_ignore_ascii_case(algorithm.as_str()))
    }

    /// The hash of `parts`, with colons between them.
    fn hash(self, parts: &[&[u8]]) -> Hash {
        let colons = std::iter::once(&b""[..]).chain(std::iter::repeat(&b":"[..]));
        let bytes = colons.zip(parts).flat_map(|(colon, part)| [colon, *part]);
        match self {
            Self::Md5 => {
                let mut context = Md5::new();
                bytes.for_each(|bytes| context.update(bytes));
                Hash::of(&context.finalize())
            }
            Self::Sha256 => {
                let mut context = aws::Context::new(&aws::SHA256);
                bytes.for_each(|bytes| context.update(bytes));
                Hash::of(context.finish().as_ref())
            }
        }
    }
}

/// A hash as the hexadecimal digits that go into the next one.
#[derive(Zeroize, ZeroizeOnDrop)]
struct Hash {
    digits: [u8; 64],
    length: usize,
}

impl Hash {
    fn of(bytes: &[u8]) -> Self {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut hash = Self { digits: [0; 64], length: 2 * bytes.len() };
        for (digits, byte) in hash.digits.chunks_exact_mut(2).zip(bytes) {
            digits.copy_from_slice(&[
                DIGITS[usize::from(byte >> 4)],
                DIGITS[usize::from(byte & 0xf)],
            ]);
        }
        hash
    }

    fn digits(&self) -> &[u8] {
        &self.digits[..self.length]
    }
}

const MD5_DIGITS: usize = 32;
const SHA256_DIGITS: usize = 64;

/// What [`Ha1s`] take when they are wrapped: a nonce of 12 bytes and a tag of 16 come with them.
const WRAPPED: usize = 12 + MD5_DIGITS + SHA256_DIGITS + 16;

/// `H(public key:realm:private key)` for each algorithm, in hexadecimal digits. Whoever has it can
/// do all that the private key can.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Ha1s([u8; MD5_DIGITS + SHA256_DIGITS]);

impl Ha1s {
    /// Those of a key.
    #[must_use]
    pub fn new(public_key: PublicKey, private_key: &PrivateKey) -> Self {
        let parts =
            [public_key.as_str().as_bytes(), REALM.as_bytes(), private_key.expose().as_bytes()];
        let mut ha1s = Self([0; _]);
        let (md5, sha256) = ha1s.0.split_at_mut(MD5_DIGITS);
        md5.copy_from_slice(Algorithm::Md5.hash(&parts).digits());
        sha256.copy_from_slice(Algorithm::Sha256.hash(&parts).digits());
        ha1s
    }

    /// Wraps them, bound to the key that they are of.
    #[must_use]
    pub fn wrap(&self, keys: &DataKeys, id: ApiKeyId, random: &dyn Random) -> WrappedHa1s {
        let mut wrapped = WrappedHa1s([0; _]);
        wrapped.0.copy_from_slice(&keys.wrap(&name(id), &self.0, random));
        wrapped
    }

    #[cfg(test)]
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    fn of(&self, algorithm: Algorithm) -> &[u8] {
        let (md5, sha256) = self.0.split_at(MD5_DIGITS);
        match algorithm {
            Algorithm::Md5 => md5,
            Algorithm::Sha256 => sha256,
        }
    }
}

impl fmt::Debug for Ha1s {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ha1s(..)")
    }
}

/// What `id` is wrapped under: not the name of anything else that is wrapped.
pub(crate) fn name(id: ApiKeyId) -> [u8; 20] {
    let mut name = *b"api key             ";
    name[8..].copy_from_slice(id.as_bytes());
    name
}

/// [`Ha1s`] as they are stored and held in memory: wrapped under the data keys.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct WrappedHa1s([u8; WRAPPED]);

impl WrappedHa1s {
    /// What [`Self::as_bytes`] was taken from.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; WRAPPED]) -> Self {
        Self(bytes)
    }

    /// The bytes to be stored.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; WRAPPED] {
        &self.0
    }

    /// What was wrapped.
    ///
    /// # Errors
    ///
    /// [`UnwrapError`] for what was wrapped under other data keys or for another API key,
    /// or was altered since.
    pub fn open(&self, keys: &DataKeys, id: ApiKeyId) -> Result<Ha1s, UnwrapError> {
        let opened = keys.unwrap(&name(id), &self.0)?;
        let mut ha1s = Ha1s([0; _]);
        if opened.len() != ha1s.0.len() {
            return Err(UnwrapError);
        }
        ha1s.0.copy_from_slice(&opened);
        Ok(ha1s)
    }
}

impl fmt::Debug for WrappedHa1s {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WrappedHa1s(..)")
    }
}

/// The number of a request under its nonce: eight hexadecimal digits, as they were sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NonceCount {
    digits: [u8; 8],
    number: u32,
}

impl NonceCount {
    /// Reads a count; `None` for what is not eight hexadecimal digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits: [u8; 8] = text.as_bytes().try_into().ok()?;
        let mut number = [0; 4];
        hex::decode_to_slice(digits, &mut number).ok()?;
        Some(Self { digits, number: u32::from_be_bytes(number) })
    }

    /// The number.
    #[must_use]
    pub const fn number(self) -> u32 {
        self.number
    }
}

/// What a client adds when it was offered `qop="auth"`.
#[derive(Clone, Debug)]
pub struct Qop<'a> {
    /// A text of the client's own.
    pub cnonce: Cow<'a, str>,
    /// How many requests it has made under the nonce, this one included.
    pub count: NonceCount,
}

/// An `Authorization: Digest` header, parsed but not believed; quotes are taken off.
#[derive(Clone)]
pub struct Presented<'a> {
    /// Meant to be a public key.
    pub username: Cow<'a, str>,
    /// Meant to be [`REALM`].
    pub realm: Cow<'a, str>,
    /// Meant to be a nonce of ours.
    pub nonce: Cow<'a, str>,
    /// The target that it was made for; whoever parses it compares it with the request's.
    pub uri: Cow<'a, str>,
    /// The proof, in lower-case hexadecimal digits.
    pub response: Cow<'a, str>,
    /// The hash function of the proof.
    pub algorithm: Algorithm,
    /// `None` for a client that knows no `qop`, or was offered none.
    pub qop: Option<Qop<'a>>,
}

impl Presented<'_> {
    /// Whether whoever made it for a request with this method knew the private key that `ha1s` are
    /// of. Says nothing of the nonce but that the response was made with it.
    ///
    /// The time tells nothing of where two responses differ.
    #[must_use]
    pub fn is_right(&self, ha1s: &Ha1s, method: &str) -> bool {
        let ha1 = ha1s.of(self.algorithm);
        let ha2 = self.algorithm.hash(&[method.as_bytes(), self.uri.as_bytes()]);
        let nonce = self.nonce.as_bytes();
        let expected = match &self.qop {
            Some(Qop { cnonce, count }) => self.algorithm.hash(&[
                ha1,
                nonce,
                &count.digits,
                cnonce.as_bytes(),
                b"auth",
                ha2.digits(),
            ]),
            None => self.algorithm.hash(&[ha1, nonce, ha2.digits()]),
        };
        let response = self.response.as_bytes();
        let matches = constant_time::verify_slices_are_equal(response, expected.digits()).is_ok();
        matches && self.realm == REALM
    }
}

impl fmt::Debug for Presented<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Presented(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SystemRandom;

    /// The [`Ha1s`] of a name, realm and password that are not ours, for the examples of the RFCs.
    fn ha1s(name: &str, realm: &str, password: &str) -> Ha1s {
        let parts = [name.as_bytes(), realm.as_bytes(), password.as_bytes()];
        let mut ha1s = Ha1s([0; _]);
        ha1s.0[..MD5_DIGITS].copy_from_slice(Algorithm::Md5.hash(&parts).digits());
        ha1s.0[MD5_DIGITS..].copy_from_slice(Algorithm::Sha256.hash(&parts).digits());
        ha1s
    }

    fn example(algorithm: Algorithm, response: &'static str) -> Presented<'static> {
        Presented {
            username: "Mufasa".into(),
            realm: REALM.into(),
            nonce: "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v".into(),
            uri: "/dir/index.html".into(),
            response: response.into(),
            algorithm,
            qop: Some(Qop {
                cnonce: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ".into(),
                count: NonceCount::parse("00000001").unwrap(),
            }),
        }
    }

    /// RFC 7616 section 3.9.1.
    #[test]
    fn the_examples_of_the_rfc_are_right() {
        let ha1s = ha1s("Mufasa", "http-auth@example.org", "Circle of Life");
        let rows = [
            (Algorithm::Md5, "8ca523f5e9506fed4657c9700eebdbec"),
            (Algorithm::Sha256, "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
        ];
        for (algorithm, response) in rows {
            assert!(example(algorithm, response).is_right(&ha1s, "GET"), "{algorithm:?}");
        }
    }

    /// RFC 2617 section 3.5, made as RFC 2069 section 2.4 makes it: `curl` did, given no `qop`.
    #[test]
    fn a_response_without_qop_is_made_of_the_nonce_alone() {
        let ha1s = ha1s("Mufasa", "testrealm@host.com", "Circle Of Life");
        let mut presented = example(Algorithm::Md5, "670fd8c2df070c60b045671b8b24ff02");
        presented.nonce = "dcd98b7102dd2f0e8b11d0f600bfb0c093".into();
        presented.qop = None;
        assert!(presented.is_right(&ha1s, "GET"));
    }

    #[test]
    fn whatever_is_altered_the_response_is_wrong() {
        let right = example(Algorithm::Md5, "8ca523f5e9506fed4657c9700eebdbec");
        let ha1s_of = |password| ha1s("Mufasa", "http-auth@example.org", password);
        let ha1s = ha1s_of("Circle of Life");
        assert!(right.is_right(&ha1s, "GET"));
        assert!(!right.is_right(&ha1s, "POST"));
        assert!(!right.is_right(&ha1s_of("circle of life"), "GET"));
        let with_qop = |cnonce: &'static str, count| {
            Some(Qop { cnonce: cnonce.into(), count: NonceCount::parse(count).unwrap() })
        };
        let cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";
        let rows = [
            ("realm", Presented { realm: "http-auth@example.org".into(), ..right.clone() }),
            ("nonce", Presented { nonce: "".into(), ..right.clone() }),
            ("uri", Presented { uri: "/dir/index.html?".into(), ..right.clone() }),
            ("algorithm", Presented { algorithm: Algorithm::Sha256, ..right.clone() }),
            ("no qop", Presented { qop: None, ..right.clone() }),
            ("another cnonce", Presented { qop: with_qop("f2", "00000001"), ..right.clone() }),
            ("another count", Presented { qop: with_qop(cnonce, "00000002"), ..right.clone() }),
            ("no response", Presented { response: "".into(), ..right.clone() }),
            (
                "capitals",
                Presented { response: "8CA523F5E9506FED4657C9700EEBDBEC".into(), ..right.clone() },
            ),
            (
                "more",
                Presented { response: "8ca523f5e9506fed4657c9700eebdbec0".into(), ..right.clone() },
            ),
        ];
        for (row, altered) in rows {
            assert!(!altered.is_right(&ha1s, "GET"), "row: {row}");
        }
    }

    #[test]
    fn what_was_wrapped_opens_for_its_key_only() {
        let key = DataKeys::generate(&SystemRandom);
        let [one, other] = [1, 2].map(|n| ApiKeyId::from_bytes([n; 12]));
        let ha1s =
            Ha1s::new(PublicKey::generate(&SystemRandom), &PrivateKey::generate(&SystemRandom));
        let wrapped = ha1s.wrap(&key, one, &SystemRandom);
        assert_eq!(wrapped.open(&key, one).unwrap().0, ha1s.0);
        assert_eq!(wrapped.open(&key, other).unwrap_err(), UnwrapError);
        let another = DataKeys::generate(&SystemRandom);
        assert_eq!(wrapped.open(&another, one).unwrap_err(), UnwrapError);
        // Twice the same gives nothing away.
        assert_ne!(wrapped, ha1s.wrap(&key, one, &SystemRandom));
    }

    #[test]
    fn a_count_is_eight_digits() {
        let rows = [
            ("00000001", Some(1)),
            ("ffffffff", Some(u32::MAX)),
            ("0000000A", Some(10)),
            ("1", None),
            ("000000001", None),
            ("+0000001", None),
            ("0000000g", None),
            ("", None),
        ];
        for (text, expected) in rows {
            assert_eq!(NonceCount::parse(text).map(NonceCount::number), expected, "{text}");
        }
    }

    #[test]
    fn an_algorithm_is_named_in_any_case_and_without_sess() {
        let rows = [
            ("MD5", Some(Algorithm::Md5)),
            ("md5", Some(Algorithm::Md5)),
            ("SHA-256", Some(Algorithm::Sha256)),
            ("sha-256", Some(Algorithm::Sha256)),
            ("MD5-sess", None),
            ("SHA-256-sess", None),
            ("SHA-512-256", None),
            ("", None),
        ];
        for (name, expected) in rows {
            assert_eq!(Algorithm::parse(name), expected, "{name}");
        }
    }
}
