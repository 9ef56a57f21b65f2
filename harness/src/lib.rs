//! Starts the real `rescind` process and speaks to it as any client would: over its command line,
//! its signals and HTTP. For tests, benches and interoperability runs; nothing here is shipped.
//!
//! - [`Installation`]: a data directory made by `rescind init`, and its first service account
//! - [`Server`]: a running `rescind serve`, killed when it is dropped
//! - [`Client`]: one keep-alive connection to it
//! - [`CertificateAuthority`]: makes the certificates that a run needs
//! - [`Claims`]: what a token says of itself
//! - [`Postgres`], [`Database`]: a PostgreSQL server, and an empty database on one
//!
//! ```no_run
//! # async fn example() -> Result<(), rescind_harness::Error> {
//! use rescind_harness::{Client, Installation, Server};
//!
//! let binary = "target/debug/rescind";
//! let installation = Installation::init(binary, "data")?;
//! let server = Server::start(binary, "data")?;
//! let mut client = Client::new(server.url()).with_credentials(&installation);
//! let token = client.issue().await?;
//! assert!(client.is_active(&token).await?);
//! # Ok(())
//! # }
//! ```

mod certificate;
mod claims;
mod client;
mod error;
pub mod frames;
mod installation;
mod postgres;
mod server;
mod transcript;

pub use certificate::{Certificate, CertificateAuthority, CertificateFiles, Validity};
pub use claims::{Claims, StatusBit};
pub use client::{Answer, Client};
pub use error::Error;
pub use installation::Installation;
pub use postgres::{Database, Postgres};
pub use rustix::process::Signal;
pub use server::{Exit, Server, ServerBuilder};
