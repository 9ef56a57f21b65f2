//! An authority that can be killed, paused and started again at the same address.

use rescind_harness::{Client, Installation, Server};
use rescind_verifier::{Builder, Verifier};
use tempfile::TempDir;

const BINARY: &str = env!("CARGO_BIN_EXE_rescind");

/// The issuer stays the same where the port changes.
pub(crate) const ISSUER: &str = "http://rescind.test";

pub(crate) struct Authority {
    root: TempDir,
    pub(crate) installation: Installation,
    server: Option<Server>,
    address: String,
}

impl Authority {
    pub(crate) fn start() -> Self {
        let root = tempfile::tempdir().unwrap();
        let installation = Installation::init(BINARY, root.path()).unwrap();
        let mut authority =
            Self { root, installation, server: None, address: "127.0.0.1:0".to_owned() };
        authority.restart();
        authority
    }

    /// Starts it again, where it was before.
    pub(crate) fn restart(&mut self) {
        let server = Server::builder(BINARY, self.root.path())
            .listen(&self.address)
            .public_url(ISSUER)
            .unlimited()
            .start()
            .unwrap();
        server.url().trim_start_matches("http://").clone_into(&mut self.address);
        self.server = Some(server);
    }

    /// SIGKILL.
    pub(crate) fn kill(&mut self) {
        self.server.take().unwrap().kill().unwrap();
    }

    /// SIGSTOP, so that it neither answers nor closes anything.
    pub(crate) fn pause(&self) {
        self.server.as_ref().unwrap().pause().unwrap();
    }

    /// SIGCONT.
    pub(crate) fn resume(&self) {
        self.server.as_ref().unwrap().resume().unwrap();
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// A client that presents the first service account.
    pub(crate) fn client(&self) -> Client {
        Client::new(&self.url()).with_credentials(&self.installation)
    }

    /// From now on the first service account may be used from these addresses only.
    pub(crate) async fn admit(&self, network: &str) {
        let Installation { org_id, client_id, .. } = &self.installation;
        let path = format!("/api/public/v1.0/orgs/{org_id}/serviceAccounts/{client_id}/accessList");
        let mut client = self.client();
        let token = client.issue().await.unwrap();
        let list = serde_json::json!([{ "cidrBlock": network }]);
        let answer = client.post_json(&path, &token, &list).await.unwrap();
        assert_eq!(answer.status, 200, "{}", answer.text());
    }

    /// A verifier of its tokens, to be started.
    pub(crate) fn verifier(&self) -> Builder {
        let Installation { client_id, client_secret, .. } = &self.installation;
        Verifier::builder(ISSUER).url(self.url()).credentials(client_id, client_secret)
    }
}
