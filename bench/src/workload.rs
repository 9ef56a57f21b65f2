//! What is asked of the server, and what proves that it did it.

mod healthz;
mod introspect;
mod issue;
mod revoke;

pub(crate) use healthz::Healthz;
pub(crate) use introspect::{FirstIntrospect, Introspect, Question};
pub(crate) use issue::Issue;
pub(crate) use revoke::Revoke;

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rescind_harness::Installation;

use crate::connection::Answer;
use crate::error::Error;

/// A stream of requests to one endpoint, drawn from by all connections.
pub(crate) trait Workload {
    /// Writes the next request into `request`, which is empty, and returns its number for
    /// [`Workload::check`]; `None` when there is nothing left to ask.
    fn next(&mut self, request: &mut Vec<u8>) -> Option<usize>;

    /// Refuses every answer that does not prove that the work was done. Runs between requests, so
    /// whatever takes long is kept for later.
    fn check(&mut self, number: usize, answer: Answer<'_>) -> Result<(), Error>;
}

/// All of a form request but its length and its body.
#[derive(Clone)]
pub(crate) struct FormRequest {
    head: String,
}

impl FormRequest {
    /// A request to `path` with the credentials of the first service account.
    pub(crate) fn new(path: &str, host: &str, installation: &Installation) -> Self {
        let Installation { client_id, client_secret, .. } = installation;
        let basic = STANDARD.encode(format!("{client_id}:{client_secret}"));
        let head = format!(
            "POST {path} HTTP/1.1\r\n\
             Host: {host}\r\n\
             Authorization: Basic {basic}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\n\
             Content-Length: "
        );
        Self { head }
    }

    /// The bytes of the request. Neither a grant type nor a token has a character to escape.
    pub(crate) fn with(&self, name: &str, value: &str) -> Vec<u8> {
        let mut request = self.head.clone();
        let length = name.len() + 1 + value.len();
        // Writing to a String does not fail.
        let _ = write!(request, "{length}\r\n\r\n{name}={value}");
        request.into_bytes()
    }
}

fn wrong(request: &'static str, answer: Answer<'_>) -> Error {
    let body = String::from_utf8_lossy(answer.body).into_owned();
    Error::WrongAnswer { request, status: answer.status, body }
}
