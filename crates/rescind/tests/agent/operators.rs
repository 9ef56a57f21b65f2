//! The listener of operators.

use rescind_harness::{Authority, Client, Server};

use crate::{authority, until};

/// Where operators ask, as the second line on standard output has it.
fn operators(agent: &Server) -> Client {
    let started = std::time::Instant::now();
    loop {
        let output = agent.output();
        if let Some(url) = output.lines().find_map(|line| line.strip_prefix("operators: ")) {
            return Client::new(url);
        }
        assert!(started.elapsed() < crate::PATIENCE, "{output}");
    }
}

fn agent(authority: &Authority) -> Server {
    authority.agent().arg("--operator-listen=127.0.0.1:0").start().unwrap()
}

#[tokio::test]
async fn operators_see_whether_the_authority_is_heard_and_what_was_answered() {
    let mut authority = authority();
    let agent = agent(&authority);
    let mut operators = operators(&agent);
    let token = authority.client().issue().await.unwrap();
    until(agent.url(), &token, 200).await;
    assert_eq!(operators.get("/healthz").await.unwrap().status, 200);
    let ready = operators.get("/readyz").await.unwrap();
    assert_eq!((ready.status.as_u16(), ready.json()["inTouch"].as_bool()), (200, Some(true)));
    crate::ask(agent.url(), "forged", "127.0.0.1").await;
    let metrics = operators.get("/metrics").await.unwrap().text();
    for line in [
        "rescind_agent_requests_total{status=\"401\"} 1\n",
        "rescind_agent_requests_total{status=\"200\"} ",
        "rescind_agent_silence_seconds ",
        "rescind_agent_applied_event ",
        "rescind_agent_build_info{version=",
    ] {
        assert!(metrics.contains(line), "{line}: {metrics}");
    }
    assert!(!metrics.contains(&token) && !metrics.contains("forged"));
    authority.kill().unwrap();
    let started = std::time::Instant::now();
    while operators.get("/readyz").await.unwrap().status != 503 {
        assert!(started.elapsed() < crate::PATIENCE, "it is still ready");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!(operators.get("/healthz").await.unwrap().status, 200);
}

#[tokio::test]
async fn before_it_has_heard_anything_it_is_not_ready() {
    let mut authority = authority();
    authority.kill().unwrap();
    let agent = agent(&authority);
    let ready = operators(&agent).get("/readyz").await.unwrap();
    assert_eq!(ready.text(), r#"{"inTouch":false,"silentForSeconds":null}"#);
    assert_eq!(ready.status, 503);
}
