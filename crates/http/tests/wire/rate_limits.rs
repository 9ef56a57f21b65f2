//! How often a token may be asked for and taken back (oauth-endpoints.md 4 and 5.1 row 3,
//! conventions.md 6).

use rescind_authority::Limits;

use crate::{
    app::{INTROSPECT, REVOKE, TOKEN, TestApp},
    call::{Call, FORM},
    literal::METHOD_NOT_ALLOWED,
};

const GRANT: &str = "grant_type=client_credentials&token=x";
const ADDRESS: &str = "192.0.2.1";

async fn limited_to(rate: &str) -> TestApp {
    let oauth = Some(rate.parse().unwrap());
    TestApp::start_limited(Limits { oauth, ..Limits::default() }).await
}

#[tokio::test]
async fn the_eleventh_attempt_of_a_minute_is_refused_to_the_letter() {
    let app = limited_to("10/1m").await;
    for endpoint in [TOKEN, REVOKE] {
        for left in (0..10).rev() {
            let answer = app.post(endpoint).by(&app.owner).form(GRANT).send().await;
            assert_eq!(answer.status, 200, "{endpoint}");
            assert_eq!(answer.rate_limit(), ["10", &left.to_string(), "60"], "{endpoint}");
        }
        let answer = app.post(endpoint).by(&app.owner).form(GRANT).send().await;
        let body = format!(
            r#"{{"error_description":"Resource {endpoint} is limited to 10 requests every 1 minutes.","error":"rate_limited"}}"#
        );
        assert_eq!(answer.outcome(), (429, &*body));
        assert_eq!(answer.lines("retry-after"), ["60"], "{endpoint}");
        assert_eq!(answer.rate_limit(), ["10", "0", "60"], "{endpoint}");
        assert_eq!(answer.lines("content-type"), ["application/json"], "{endpoint}");
        assert_eq!(answer.lines("vary"), ["Accept-Encoding"], "{endpoint}");
        assert_eq!(answer.lines("connection"), ["keep-alive"], "{endpoint}");
        assert_eq!(answer.lines("www-authenticate"), [""; 0], "{endpoint}");
    }
}

#[tokio::test]
async fn whoever_waits_as_long_as_it_is_told_gets_through_and_nobody_before() {
    let app = limited_to("2/5m").await;
    let attempt = async |second| {
        app.clock.move_to(second);
        app.post(TOKEN).by(&app.owner).form(GRANT).send().await
    };
    assert_eq!(attempt(0).await.status, 200);
    assert_eq!(attempt(17).await.status, 200);
    let answer = attempt(100).await;
    let text = answer.text();
    assert!(text.contains("is limited to 2 requests every 5 minutes."), "{text}");
    let wait: i64 = answer.lines("retry-after")[0].parse().unwrap();
    assert_eq!(attempt(100 + wait - 1).await.lines("retry-after"), ["1"]);
    let answer = attempt(100 + wait).await;
    assert_eq!((answer.status, answer.rate_limit()), (200, ["2", "1", "300"]));
}

/// One request, of those that are counted together or apart.
type Attempt = fn(&TestApp) -> Call;

const MINE: Attempt = |app| app.post(TOKEN).by(&app.owner).form(GRANT).from(ADDRESS);
const NAMELESS: Attempt = |app| app.post(TOKEN).form(GRANT).from(ADDRESS);
const IN_NETWORK: Attempt = |app| {
    let call = app.post(TOKEN).by(&app.owner).form(GRANT);
    call.from("2001:db8:0:1::1")
};

/// conventions.md 6: source address and service account; the revocations have a counter of their
/// own.
#[tokio::test]
async fn attempts_are_counted_by_address_and_claimed_client() {
    #[rustfmt::skip]
    let rows: [(&str, Attempt, Attempt, bool); 16] = [
        ("the same",               MINE,       MINE, true),
        ("a wrong secret first",   |app| as_client(app, &app.owner.id, "wrong"), MINE, true),
        ("a wrong secret next",    MINE,       |app| as_client(app, &app.owner.id, "wrong"), true),
        ("nothing granted first",  |app| app.post(TOKEN).by(&app.owner).form("").from(ADDRESS), MINE, true),
        ("the id in the form",     |app| in_form(app, &app.owner.id), MINE, true),
        ("the id in capitals",     |app| in_form(app, &capitals(&app.owner.id)), MINE, true),
        ("the id escaped",         |app| as_client(app, &app.owner.id.replace('_', "%5F"), "x"), MINE, true),
        ("another address",        |app| MINE(app).from("192.0.2.2"), MINE, false),
        ("another client",         |app| as_client(app, &app.neighbour.id, "x"), MINE, false),
        ("another endpoint",       |app| app.post(REVOKE).by(&app.owner).form(GRANT).from(ADDRESS), MINE, false),
        ("of one /64",             IN_NETWORK, |app| IN_NETWORK(app).from("2001:db8:0:1:f::9"), true),
        ("of another /64",         IN_NETWORK, |app| IN_NETWORK(app).from("2001:db8:0:2::1"), false),
        ("no client, a client",    NAMELESS,   MINE, false),
        ("no client, other scheme", NAMELESS,  |app| NAMELESS(app).bearer("x"), true),
        ("no client, ill-formed",  NAMELESS,   |app| NAMELESS(app).header("authorization", "Basic !!!"), true),
        ("no client, nobody's id", NAMELESS,   |app| NAMELESS(app).basic("nobody", "x"), true),
    ];
    for (row, first, next, together) in rows {
        let app = limited_to("1/1m").await;
        assert_ne!(first(&app).send().await.status, 429, "row: {row}");
        assert_eq!(next(&app).send().await.status == 429, together, "row: {row}");
    }
}

fn as_client(app: &TestApp, id: &str, secret: &str) -> Call {
    app.post(TOKEN).basic(id, secret).form(GRANT).from(ADDRESS)
}

fn in_form(app: &TestApp, id: &str) -> Call {
    app.post(TOKEN).form(&format!("{GRANT}&client_id={id}&client_secret=wrong")).from(ADDRESS)
}

fn capitals(id: &str) -> String {
    let digits = id.strip_prefix("mdb_sa_id_").unwrap();
    format!("mdb_sa_id_{}", digits.to_uppercase())
}

/// oauth-endpoints.md 5.1: row 3 comes after row 1 and before all that follow.
#[tokio::test]
async fn the_limit_comes_after_the_method_and_before_everything_else() {
    let large = "x".repeat(64 * 1024 + 1);
    for endpoint in [TOKEN, REVOKE] {
        let app = limited_to("1/1m").await;
        for _ in 0..3 {
            let answer = app.call("PUT", endpoint).by(&app.owner).send().await;
            assert_eq!(answer.outcome(), METHOD_NOT_ALLOWED, "row 1 is not counted");
        }
        let mine = || app.post(endpoint).by(&app.owner);
        assert_eq!(mine().form(GRANT).send().await.status, 200, "{endpoint}");
        #[rustfmt::skip]
        let rows = [
            ("4: too large",           mine().header("content-type", FORM).body(large.clone())),
            ("4: not a form",          mine().header("content-type", "application/json").body("{}")),
            ("4: malformed",           mine().form("token=%zz&grant_type=%zz")),
            ("4: twice",               mine().form("token=a&token=a&grant_type=a&grant_type=a")),
            ("5: two methods",         mine().form("client_secret=x")),
            ("7: wrong secret",        app.post(endpoint).basic(&app.owner.id, "wrong").form(GRANT)),
            ("9: nothing in the form", mine().form("")),
            ("10: unusable",           mine().form("grant_type=password")),
            ("12: all well",           mine().form(GRANT)),
        ];
        for (row, call) in rows {
            let answer = call.send().await;
            assert_eq!(answer.status, 429, "row {row}, at {endpoint}");
            let close = if row == "4: too large" { "close" } else { "keep-alive" };
            assert_eq!(answer.lines("connection"), [close], "row {row}, at {endpoint}");
        }
    }
}

/// The contract prints all headers of a 401; the others may have more (oauth-endpoints.md 3).
#[tokio::test]
async fn every_answer_but_a_401_tells_what_is_left() {
    let app = limited_to("10/1m").await;
    let mine = || app.post(TOKEN).by(&app.owner);
    #[rustfmt::skip]
    let rows = [
        (200, mine().form(GRANT),                                        ["10", "9", "60"]),
        (400, mine().form(""),                                           ["10", "8", "60"]),
        (401, app.post(TOKEN).basic(&app.owner.id, "wrong").form(GRANT), ["absent"; 3]),
        (413, mine().body("x".repeat(64 * 1024 + 1)),                    ["10", "6", "60"]),
    ];
    for (status, call, expected) in rows {
        let answer = call.send().await;
        assert_eq!((answer.status, answer.rate_limit()), (status, expected));
    }
}

#[tokio::test]
async fn without_a_limit_there_is_none_and_nothing_is_told() {
    let app = TestApp::start().await;
    for _ in 0..50 {
        let answer = app.post(TOKEN).by(&app.owner).form(GRANT).send().await;
        assert_eq!((answer.status, answer.rate_limit()), (200, ["absent"; 3]));
    }
}

/// Resource servers ask for each of their own requests.
#[tokio::test]
async fn introspection_has_no_limit() {
    let app = limited_to("1/1m").await;
    for _ in 0..50 {
        let answer = app.post(INTROSPECT).by(&app.owner).form("token=x").send().await;
        assert_eq!((answer.status, answer.rate_limit()), (200, ["absent"; 3]));
    }
}

/// A guess that is not looked at tells nothing: the right secret is refused like a wrong one.
#[tokio::test]
async fn whoever_guesses_too_often_learns_nothing_more() {
    let app = limited_to("3/1m").await;
    for _ in 0..3 {
        let answer = app.post(TOKEN).basic(&app.owner.id, "wrong").form(GRANT).send().await;
        assert_eq!(answer.status, 401);
    }
    let wrong = app.post(TOKEN).basic(&app.owner.id, "wrong").form(GRANT).send().await;
    let right = app.post(TOKEN).by(&app.owner).form(GRANT).send().await;
    assert_eq!(wrong.outcome(), right.outcome());
    assert_eq!(wrong.headers, right.headers);
}
