//! Who may ask about which token.

use crate::support::{ADDRESS, World};

#[tokio::test]
async fn a_token_is_shown_within_its_organization_only() {
    let world = World::new().await;
    let (me, colleague, stranger) =
        (world.client(&world.me), world.client(&world.colleague), world.client(&world.stranger));
    let mine = world.issue(&world.me, 1).await.remove(0);
    let strange = world.issue(&world.stranger, 1).await.remove(0);
    let rows = [
        ("my own", &me, &mine, true),
        ("a colleague's", &colleague, &mine, true),
        ("of another organization", &stranger, &mine, false),
        ("my own, elsewhere", &stranger, &strange, true),
        ("of another organization, the other way", &me, &strange, false),
    ];
    for (row, client, token, shown) in rows {
        let found = world.authority.introspect(client, token.expose());
        assert_eq!(found.is_some(), shown, "row: {row}");
    }
    let found = world.authority.introspect(&colleague, mine.expose()).unwrap();
    assert_eq!(found.claims.client_id, world.me.client_id);
    assert_eq!(found.principal.client_id, world.me.client_id);
}

#[tokio::test]
async fn nothing_is_said_of_what_is_not_live() {
    let world = World::new().await;
    let me = world.client(&world.me);
    let tokens = world.issue(&world.me, 2).await;
    world.authority.revoke(&me, tokens[0].expose()).await.unwrap();
    world.clock.advance(1);
    for text in ["", "garbage", "a.b.c", tokens[0].expose()] {
        assert!(world.authority.introspect(&me, text).is_none());
        assert!(world.authority.authorize(text, ADDRESS).is_err());
    }
    assert!(world.authority.introspect(&me, tokens[1].expose()).is_some());
}
