//! One signature per token: an ECDSA signature has a twin, which is not ours.
//!
//! Whoever sees a signature `(r, s)` can write down `(r, n - s)`, and it holds for the same
//! message and key. A token altered so is not one that was issued. So of the two we make the one
//! with the lower `s`, and take no other; whoever verifies elsewhere need not know.

use crate::signing::Algorithm;

/// The order of P-256 (SEC 2, 2.4.2).
const P256: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
];

/// The order of P-384 (SEC 2, 2.5.1).
const P384: [u8; 48] = [
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xc7, 0x63, 0x4d, 0x81, 0xf4, 0x37, 0x2d, 0xdf,
    0x58, 0x1a, 0x0d, 0xb2, 0x48, 0xb0, 0xa7, 0x7a, 0xec, 0xec, 0x19, 0x6a, 0xcc, 0xc5, 0x29, 0x73,
];

/// The order of P-521 (SEC 2, 2.6.1).
const P521: [u8; 66] = [
    0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xfa, 0x51, 0x86, 0x87, 0x83, 0xbf, 0x2f, 0x96, 0x6b, 0x7f, 0xcc, 0x01, 0x48, 0xf7, 0x09,
    0xa5, 0xd0, 0x3b, 0xb5, 0xc9, 0xb8, 0x89, 0x9c, 0x47, 0xae, 0xbb, 0x6f, 0xb7, 0x1e, 0x91, 0x38,
    0x64, 0x09,
];

/// The order of the group that signatures are made in; `None` where they have no twin.
pub(crate) fn order(algorithm: Algorithm) -> Option<&'static [u8]> {
    match algorithm {
        Algorithm::Es256 => Some(&P256),
        Algorithm::Es384 => Some(&P384),
        Algorithm::Es512 => Some(&P521),
        Algorithm::EdDsa => None,
    }
}

/// Whether `signature` is the one of the two with the lower `s`.
pub(crate) fn is_low(order: &[u8], signature: &[u8]) -> bool {
    signature.len() == 2 * order.len() && {
        let s = &signature[order.len()..];
        s < order && s < &*difference(order, s) // both have the same length: bytes compare as numbers
    }
}

/// Makes `signature`, which must be a good one, that of the two with the lower `s`.
pub(crate) fn lower(order: &[u8], signature: &mut [u8]) {
    if !is_low(order, signature) {
        let s = &mut signature[order.len()..];
        let other = difference(order, s);
        s.copy_from_slice(&other);
    }
}

/// `order - s`, which must not be negative; all are written with the highest byte first.
fn difference(order: &[u8], s: &[u8]) -> Vec<u8> {
    let mut difference = order.to_vec();
    let mut borrow = false;
    for (digit, s) in difference.iter_mut().zip(s).rev() {
        let (rest, first) = digit.overflowing_sub(*s);
        let (rest, second) = rest.overflowing_sub(u8::from(borrow));
        *digit = rest;
        borrow = first || second;
    }
    difference
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::{
        rand::SystemRandom as SignatureRandom,
        signature::{
            ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED,
            ECDSA_P384_SHA384_FIXED_SIGNING, ECDSA_P521_SHA512_FIXED,
            ECDSA_P521_SHA512_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm,
            EcdsaVerificationAlgorithm, KeyPair as _, UnparsedPublicKey,
        },
    };

    use super::*;

    type Row = (Algorithm, &'static EcdsaSigningAlgorithm, &'static EcdsaVerificationAlgorithm);

    const ROWS: [Row; 3] = [
        (Algorithm::Es256, &ECDSA_P256_SHA256_FIXED_SIGNING, &ECDSA_P256_SHA256_FIXED),
        (Algorithm::Es384, &ECDSA_P384_SHA384_FIXED_SIGNING, &ECDSA_P384_SHA384_FIXED),
        (Algorithm::Es512, &ECDSA_P521_SHA512_FIXED_SIGNING, &ECDSA_P521_SHA512_FIXED),
    ];

    /// That the library takes the twin for good shows that the order is the right one.
    #[test]
    fn of_a_signature_and_its_twin_one_is_low_and_both_hold() {
        for (algorithm, signing, verifying) in ROWS {
            let order = order(algorithm).unwrap();
            let pair = EcdsaKeyPair::generate(signing).unwrap();
            let public = UnparsedPublicKey::new(verifying, pair.public_key().as_ref());
            for _ in 0..20 {
                let made = pair.sign(&SignatureRandom::new(), b"message").unwrap();
                let mut low = made.as_ref().to_vec();
                lower(order, &mut low);
                let mut high = low.clone();
                let s = difference(order, &low[order.len()..]);
                high[order.len()..].copy_from_slice(&s);
                assert!(is_low(order, &low) && !is_low(order, &high), "{algorithm}");
                assert!(public.verify(b"message", &low).is_ok(), "{algorithm}");
                assert!(public.verify(b"message", &high).is_ok(), "{algorithm}");
                lower(order, &mut high);
                assert_eq!(high, low, "{algorithm}");
            }
        }
    }

    #[test]
    fn what_has_no_such_form_is_not_low() {
        let order = order(Algorithm::Es256).unwrap();
        for length in [0, 1, 32, 63, 65, 96] {
            assert!(!is_low(order, &vec![0; length]), "{length} bytes");
        }
        assert!(!is_low(order, &[0xff; 64]));
        assert!(!is_low(order, &[[0; 32], P256].concat()));
    }
}
