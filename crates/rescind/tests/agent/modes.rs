//! While the authority cannot be heard.

use std::time::Duration;

use rescind_harness::{Authority, Server};
use tokio::time::sleep;

use crate::{ask, authority, until};

async fn agent_in(authority: &Authority, mode: &str) -> Server {
    let agent = authority.agent().arg("--when-out-of-touch").arg(mode).start().unwrap();
    let token = authority.client().issue().await.unwrap();
    until(agent.url(), &token, 200).await;
    agent
}

async fn is_refused_for_now(agent: &Server, token: &str) {
    let answer = ask(agent.url(), token, "127.0.0.1").await;
    assert_eq!(answer.status, 503, "{}", agent.output());
    assert_eq!(answer.header("retry-after"), Some("5"));
    assert_eq!(answer.header("x-rescind-client-id"), None);
}

#[tokio::test]
async fn it_comes_up_while_the_authority_is_down_and_hears_it_later() {
    let mut authority = authority();
    let token = authority.client().issue().await.unwrap();
    authority.kill().unwrap();
    for mode in ["closed", "open=3600", "introspect"] {
        let agent = authority.agent().arg("--when-out-of-touch").arg(mode).start().unwrap();
        is_refused_for_now(&agent, &token).await;
        is_refused_for_now(&agent, &token).await;
        authority.restart().unwrap();
        until(agent.url(), &token, 200).await;
        authority.kill().unwrap();
    }
}

#[tokio::test]
async fn each_mode_does_what_it_says_when_the_authority_falls_silent() {
    let mut authority = authority();
    let mut client = authority.client();
    let (alive, dead) = (client.issue().await.unwrap(), client.issue().await.unwrap());
    let closed = agent_in(&authority, "closed").await;
    let open = agent_in(&authority, "open=3600").await;
    let asking = agent_in(&authority, "introspect").await;
    let agents = [&closed, &open, &asking];
    for agent in agents {
        until(agent.url(), &alive, 200).await;
        until(agent.url(), &dead, 200).await;
    }
    client.revoke(&dead).await.unwrap();
    for agent in agents {
        until(agent.url(), &dead, 401).await;
    }
    authority.kill().unwrap();
    // A short silence is none: authorities are restarted.
    for agent in agents {
        assert_eq!(ask(agent.url(), &alive, "127.0.0.1").await.status, 200);
    }
    // Fifteen seconds of it are one.
    for agent in [&closed, &asking] {
        until(agent.url(), &alive, 503).await;
        is_refused_for_now(agent, &alive).await;
    }
    assert_eq!(ask(open.url(), &alive, "127.0.0.1").await.status, 200);
    // What is known to be dead stays dead.
    for agent in agents {
        assert_eq!(ask(agent.url(), &dead, "127.0.0.1").await.status, 401);
    }
    authority.restart().unwrap();
    for agent in agents {
        until(agent.url(), &alive, 200).await;
        assert_eq!(ask(agent.url(), &dead, "127.0.0.1").await.status, 401);
    }
}

/// Paused, it takes connections and answers nothing: whoever asks is not kept waiting for ever.
#[tokio::test]
async fn an_authority_that_hangs_makes_nobody_wait_for_long() {
    let authority = authority();
    let agent = agent_in(&authority, "closed").await;
    let fresh = authority.client().issue().await.unwrap();
    until(agent.url(), &fresh, 200).await;
    authority.server().unwrap().pause().unwrap();
    sleep(Duration::from_millis(100)).await;
    assert_eq!(ask(agent.url(), &fresh, "127.0.0.1").await.status, 200);
    authority.server().unwrap().resume().unwrap();
}
