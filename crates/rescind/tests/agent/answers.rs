//! What is answered to a proxy.

use rescind_harness::Client;

use crate::{agent, ask, authority, until};

/// What it is about, the lines of the request, the status.
type Row<'a> = (&'a str, &'a [(&'a str, &'a str)], u16);

#[tokio::test]
async fn a_live_token_may_pass_by_any_path_and_says_whose_it_is() {
    let authority = authority();
    let agent = agent(&authority).await;
    let token = authority.client().issue().await.unwrap();
    let answer = ask(agent.url(), &token, "127.0.0.1").await;
    assert_eq!(answer.status, 200);
    assert!(answer.body.is_empty());
    let installation = authority.installation();
    let header = |name| answer.header(name).unwrap_or_else(|| panic!("no {name}"));
    assert_eq!(header("x-rescind-client-id"), installation.client_id);
    assert_eq!(header("x-rescind-organization"), installation.org_id);
    assert_eq!(header("x-rescind-roles"), "ORG_OWNER");
    // Also where it is empty: a proxy must not leave the client's own in place.
    assert!(answer.headers.contains_key("x-rescind-group-roles"));
    let claims = rescind_harness::Claims::of(&token).unwrap();
    assert_eq!(header("x-rescind-expires"), claims.expires_at.to_string());
    assert_eq!(header("x-rescind-token-id"), claims.id);
    let bearer = format!("Bearer {token}");
    let lines = [("authorization", &*bearer), ("x-real-ip", "127.0.0.1")];
    // None of these is the agent's own.
    for path in ["/", "/healthz", "/readyz", "/metrics", "/a/%2e%2e/b?c=d"] {
        let answer = Client::new(agent.url()).get_lines(path, &lines).await.unwrap();
        assert_eq!(answer.status, 200, "{path}");
        let nobody = Client::new(agent.url()).get(path).await.unwrap();
        assert_eq!(nobody.status, 401, "{path}");
    }
}

#[tokio::test]
async fn a_revoked_token_is_refused_at_once_and_no_other() {
    let authority = authority();
    let agent = agent(&authority).await;
    let mut client = authority.client();
    let (dead, alive) = (client.issue().await.unwrap(), client.issue().await.unwrap());
    assert_eq!(ask(agent.url(), &dead, "127.0.0.1").await.status, 200);
    assert_eq!(client.revoke(&dead).await.unwrap().status, 200);
    let took = until(agent.url(), &dead, 401).await;
    assert!(took.as_secs() < 2, "{took:?}");
    let answer = ask(agent.url(), &dead, "127.0.0.1").await;
    let challenge = answer.header("www-authenticate").unwrap();
    assert!(
        challenge.starts_with(r#"Bearer realm="rescind", error="invalid_token""#),
        "{challenge}"
    );
    assert_eq!(ask(agent.url(), &alive, "127.0.0.1").await.status, 200);
}

#[tokio::test]
async fn what_is_forged_or_comes_from_elsewhere_may_not_pass() {
    let authority = authority();
    let agent = agent(&authority).await;
    let token = authority.client().issue().await.unwrap();
    authority.admit("127.0.0.0/8").await.unwrap();
    until(agent.url(), &token, 200).await;
    let altered = rescind_harness::altered(&token);
    let bearer = format!("Bearer {token}");
    let home = ("x-real-ip", "127.0.0.1");
    #[rustfmt::skip]
    let rows: [Row<'_>; 9] = [
        ("no token",                  &[home],                                                            401),
        ("another scheme",            &[("authorization", "Basic YTpi"), home],                           401),
        ("a forged token",            &[("authorization", &format!("Bearer {altered}")), home],           401),
        ("two tokens",                &[("authorization", &bearer), ("authorization", &bearer), home],    400),
        ("an address that is listed", &[("authorization", &bearer), ("x-real-ip", "127.0.0.9")],          200),
        ("one that is not",           &[("authorization", &bearer), ("x-real-ip", "192.0.2.1")],          403),
        ("a client that lies",        &[("authorization", &bearer), home, ("x-real-ip", "192.0.2.1")],    403),
        ("in another header",         &[("authorization", &bearer), ("x-forwarded-for", "127.0.0.1")],    500),
        ("no address",                &[("authorization", &bearer), ("x-real-ip", "unknown")],            500),
    ];
    for (row, lines, status) in rows {
        let answer = Client::new(agent.url()).get_lines("/", lines).await.unwrap();
        assert_eq!(answer.status, status, "row: {row}");
        assert_eq!(
            answer.headers.contains_key("www-authenticate"),
            [400, 401, 403].contains(&status),
            "row: {row}"
        );
        assert_eq!(answer.headers.contains_key("x-rescind-client-id"), status == 200, "row: {row}");
    }
}

#[tokio::test]
async fn a_token_for_another_audience_may_not_pass() {
    let authority = authority();
    let agent = authority.agent().arg("--audience").arg("api://orders").start().unwrap();
    let token = authority.client().issue().await.unwrap();
    until(agent.url(), &token, 401).await;
}
