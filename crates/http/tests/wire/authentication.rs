//! Who is asking (oauth-endpoints.md 1.2, and rows 5 to 7 of 5.1), at all endpoints alike.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::{
    app::{Account, INTROSPECT, REVOKE, TOKEN, TestApp},
    call::{Call, basic},
    literal::{INVALID_CLIENT, INVALID_REQUEST, Outcome},
};

/// Endpoints that authenticate clients, with a form that each of them takes.
const ENDPOINTS: [(&str, &str); 3] =
    [(TOKEN, "grant_type=client_credentials"), (REVOKE, "token=x"), (INTROSPECT, "token=x")];

/// What `call` fills in is put to every endpoint. `Ok` is a client that was authenticated.
async fn assert_everywhere(
    app: &TestApp,
    row: &str,
    expected: Result<(), Outcome>,
    fill_in: impl Fn(Call, &str) -> Call,
) {
    for (endpoint, form) in ENDPOINTS {
        let answer = fill_in(app.post(endpoint), form).send().await;
        match expected {
            Ok(()) => assert_eq!(answer.status, 200, "row: {row}, at {endpoint}"),
            Err(outcome) => assert_eq!(answer.outcome(), outcome, "row: {row}, at {endpoint}"),
        }
    }
}

fn base64(pair: impl AsRef<[u8]>) -> String {
    format!("Basic {}", STANDARD.encode(pair))
}

#[tokio::test]
async fn every_way_to_write_basic_credentials_that_clients_use_is_read() {
    let app = TestApp::start().await;
    let Account { id, .. } = &app.owner;
    let secret = app.owner.secret();
    let raw = basic(id, secret);
    assert!(raw.ends_with("=="), "the row on padding needs some");
    let strictly_encoded = |half: &str| {
        let escape = |byte: u8| match byte {
            b'_' | b'-' => format!("%{byte:02x}"),
            other => char::from(other).to_string(),
        };
        half.bytes().map(escape).collect::<String>()
    };
    let (strict_id, strict_secret) = (strictly_encoded(id), strictly_encoded(secret));
    let rows = [
        ("raw halves, as curl and Python send them", raw.clone()),
        ("form-encoded halves", basic(&strict_id, &strict_secret)),
        ("form-encoded in capitals", basic(&id.replace('_', "%5F"), secret)),
        ("only one half encoded", basic(id, &strict_secret)),
        ("the scheme in lower case", raw.replace("Basic", "basic")),
        ("the scheme in capitals", raw.replace("Basic", "BASIC")),
        ("no padding", raw.trim_end_matches('=').to_owned()),
        ("half of the padding", raw.strip_suffix('=').unwrap().to_owned()),
    ];
    for (row, header) in rows {
        assert_everywhere(&app, row, Ok(()), |call, form| {
            call.header("authorization", &header).form(form)
        })
        .await;
    }
}

/// 5.1, row 5.
#[tokio::test]
async fn ill_formed_credentials_are_a_bad_request() {
    let app = TestApp::start().await;
    let Account { id, .. } = &app.owner;
    let secret = app.owner.secret();
    let rows = [
        ("not base64", b"Basic !!!".to_vec()),
        ("not ASCII", b"Basic \xff\xfe".to_vec()),
        ("nothing after the scheme", b"Basic".to_vec()),
        ("no colon", base64(id).into()),
        ("empty id", base64(format!(":{secret}")).into()),
        ("empty secret", base64(format!("{id}:")).into()),
        ("both empty", base64(":").into()),
        ("a broken escape in the id", base64(format!("{id}%5:{secret}")).into()),
        ("a broken escape in the secret", base64(format!("{id}:{secret}%zz")).into()),
        ("not UTF-8", base64([id.as_bytes(), b":\xff"].concat()).into()),
        ("escaped bytes that are not UTF-8", base64(format!("{id}:%FF")).into()),
    ];
    for (row, header) in rows {
        assert_everywhere(&app, row, Err(INVALID_REQUEST), |call, form| {
            call.header("authorization", &header).form(form)
        })
        .await;
    }
}

/// 5.1, row 6.
#[tokio::test]
async fn no_credentials_and_those_of_another_scheme_are_refused() {
    let app = TestApp::start().await;
    let token = app.token(&app.owner).await;
    assert_everywhere(&app, "none", Err(INVALID_CLIENT), Call::form).await;
    let client_id = format!("&client_id={}", app.owner.id);
    assert_everywhere(&app, "a client_id alone", Err(INVALID_CLIENT), |call, form| {
        call.form(&(form.to_owned() + &client_id))
    })
    .await;
    let rows = [
        ("a live token", format!("Bearer {token}")),
        ("Digest", format!("Digest username=\"{}\"", app.owner.id)),
        ("a scheme that begins like ours", basic("a", "b").replace("Basic", "Basics")),
        ("an empty header", String::new()),
    ];
    for (row, header) in rows {
        assert_everywhere(&app, row, Err(INVALID_CLIENT), |call, form| {
            call.header("authorization", &header).form(form)
        })
        .await;
    }
}

/// 5.1, row 7: nobody learns which clients there are, nor which secrets there were.
#[tokio::test]
async fn whoever_cannot_prove_who_he_is_gets_one_and_the_same_answer() {
    let app = TestApp::start().await;
    let (owner, neighbour) = (&app.owner, &app.neighbour);
    let secret = owner.secret();
    let expired = neighbour.expired_secret.as_deref().unwrap();
    let rows = [
        ("an unknown client", "mdb_sa_id_000000000000000000000000".to_owned(), secret.to_owned()),
        ("no id at all", "nobody".to_owned(), secret.to_owned()),
        ("an id that goes on", format!("{}0", owner.id), secret.to_owned()),
        ("a NUL in the id", format!("{}%00", owner.id), secret.to_owned()),
        ("a wrong secret", owner.id.clone(), format!("mdb_sa_sk_{}", "A".repeat(40))),
        ("a secret that goes on", owner.id.clone(), format!("{secret}A")),
        ("a secret cut short", owner.id.clone(), secret[..secret.len() - 1].to_owned()),
        ("a secret in other letters", owner.id.clone(), secret.to_uppercase()),
        ("a second colon", owner.id.clone(), format!("{secret}:")),
        ("an expired secret", neighbour.id.clone(), expired.to_owned()),
        ("the secret of another", neighbour.id.clone(), secret.to_owned()),
    ];
    let mut seen = None;
    for (row, id, secret) in rows {
        assert_everywhere(&app, row, Err(INVALID_CLIENT), |call, form| {
            call.basic(&id, &secret).form(form)
        })
        .await;
        let answer = app.post(TOKEN).basic(&id, &secret).form(ENDPOINTS[0].1).send().await;
        let headers: Vec<_> = answer
            .headers
            .iter()
            .map(|(name, value)| (name.clone(), without_nonce(value.to_str().unwrap())))
            .collect();
        let first = seen.get_or_insert_with(|| headers.clone());
        assert_eq!(*first, headers, "row: {row}");
    }
}

/// A header without what is new in each answer.
fn without_nonce(value: &str) -> String {
    match value.split_once("nonce=\"") {
        Some((before, after)) => before.to_owned() + after.split_once('"').unwrap().1,
        None => value.to_owned(),
    }
}

#[tokio::test]
async fn any_live_secret_authenticates_up_to_the_second_in_which_it_expires() {
    let app = TestApp::start().await;
    let rows = [(7199, Ok(())), (7200, Err(INVALID_CLIENT)), (7201, Err(INVALID_CLIENT))];
    for (second, expected) in rows {
        app.clock.move_to(second);
        for secret in &app.neighbour.secrets {
            assert_everywhere(&app, &format!("second {second}"), expected, |call, form| {
                call.basic(&app.neighbour.id, secret).form(form)
            })
            .await;
        }
    }
}

/// `client_secret_post`, and what the body may say beside a header.
#[tokio::test]
async fn credentials_in_the_body_count_alone_or_not_at_all() {
    let app = TestApp::start().await;
    let Account { id, .. } = &app.owner;
    let secret = app.owner.secret();
    let header = basic(id, secret);
    let header = Some(header.as_str());
    let other = &app.neighbour.id;
    #[rustfmt::skip]
    let rows = [
        ("in the body",              None,   format!("client_id={id}&client_secret={secret}"), Ok(())),
        ("in the body, encoded",     None,   format!("client_id={}&client_secret={secret}", id.replace('_', "%5F")), Ok(())),
        ("in the body, wrong",       None,   format!("client_id={id}&client_secret=x"), Err(INVALID_CLIENT)),
        ("a secret without an id",   None,   format!("client_secret={secret}"), Err(INVALID_REQUEST)),
        ("an empty secret",          None,   format!("client_id={id}&client_secret="), Err(INVALID_CLIENT)),
        ("two methods",              header, format!("client_id={id}&client_secret={secret}"), Err(INVALID_REQUEST)),
        ("two methods, no id",       header, format!("client_secret={secret}"), Err(INVALID_REQUEST)),
        ("the same client_id",       header, format!("client_id={id}"), Ok(())),
        ("another client_id",        header, format!("client_id={other}"), Err(INVALID_REQUEST)),
        ("empty ones beside it",     header, "client_id=&client_secret=".to_owned(), Ok(())),
        ("client_id twice",          header, format!("client_id={id}&client_id={id}"), Err(INVALID_REQUEST)),
        ("client_secret twice",      None,   format!("client_id={id}&client_secret={secret}&client_secret={secret}"), Err(INVALID_REQUEST)),
    ];
    for (row, header, credentials, expected) in rows {
        assert_everywhere(&app, row, expected, |call, form| {
            let call = call.form(&format!("{credentials}&{form}"));
            match header {
                Some(header) => call.header("authorization", header),
                None => call,
            }
        })
        .await;
    }
}

#[tokio::test]
async fn credentials_twice_in_the_header_are_a_bad_request() {
    let app = TestApp::start().await;
    assert_everywhere(&app, "two headers", Err(INVALID_REQUEST), |call, form| {
        call.by(&app.owner).by(&app.owner).form(form)
    })
    .await;
}

/// Section 1.1, last line: RFC 6749 sections 2.3.1 and 3.2.
#[tokio::test]
async fn nothing_is_read_from_the_query() {
    let app = TestApp::start().await;
    let (id, secret) = (&app.owner.id, app.owner.secret());
    let token = app.token(&app.owner).await;
    let credentials = format!("client_id={id}&client_secret={secret}");
    let all = format!("{credentials}&grant_type=client_credentials&token={token}");
    for (endpoint, form) in ENDPOINTS {
        let target = format!("{endpoint}?{all}");
        let answer = app.post(&target).form(form).send().await;
        assert_eq!(answer.outcome(), INVALID_CLIENT, "credentials, at {endpoint}");
        let answer = app.post(&target).by(&app.owner).form("x=1").send().await;
        assert_eq!(answer.outcome(), INVALID_REQUEST, "parameters, at {endpoint}");
    }
    assert!(app.is_alive(&app.owner, &token).await);
}
