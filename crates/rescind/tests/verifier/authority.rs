//! The authority, and verifiers of its tokens.

use rescind_harness::Installation;
use rescind_verifier::{Builder, Verifier};

const BINARY: &str = env!("CARGO_BIN_EXE_rescind");

pub(crate) struct Authority(rescind_harness::Authority);

impl Authority {
    pub(crate) fn start() -> Self {
        Self(rescind_harness::Authority::start(BINARY).unwrap())
    }

    pub(crate) fn restart(&mut self) {
        self.0.restart().unwrap();
    }

    /// SIGKILL.
    pub(crate) fn kill(&mut self) {
        self.0.kill().unwrap();
    }

    /// SIGSTOP, so that it neither answers nor closes anything.
    pub(crate) fn pause(&self) {
        self.0.server().unwrap().pause().unwrap();
    }

    /// SIGCONT.
    pub(crate) fn resume(&self) {
        self.0.server().unwrap().resume().unwrap();
    }

    /// From now on the first service account may be used from these addresses only.
    pub(crate) async fn admit(&self, network: &str) {
        self.0.admit(network).await.unwrap();
    }

    pub(crate) fn installation(&self) -> &Installation {
        self.0.installation()
    }

    /// A client that presents the first service account.
    pub(crate) fn client(&self) -> rescind_harness::Client {
        self.0.client()
    }

    /// A verifier of its tokens, to be started.
    pub(crate) fn verifier(&self) -> Builder {
        let Installation { client_id, client_secret, .. } = self.installation();
        let issuer = rescind_harness::Authority::ISSUER;
        Verifier::builder(issuer).url(self.0.url()).credentials(client_id, client_secret)
    }
}
