//! An authority that can be killed, paused and started again at the same address.

use std::path::{Path, PathBuf};

use serde_json::json;
use tempfile::TempDir;

use crate::{Client, Error, Installation, Server};

/// A `rescind serve` on a directory of its own, without limits.
#[derive(Debug)]
pub struct Authority {
    binary: PathBuf,
    root: TempDir,
    installation: Installation,
    server: Option<Server>,
    address: String,
}

impl Authority {
    /// The issuer of its tokens, which stays the same where the port changes.
    pub const ISSUER: &str = "http://rescind.test";

    /// Founds it, and starts it on a free port.
    ///
    /// # Errors
    ///
    /// As [`Installation::init`] and [`ServerBuilder::start`](crate::ServerBuilder::start).
    pub fn start(binary: impl AsRef<Path>) -> Result<Self, Error> {
        let root = tempfile::tempdir()?;
        let binary = binary.as_ref().to_owned();
        let installation = Installation::init(&binary, root.path())?;
        let address = "127.0.0.1:0".to_owned();
        let mut authority = Self { binary, root, installation, server: None, address };
        authority.restart()?;
        Ok(authority)
    }

    /// Starts it again, where it was before.
    ///
    /// # Errors
    ///
    /// As [`ServerBuilder::start`](crate::ServerBuilder::start).
    pub fn restart(&mut self) -> Result<(), Error> {
        let server = Server::builder(&self.binary, self.root.path())
            .listen(&self.address)
            .public_url(Self::ISSUER)
            .unlimited()
            .start()?;
        server.address().clone_into(&mut self.address);
        self.server = Some(server);
        Ok(())
    }

    /// SIGKILL, if it runs.
    ///
    /// # Errors
    ///
    /// As [`Server::kill`].
    pub fn kill(&mut self) -> Result<(), Error> {
        self.server.take().map_or(Ok(()), |server| server.kill().map(drop))
    }

    /// The process, while it runs.
    #[must_use]
    pub fn server(&self) -> Option<&Server> {
        self.server.as_ref()
    }

    /// Its first organization and service account.
    #[must_use]
    pub fn installation(&self) -> &Installation {
        &self.installation
    }

    /// Where it listens, or did: `http://HOST:PORT`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// A client that presents the first service account.
    #[must_use]
    pub fn client(&self) -> Client {
        Client::new(&self.url()).with_credentials(&self.installation)
    }

    /// From now on the first service account may be used from these addresses only.
    ///
    /// # Errors
    ///
    /// [`Error::Unexpected`] when it is not so.
    pub async fn admit(&self, network: &str) -> Result<(), Error> {
        let Installation { org_id, client_id, .. } = &self.installation;
        let path = format!("/api/public/v1.0/orgs/{org_id}/serviceAccounts/{client_id}/accessList");
        let mut client = self.client();
        let token = client.issue().await?;
        let list = json!([{ "cidrBlock": network }]);
        client.post_json(&path, &token, &list).await?.expect_ok("POST …/accessList").map(drop)
    }

    /// A `rescind agent` of it, to be started, that finds clients in the header `X-Real-IP`.
    #[must_use]
    pub fn agent(&self) -> crate::ServerBuilder {
        Server::agent(&self.binary, &self.installation)
            .arg("--issuer")
            .arg(Self::ISSUER)
            .arg("--url")
            .arg(self.url())
            .arg("--client-address-header")
            .arg("x-real-ip")
    }
}
