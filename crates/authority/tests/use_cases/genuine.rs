//! Which texts are believed, and how long.

use aws_lc_rs::signature::{self, UnparsedPublicKey};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use rescind_core::{
    signing::Algorithm,
    token::{AccessToken, LIFETIME_SECONDS},
};

use crate::support::{ADDRESS, World};

#[tokio::test]
async fn a_token_lives_until_exactly_its_exp() {
    let world = World::new().await;
    let token = world.issue(&world.me, 1).await.remove(0);
    let me = world.client(&world.me);
    let claims = world.authority.introspect(&me, token.expose()).unwrap().claims;
    assert_eq!(claims.expires_at, claims.issued_at.plus_seconds(LIFETIME_SECONDS));

    world.clock.advance(LIFETIME_SECONDS - 1);
    assert!(world.lives(&token));
    world.clock.advance(1);
    assert!(!world.lives(&token));
    assert!(world.authority.introspect(&me, token.expose()).is_none());
    world.authority.revoke(&me, token.expose()).await.unwrap();
}

/// oauth-endpoints.md 5.2, row "altered signature": also when the token itself is remembered.
#[tokio::test]
async fn an_altered_text_of_a_known_token_is_not_live() {
    let world = World::new().await;
    let token = world.issue(&world.me, 1).await.remove(0);
    let (me, token) = (world.client(&world.me), token.expose());
    assert!(world.authority.authorize(token, ADDRESS).is_ok());
    for at in 0..token.len() {
        let mut altered = token.to_owned();
        let other = if &token[at..=at] == "A" { "B" } else { "A" };
        altered.replace_range(at..=at, other);
        assert!(world.authority.authorize(&altered, ADDRESS).is_err(), "altered at {at}");
        assert!(world.authority.introspect(&me, &altered).is_none(), "altered at {at}");
        world.authority.revoke(&me, &altered).await.unwrap();
    }
    assert!(
        world.authority.authorize(token, ADDRESS).is_ok(),
        "none of it touched the token itself"
    );
}

/// Whoever sees an ECDSA signature can write down a second one that holds for the same text.
#[tokio::test]
async fn the_twin_of_a_signature_is_not_live() {
    let world = World::new().await;
    let token = world.issue(&world.me, 1).await.remove(0);
    let twin = with_negated_s(&token);
    assert!(verifies_elsewhere(&world, token.expose()), "the test reads the token rightly");
    assert!(verifies_elsewhere(&world, &twin), "it is a signature that mathematics calls good");
    assert!(world.authority.authorize(&twin, ADDRESS).is_err());
    assert!(world.authority.introspect(&world.client(&world.me), &twin).is_none());
    let world = world.restart().await;
    assert!(world.authority.authorize(&twin, ADDRESS).is_err());
    assert!(world.lives(&token));
}

/// An operator changes the setting, and changes it back: tokens of every key stay valid.
#[tokio::test]
async fn tokens_outlive_a_change_of_the_algorithm() {
    let mut world = World::new().await;
    let mut tokens = world.issue(&world.me, 1).await;
    for algorithm in [Algorithm::EdDsa, Algorithm::Es384, Algorithm::Es512, Algorithm::Es256] {
        world.settings.algorithm = algorithm;
        world = world.restart().await;
        tokens.extend(world.issue(&world.me, 1).await);
        let header = URL_SAFE_NO_PAD
            .decode(tokens.last().unwrap().expose().split('.').next().unwrap())
            .unwrap();
        let header: serde_json::Value = serde_json::from_slice(&header).unwrap();
        assert_eq!(header["alg"], algorithm.as_str());
        assert_eq!(world.live_of(&tokens), tokens.len(), "{algorithm}");
    }
    assert_eq!(world.authority.jwks().len(), 5, "the first, and one for each change");
}

#[tokio::test]
async fn a_token_outlives_a_change_of_the_public_url() {
    let mut world = World::new().await;
    let before = world.issue(&world.me, 1).await.remove(0);
    world.settings.issuer = "https://other.example.com".to_owned();
    let world = world.restart().await;
    let after = world.issue(&world.me, 1).await.remove(0);
    assert_eq!(crate::support::issuer_of(&after), "https://other.example.com");
    assert!(world.lives(&before) && world.lives(&after));
    let me = world.client(&world.me);
    world.authority.revoke(&me, before.expose()).await.unwrap();
    assert!(!world.lives(&before) && world.lives(&after));
}

#[tokio::test]
async fn a_token_of_another_installation_is_nothing() {
    let (world, other) = (World::new().await, World::new().await);
    let token = other.issue(&other.me, 1).await.remove(0);
    assert!(!world.lives(&token));
    world.authority.revoke(&world.client(&world.me), token.expose()).await.unwrap();
    assert!(other.lives(&token));
}

/// The order of P-256 (SEC 2, 2.4.2).
const ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6,
    0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
];

/// The token with `(r, n - s)` for its signature `(r, s)`.
fn with_negated_s(token: &AccessToken) -> String {
    let (signed, signature) = token.expose().rsplit_once('.').unwrap();
    let mut signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let mut borrow = 0;
    for (s, n) in signature[32..].iter_mut().zip(ORDER).rev() {
        let difference = i32::from(n) - i32::from(*s) - borrow;
        borrow = i32::from(difference < 0);
        *s = u8::try_from(difference.rem_euclid(256)).unwrap();
    }
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// Whether a library that knows nothing of us takes the signature for good.
fn verifies_elsewhere(world: &World, token: &str) -> bool {
    let jwk = serde_json::to_value(&world.authority.jwks()[0]).unwrap();
    let coordinate = |name: &str| URL_SAFE_NO_PAD.decode(jwk[name].as_str().unwrap()).unwrap();
    let point = [vec![4], coordinate("x"), coordinate("y")].concat();
    let (signed, signature) = token.rsplit_once('.').unwrap();
    UnparsedPublicKey::new(&signature::ECDSA_P256_SHA256_FIXED, point)
        .verify(signed.as_bytes(), &URL_SAFE_NO_PAD.decode(signature).unwrap())
        .is_ok()
}
