//! Starts the real `rescind` process and speaks to it as any client would: over its command line,
//! its signals and HTTP. For tests, benches and interoperability runs; nothing here is shipped.
//!
//! - [`Installation`]: a data directory made by `rescind init`, and its first service account
//! - [`Server`]: a running `rescind serve` or `rescind agent`, killed when it is dropped
//! - [`Authority`]: both of them, with a life after death
//! - [`Nginx`]: the real one, in front of an application that `rescind agent` protects
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

mod authority;
mod certificate;
mod claims;
mod client;
mod error;
pub mod frames;
mod installation;
mod nginx;
mod postgres;
mod server;
mod transcript;

pub use authority::Authority;
pub use certificate::{Certificate, CertificateAuthority, CertificateFiles, Validity};
pub use claims::{Claims, StatusBit, altered};
pub use client::{Answer, Client};
pub use error::Error;
pub use installation::Installation;
pub use nginx::Nginx;
pub use postgres::{Database, Postgres};
pub use rustix::process::Signal;
pub use server::{Exit, Server, ServerBuilder};
