//! An authority, or somebody in its place, that answers nonsense.

use std::time::Duration;

use rescind_core::{random::SystemRandom, token::Claims};
use rescind_verifier::Refusal;
use tokio::{net::TcpListener, time::timeout};

use crate::{
    Authority, HOME, arrived,
    authority::{ISSUER, account, now},
    claims, in_touch, verify,
};

const LIST: &str = "get /statuslists/8 ";
const WITH_EVENT: &str = "rescind-event: 10\r\n";

#[tokio::test]
async fn a_list_that_is_not_the_one_asked_for_is_refused() {
    let authority = Authority::start().await;
    let verifier = in_touch(&authority).await;
    let stranger = Authority::start().await;
    let sign = |number, seconds| authority.list(number, now().plus_seconds(seconds));
    let genuine = sign(8, 0);
    let rows = [
        ("of another number", sign(9, 0)),
        ("signed by somebody else", stranger.list(8, now())),
        ("of the future", sign(8, 310)),
        ("of the past", sign(8, -610)),
        ("cut short", genuine[..genuine.len() - 10].to_owned()),
        ("with another signature", genuine[..genuine.len() - 10].to_owned() + "AAAAAAAAAA"),
        ("a token", authority.token(1, 8, 0)),
        ("empty", String::new()),
        ("a page", "<html>".to_owned()),
    ];
    let token = authority.token(1, 8, 0);
    for (row, text) in rows {
        let held = authority.hold(LIST);
        let verdict = verify(&verifier, &token);
        arrived(held).await.answer(200, WITH_EVENT, &text);
        let expected = format!("{ISSUER}/statuslists/8 is not its list");
        let refusal = verdict.await.unwrap().unwrap_err();
        assert_eq!(refusal, Refusal::Unavailable(expected), "row: {row}");
    }
    verifier.verify(&token, HOME).await.unwrap();
}

#[tokio::test]
async fn answers_without_an_end_are_not_read_to_it() {
    let authority = Authority::start().await;
    let verifier = in_touch(&authority).await;
    let endless = " ".repeat(32 << 20);
    for (what, beginning) in [("status list", LIST), ("account", "get /api/oauth/accounts/")] {
        let held = authority.hold(beginning);
        let verdict = verify(&verifier, &authority.token(1, 8, 0));
        arrived(held).await.answer(200, WITH_EVENT, &endless);
        let expected = format!("{what}: the answer is longer than any of an authority");
        assert_eq!(verdict.await.unwrap().unwrap_err(), Refusal::Unavailable(expected));
    }
}

/// Who can make the authority answer so could otherwise have the verifier ask anybody.
#[tokio::test]
async fn a_redirect_is_not_followed() {
    let authority = Authority::start().await;
    let verifier = in_touch(&authority).await;
    let elsewhere = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let lines = format!("location: http://{}/\r\n{WITH_EVENT}", elsewhere.local_addr().unwrap());
    for (what, beginning) in [("status list", LIST), ("account", "get /api/oauth/accounts/")] {
        let held = authority.hold(beginning);
        let verdict = verify(&verifier, &authority.token(1, 8, 0));
        arrived(held).await.answer(307, &lines, "");
        let expected = format!("{what}: the answer was 307 Temporary Redirect");
        assert_eq!(verdict.await.unwrap().unwrap_err(), Refusal::Unavailable(expected));
    }
    // It would have come by now: nobody is at the door.
    assert!(timeout(Duration::ZERO, elsewhere.accept()).await.is_err());
}

#[tokio::test]
async fn a_token_with_a_bit_that_its_list_does_not_have_is_refused() {
    let authority = Authority::start().await;
    let verifier = in_touch(&authority).await;
    verifier.verify(&authority.token(1, 8, (1 << 20) - 1), HOME).await.unwrap();
    for index in [1 << 20, u32::MAX] {
        let token = authority.token(1, 8, index);
        assert_eq!(verifier.verify(&token, HOME).await.unwrap_err(), Refusal::Revoked, "{index}");
    }
}

/// Clocks differ by a little: what was issued this instant may be of our future.
#[tokio::test]
async fn a_token_is_valid_while_our_clock_is_behind_by_a_little() {
    let authority = Authority::start().await;
    let verifier = in_touch(&authority).await;
    let issued_in = |seconds| {
        let status = claims(1, 8, 0).status;
        let moment = now().plus_seconds(seconds);
        authority.sign(&Claims::new(ISSUER, account(1), status, moment, &SystemRandom))
    };
    verifier.verify(&issued_in(200), HOME).await.unwrap();
    let refusal = verifier.verify(&issued_in(400), HOME).await.unwrap_err();
    assert_eq!(refusal, Refusal::NotYet);
}
