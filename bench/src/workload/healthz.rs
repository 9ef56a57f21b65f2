//! `GET /healthz`: what an answer costs when nothing is asked.

use super::{Workload, wrong};
use crate::connection::Answer;
use crate::error::Error;

pub(crate) struct Healthz {
    request: Vec<u8>,
}

impl Healthz {
    pub(crate) fn new(host: &str) -> Self {
        Self { request: format!("GET /healthz HTTP/1.1\r\nHost: {host}\r\n\r\n").into_bytes() }
    }
}

impl Workload for Healthz {
    fn next(&mut self, request: &mut Vec<u8>) -> Option<usize> {
        request.extend_from_slice(&self.request);
        Some(0)
    }

    fn check(&mut self, _: usize, answer: Answer<'_>) -> Result<(), Error> {
        if answer.status == 200 { Ok(()) } else { Err(wrong("GET /healthz", answer)) }
    }
}
