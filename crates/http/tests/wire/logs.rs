//! No line of log, however detailed, tells a secret or a token.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
};

use tracing_subscriber::fmt::MakeWriter;

use crate::{
    app::{Fault, INTROSPECT, REVOKE, TOKEN, TestApp},
    call::basic,
    digest::client::{Key, Proof, fresh_nonce},
    socket::{Server, post},
};

/// Where the lines of one test go.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// Everything runs on the thread of the test, so that its subscriber hears all of it.
#[tokio::test(flavor = "current_thread")]
async fn no_secret_and_no_token_is_ever_logged() {
    let lines = Lines::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(lines.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);

    let app = TestApp::start().await;
    let server = Server::start(&app).await;
    let mut connection = server.connect().await;
    connection.send(post(&app, TOKEN, "", "grant_type=client_credentials")).await;
    let token = connection.answer().await.token();
    let (id, secret) = (&app.owner.id, app.owner.secret());
    let form = format!("token={token}");
    let in_query = format!("{REVOKE}?token={token}&client_secret={secret}");
    app.store.fail(Fault::NothingWritten);
    for path in [REVOKE, INTROSPECT, in_query.as_str()] {
        connection.send(post(&app, path, "", &form)).await;
        connection.answer().await;
    }
    app.store.recover();
    let in_body = format!("client_id={id}&client_secret={secret}&{form}");
    for path in [INTROSPECT, REVOKE] {
        app.post(path).form(&in_body).send().await;
        app.post(path).by(&app.neighbour).form(&in_body).send().await;
        app.post(path).by(&app.stranger).form(&form).send().await;
    }
    app.get("/api/public/v1.0/orgs").bearer(&token).send().await;
    app.get(&format!("/api/public/v1.0/orgs?access_token={token}")).send().await;
    assert!(!app.is_alive(&app.owner, &token).await);
    let key = Key::make(&app, &["ORG_OWNER"]).await;
    let proof = key.proof(&fresh_nonce(&app).await, "GET", "/api/public/v1.0/orgs");
    let stale = Proof { uri: "/api/public/v1.0".to_owned(), ..proof.clone() };
    for (proof, status) in [(&proof, 200), (&proof, 401), (&stale, 401)] {
        assert_eq!(proof.send(&app).await.status, status);
    }

    let logged = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    assert!(logged.contains("POST /api/oauth/revoke failed"), "the failure is logged: {logged}");
    assert!(logged.contains("the disk that holds"), "with its cause: {logged}");
    let signature = token.rsplit('.').next().unwrap();
    let payload = token.split('.').nth(1).unwrap();
    let header = basic(id, secret);
    let secret_tail = secret.strip_prefix("mdb_sa_sk_").unwrap();
    let in_headers = [&header["Basic ".len()..], &proof.response(), &stale.response()];
    let [private_key, ha1] = [&key.private[..23], &proof.ha1()];
    for hidden in [signature, payload, secret_tail, private_key, ha1].into_iter().chain(in_headers)
    {
        if let Some(line) = logged.lines().find(|line| line.contains(hidden)) {
            panic!("a secret in the log: {line}");
        }
    }
}
