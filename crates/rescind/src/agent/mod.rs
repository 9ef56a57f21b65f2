//! `rescind agent`: answers for a proxy whether a request may pass.
//!
//! To the proxy it is a service that answers 200 to every request with a live token: a single
//! handler behind the layer of the verifier.
//!
//! | module | what |
//! |---|---|
//! | `allowed` | the answer to a request that may pass |
//! | `listener` | where proxies ask |
//! | `metrics`, `operations` | what operators ask |
//! | `secret` | the secret of the service account that the agent is |

mod allowed;
mod listener;
mod metrics;
mod operations;
mod secret;

use std::fs;

use anyhow::Context as _;
use axum::{Router, response::Response};
use rescind_verifier::{ClientAddress, RequireToken, Verifier};
use tower::util::MapResponseLayer;

use self::metrics::Metrics;
pub(crate) use self::{listener::Listener, operations::router as operations_router};
use crate::config::AgentConfig;

/// What a running agent knows. Clones are one.
#[derive(Clone)]
pub(crate) struct Agent {
    verifier: Verifier,
    metrics: Metrics,
}

impl Agent {
    /// Begins to follow the authority, which may still be down.
    ///
    /// # Errors
    ///
    /// One sentence says what is missing that the operator has to give.
    pub(crate) fn start(config: &AgentConfig) -> anyhow::Result<Self> {
        let secret = secret::read(config.client_secret_file.as_deref())?;
        let mut verifier = Verifier::builder(config.issuer.as_str())
            .credentials(config.client_id.to_string(), secret.as_str())
            .leeway(config.leeway)
            .when_out_of_touch(config.when_out_of_touch);
        if let Some(url) = &config.url {
            verifier = verifier.url(url.as_str());
        }
        if let Some(audience) = &config.audience {
            verifier = verifier.audience(audience);
        }
        if let Some(file) = &config.ca_file {
            let unusable = || format!("cannot use the certificates in {}", file.display());
            verifier =
                verifier.ca(&fs::read(file).with_context(unusable)?).with_context(unusable)?;
        }
        let verifier = verifier.start()?;
        Ok(Self { metrics: Metrics::new(), verifier })
    }

    /// What proxies ask: any path, by any method.
    pub(crate) fn router(&self, config: &AgentConfig) -> Router {
        let address = ClientAddress::from_header(config.client_address_header.clone());
        let metrics = self.metrics.clone();
        let count = MapResponseLayer::new(move |response: Response| {
            metrics.answered(response.status());
            response
        });
        Router::new()
            .fallback(allowed::answer)
            .layer(RequireToken::new(self.verifier.clone(), address))
            .layer(count)
    }
}
