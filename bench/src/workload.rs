//! What is asked of the server, and what proves that it did it.

mod healthz;
mod introspect;
mod issue;
mod pages;
mod revoke;

pub(crate) use healthz::Healthz;
pub(crate) use introspect::{FirstIntrospect, Introspect, Question};
pub(crate) use issue::{Issue, token as issued_token};
pub(crate) use pages::{Page, Pages};
pub(crate) use revoke::Revoke;

use std::io::Write;

use crate::client::{Client, Token};
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

/// All of a form request but who asks, its length and its body.
#[derive(Clone)]
pub(crate) struct FormRequest {
    head: String,
}

impl FormRequest {
    /// A request to `path`.
    pub(crate) fn new(path: &str, host: &str) -> Self {
        let head = format!(
            "POST {path} HTTP/1.1\r\n\
             Host: {host}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\n\
             Authorization: Basic "
        );
        Self { head }
    }

    /// Writes the bytes of the request. Neither a grant type nor a token has a character to escape.
    pub(crate) fn write(&self, request: &mut Vec<u8>, client: &Client, name: &str, value: &str) {
        let (head, credentials) = (&self.head, &client.credentials);
        let length = name.len() + 1 + value.len();
        // Writing to memory does not fail.
        let _ = write!(
            request,
            "{head}{credentials}\r\nContent-Length: {length}\r\n\r\n{name}={value}"
        );
    }

    /// The bytes of a request about a token, by the account that it was issued to.
    pub(crate) fn about(&self, token: &Token) -> Vec<u8> {
        let mut request = Vec::new();
        self.write(&mut request, &token.client, "token", &token.text);
        request
    }
}

/// The error of an answer that proves nothing.
pub(crate) fn wrong(request: &'static str, answer: Answer<'_>) -> Error {
    let body = String::from_utf8_lossy(answer.body).into_owned();
    Error::WrongAnswer { request, status: answer.status, body }
}
