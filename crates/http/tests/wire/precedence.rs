//! Which check comes first (oauth-endpoints.md 5.1): a request that fails two of them gets the
//! answer of the earlier one.

use crate::{
    app::{Account, Fault, INTROSPECT, REVOKE, TOKEN, TestApp},
    call::{Call, FORM},
    literal::{
        INVALID_CLIENT, INVALID_GRANT, INVALID_REQUEST, METHOD_NOT_ALLOWED, Outcome, TOO_LARGE,
        UNSUPPORTED_GRANT_TYPE,
    },
};

/// More than is read.
fn too_large() -> String {
    "x".repeat(64 * 1024 + 1)
}

/// Fills in one thing that is wrong.
type Wrong = fn(Call, &Account) -> Call;

const NO_CREDENTIALS: Wrong = |call, _| call;
const OTHER_SCHEME: Wrong = |call, _| call.bearer("x");
const ILL_FORMED: Wrong = |call, _| call.header("authorization", "Basic !!!");
const WRONG_SECRET: Wrong = |call, account| call.basic(&account.id, "wrong");
const UNKNOWN_CLIENT: Wrong = |call, account| call.basic("nobody", account.secret());
const NOTHING_WRONG: Wrong = Call::by;

#[tokio::test]
async fn an_earlier_check_answers_before_a_later_one() {
    let app = TestApp::start().await;
    let large = too_large();
    let secret = format!("client_secret={}", app.owner.secret());
    let other_id = format!("client_id={}", app.neighbour.id);
    let of_another = format!("token={}", app.token(&app.neighbour).await);
    let unsupported = "grant_type=password".to_owned();
    let malformed = "grant_type=%zz&token=%zz".to_owned();
    let good = "grant_type=client_credentials&token=x".to_owned();
    let none = String::new();

    #[rustfmt::skip]
    let rows: Vec<(&str, Wrong, &String, Outcome)> = vec![
        ("4 before 5: too large, ill-formed credentials",   ILL_FORMED,     &large,      TOO_LARGE),
        ("4 before 6: too large, no credentials",           NO_CREDENTIALS, &large,      TOO_LARGE),
        ("4 before 7: too large, wrong secret",             WRONG_SECRET,   &large,      TOO_LARGE),
        ("4 before 9: too large, nothing in it",            NOTHING_WRONG,  &large,      TOO_LARGE),
        ("4 before 6: malformed, no credentials",           NO_CREDENTIALS, &malformed,  INVALID_REQUEST),
        ("4 before 6: malformed, other scheme",             OTHER_SCHEME,   &malformed,  INVALID_REQUEST),
        ("4 before 7: malformed, wrong secret",             WRONG_SECRET,   &malformed,  INVALID_REQUEST),
        ("5 before 6: two methods, one of another scheme",  OTHER_SCHEME,   &secret,     INVALID_REQUEST),
        ("5 before 7: two methods, wrong secret",           WRONG_SECRET,   &secret,     INVALID_REQUEST),
        ("5 before 7: two client ids, wrong secret",        WRONG_SECRET,   &other_id,   INVALID_REQUEST),
        ("6 before 9: no credentials, nothing in the form", NO_CREDENTIALS, &none,       INVALID_CLIENT),
        ("6 before 9: other scheme, nothing in the form",   OTHER_SCHEME,   &none,       INVALID_CLIENT),
        ("7 before 9: wrong secret, nothing in the form",   WRONG_SECRET,   &none,       INVALID_CLIENT),
        ("7 before 9: unknown client, nothing in the form", UNKNOWN_CLIENT, &none,       INVALID_CLIENT),
        ("9, all else being well",                          NOTHING_WRONG,  &none,       INVALID_REQUEST),
        ("6, all else being well",                          NO_CREDENTIALS, &good,       INVALID_CLIENT),
        ("7, all else being well",                          WRONG_SECRET,   &good,       INVALID_CLIENT),
    ];
    for endpoint in [TOKEN, REVOKE, INTROSPECT] {
        for (row, wrong, form, expected) in &rows {
            let answer = wrong(app.post(endpoint), &app.owner).form(form).send().await;
            assert_eq!(answer.outcome(), *expected, "row: {row}, at {endpoint}");
        }
    }

    #[rustfmt::skip]
    let rows: [(&str, Wrong, &str, &String, Outcome); 6] = [
        ("6 before 10", NO_CREDENTIALS, TOKEN,  &unsupported, INVALID_CLIENT),
        ("7 before 10", WRONG_SECRET,   TOKEN,  &unsupported, INVALID_CLIENT),
        ("6 before 10", NO_CREDENTIALS, REVOKE, &of_another,  INVALID_CLIENT),
        ("7 before 10", WRONG_SECRET,   REVOKE, &of_another,  INVALID_CLIENT),
        ("10",          NOTHING_WRONG,  TOKEN,  &unsupported, UNSUPPORTED_GRANT_TYPE),
        ("10",          NOTHING_WRONG,  REVOKE, &of_another,  INVALID_GRANT),
    ];
    for (row, wrong, endpoint, form, expected) in rows {
        let answer = wrong(app.post(endpoint), &app.owner).form(form).send().await;
        assert_eq!(answer.outcome(), expected, "row: {row}, at {endpoint}");
    }
}

/// Row 4 again: what is not a form is refused before anybody is asked who he is.
#[tokio::test]
async fn the_kind_of_a_body_comes_before_credentials() {
    let app = TestApp::start().await;
    for wrong in [NO_CREDENTIALS, OTHER_SCHEME, WRONG_SECRET] {
        for endpoint in [TOKEN, REVOKE, INTROSPECT] {
            let call = wrong(app.post(endpoint), &app.owner);
            let answer = call.header("content-type", "application/json").body("{}").send().await;
            assert_eq!(answer.outcome(), INVALID_REQUEST, "JSON at {endpoint}");
            let call = wrong(app.post(endpoint), &app.owner).header("content-encoding", "gzip");
            let answer = call.form("token=x").send().await;
            assert_eq!(answer.outcome(), INVALID_REQUEST, "gzip at {endpoint}");
        }
    }
}

/// Row 1: nothing else is looked at.
#[tokio::test]
async fn the_method_comes_before_everything() {
    let app = TestApp::start().await;
    let token = app.token(&app.owner).await;
    for endpoint in [TOKEN, REVOKE, INTROSPECT] {
        for method in ["GET", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"] {
            for wrong in [NOTHING_WRONG, NO_CREDENTIALS, WRONG_SECRET] {
                let call = wrong(app.call(method, endpoint), &app.owner);
                let answer = call.form(&format!("token={token}")).send().await;
                assert_eq!(answer.outcome(), METHOD_NOT_ALLOWED, "{method} {endpoint}");
                assert_eq!(answer.lines("allow"), ["POST"], "{method} {endpoint}");
            }
            let call = app.call(method, endpoint).header("content-type", FORM);
            let answer = call.body(too_large()).send().await;
            assert_eq!(answer.outcome(), METHOD_NOT_ALLOWED, "{method} {endpoint}, too large");
        }
        let answer = app.call("HEAD", endpoint).by(&app.owner).send().await;
        assert_eq!(answer.outcome(), (405, ""), "HEAD {endpoint}");
        assert_eq!(answer.lines("allow"), ["POST"], "HEAD {endpoint}");
    }
    assert!(app.is_alive(&app.owner, &token).await);
}

/// Row x comes last: a store that fails changes nothing about what fails without it.
#[tokio::test]
async fn a_failing_store_comes_after_all_checks() {
    let app = TestApp::start().await;
    let of_another = format!("token={}", app.token(&app.neighbour).await);
    app.store.fail(Fault::NothingWritten);
    let rows = [
        ("7", WRONG_SECRET, TOKEN, "grant_type=client_credentials", INVALID_CLIENT),
        ("9", NOTHING_WRONG, TOKEN, "", INVALID_REQUEST),
        ("10", NOTHING_WRONG, TOKEN, "grant_type=password", UNSUPPORTED_GRANT_TYPE),
        ("7", WRONG_SECRET, REVOKE, &of_another, INVALID_CLIENT),
        ("9", NOTHING_WRONG, REVOKE, "", INVALID_REQUEST),
        ("10", NOTHING_WRONG, REVOKE, &of_another, INVALID_GRANT),
    ];
    for (row, wrong, endpoint, form, expected) in rows {
        let answer = wrong(app.post(endpoint), &app.owner).form(form).send().await;
        assert_eq!(answer.outcome(), expected, "row: {row}, at {endpoint}");
    }
}
