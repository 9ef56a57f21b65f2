//! Malformed requests: each gets its documented answer, and leaves the store as it was.

use crate::{
    app::{INTROSPECT, REVOKE, TOKEN, TestApp},
    call::{Call, FORM, basic},
    literal::{
        INVALID_CLIENT, INVALID_GRANT, INVALID_REQUEST, METHOD_NOT_ALLOWED, Outcome, REVOKED,
        TOO_LARGE,
    },
    revoke::not_tokens,
};

const GRANT: &str = "grant_type=client_credentials";

#[tokio::test]
async fn no_malformed_request_changes_the_store_or_kills_a_token() {
    let app = TestApp::start().await;
    let elsewhere = TestApp::start().await;
    let token = app.token(&app.owner).await;
    let (id, secret) = (app.owner.id.as_str(), app.owner.secret());
    let form = format!("{GRANT}&token={token}");
    let with_header = |header: &str| {
        let header = header.to_owned();
        move |call: Call| call.header("authorization", &header)
    };
    let as_owner = with_header(&basic(id, secret));
    let both = |fill_in: &dyn Fn(Call) -> Call| [TOKEN, REVOKE].map(|at| fill_in(app.post(at)));

    #[rustfmt::skip]
    let rows: Vec<(&str, [Call; 2], Outcome)> = vec![
        ("wrong method",            [TOKEN, REVOKE].map(|at| as_owner(app.call("PUT", at)).form(&form)), METHOD_NOT_ALLOWED),
        ("wrong content type",      both(&|call| as_owner(call).header("content-type", "text/plain").body(form.clone())), INVALID_REQUEST),
        ("JSON",                    both(&|call| as_owner(call).header("content-type", "application/json").body(format!(r#"{{"token":"{token}"}}"#))), INVALID_REQUEST),
        ("1 MB body",               both(&|call| as_owner(call).form(&format!("{form}&x={}", "x".repeat(1 << 20)))), TOO_LARGE),
        ("a 100 kB token",          both(&|call| as_owner(call).form(&format!("{form}{}", "A".repeat(100_000)))), TOO_LARGE),
        ("broken base64",           both(&|call| call.header("authorization", "Basic bWRi_").form(&form)), INVALID_REQUEST),
        ("no colon",                both(&|call| call.header("authorization", basic(id, "").replace("Og==", "")).form(&form)), INVALID_REQUEST),
        ("empty id",                both(&|call| call.basic("", secret).form(&form)), INVALID_REQUEST),
        ("empty secret",            both(&|call| call.basic(id, "").form(&form)), INVALID_REQUEST),
        ("credentials twice",       both(&|call| as_owner(as_owner(call)).form(&form)), INVALID_REQUEST),
        ("credentials two ways",    both(&|call| as_owner(call).form(&format!("{form}&client_secret={secret}"))), INVALID_REQUEST),
        ("parameters twice",        both(&|call| as_owner(call).form(&format!("{form}&{form}"))), INVALID_REQUEST),
        ("broken percent-escapes",  both(&|call| as_owner(call).form(&format!("{form}%"))), INVALID_REQUEST),
        ("more of them",            both(&|call| as_owner(call).form(&format!("{form}&%1=%xy"))), INVALID_REQUEST),
        ("not UTF-8",               both(&|call| as_owner(call).header("content-type", FORM).body([form.as_bytes(), b"\xc0\x80"].concat())), INVALID_REQUEST),
        ("NUL in the credentials",  both(&|call| call.basic(&format!("{id}\0"), secret).form(&form)), INVALID_CLIENT),
        ("no credentials",          both(&|call| call.form(&form)), INVALID_CLIENT),
        ("wrong ones",              both(&|call| call.basic(id, "wrong").form(&form)), INVALID_CLIENT),
    ];
    let head = app.log_head().await;
    for (row, calls, expected) in rows {
        for call in calls {
            assert_eq!(call.send().await.outcome(), expected, "row: {row}");
        }
        assert_eq!(app.log_head().await, head, "row: {row}");
        assert!(app.is_alive(&app.owner, &token).await, "row: {row}");
    }

    let of_another = app.token(&app.stranger).await;
    let head = app.log_head().await;
    let mut rows: Vec<(&str, String, Outcome)> =
        not_tokens(&token, &elsewhere.token(&elsewhere.owner).await)
            .into_iter()
            .map(|(row, text)| (row, text, REVOKED))
            .collect();
    rows.push(("NUL bytes in the token", format!("{token}%00"), REVOKED));
    rows.push(("raw NUL bytes in the token", format!("{token}\0"), REVOKED));
    rows.push(("of another account", of_another.clone(), INVALID_GRANT));
    for (row, text, expected) in rows {
        assert_eq!(app.revoke(&app.owner, &text).await.outcome(), expected, "row: {row}");
        assert_eq!(app.log_head().await, head, "row: {row}");
    }
    assert!(app.is_alive(&app.owner, &token).await);
    assert!(app.is_alive(&app.stranger, &of_another).await);

    let expired = token;
    app.clock.move_to(3600);
    assert_eq!(app.revoke(&app.owner, &expired).await.outcome(), REVOKED, "expired");
    assert_eq!(app.log_head().await, head, "expired");
}

/// Introspection reads what revocation reads, and writes nothing whatever it is asked.
#[tokio::test]
async fn no_question_changes_the_store() {
    let app = TestApp::start().await;
    let token = app.token(&app.owner).await;
    let head = app.log_head().await;
    for (row, text) in not_tokens(&token, "a.b.c") {
        assert_eq!(app.introspect(&app.owner, &text).await.status, 200, "row: {row}");
    }
    let large = format!("token={}", "A".repeat(100_000));
    let answer = app.post(INTROSPECT).by(&app.owner).form(&large).send().await;
    assert_eq!(answer.outcome(), TOO_LARGE);
    assert_eq!(app.log_head().await, head);
}
