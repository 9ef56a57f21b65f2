//! oauth-endpoints.md 1.2 and 5.1, row 7.

use rescind_authority::AuthenticateError;
use rescind_core::{
    clock::{Clock as _, UnixTime},
    random::SystemRandom,
    secret::ClientSecret,
};

use crate::support::{ADDRESS, World};

#[tokio::test]
async fn only_an_account_with_a_secret_of_its_own_is_known() {
    let world = World::new().await;
    let id = world.me.client_id.to_string();
    let secret = world.me.secrets[0].1.expose();
    let another_id = world.colleague.client_id.to_string();
    let another_secret = ClientSecret::generate(&SystemRandom);
    let rows = [
        ("right", &*id, secret, true),
        ("the second secret", &id, world.me.secrets[1].1.expose(), true),
        ("the id in capitals", &id.to_uppercase().replace("MDB_SA_ID", "mdb_sa_id"), secret, true),
        ("an unknown id", "mdb_sa_id_0123456789abcdef01234567", secret, false),
        ("the id of nobody", "mdb_sa_id_000000000000000000000000", secret, false),
        ("not an id", "me", secret, false),
        ("no id", "", secret, false),
        ("an unknown secret", &id, another_secret.expose(), false),
        ("another account's secret", &another_id, secret, false),
        ("a part of the secret", &id, &secret[..secret.len() - 1], false),
        ("no secret", &id, "", false),
    ];
    for (row, id, secret, known) in rows {
        let client = world.authority.authenticate(id, secret, ADDRESS);
        assert_eq!(client.is_ok(), known, "row: {row}");
        if let Ok(client) = client {
            assert_eq!(client.principal().client_id, world.me.client_id, "row: {row}");
        }
    }
}

#[tokio::test]
async fn a_secret_authenticates_until_exactly_its_expiry_and_its_tokens_live_on() {
    let world = World::new().await;
    let (id, secret) = (world.me.client_id.to_string(), world.me.secrets[0].1.expose());
    let known = || world.authority.authenticate(&id, secret, ADDRESS);
    let expires_at: UnixTime = known().unwrap().principal().credentials[0].expires_at;

    world.clock.advance(expires_at.as_second() - world.clock.now().as_second() - 1);
    let token = world.authority.issue(&known().unwrap()).await.unwrap();
    world.clock.advance(1);
    assert_eq!(known().unwrap_err(), AuthenticateError::Unknown);
    assert!(world.lives(&token));
}
