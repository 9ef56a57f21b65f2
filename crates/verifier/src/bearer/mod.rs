//! Requests over HTTP that need a live token (RFC 6750).
//!
//! | module | what |
//! |---|---|
//! | `presented` | the token that a request presents |
//! | `client_address` | where it comes from |
//! | `denial` | what is answered to one that is not let through |
//! | `layer` | all requests of a service, as a `tower::Layer` |
//! | `extract` | those of one handler, as an extractor of axum |

mod client_address;
mod denial;
#[cfg(feature = "axum")]
mod extract;
mod layer;
mod presented;

#[cfg(feature = "axum")]
pub use self::extract::LiveToken;
pub use self::{
    client_address::ClientAddress,
    denial::Denial,
    layer::{RequireToken, RequireTokenFuture, RequireTokenService},
};
