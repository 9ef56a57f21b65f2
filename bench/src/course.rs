//! One server on the course: what it takes to measure its endpoints slice by slice.

use std::time::Duration;

use crate::client::{Crowd, Token};
use crate::error::Error;
use crate::load::Stop;
use crate::slice::Slice;
use crate::speed::Endpoint;
use crate::subject::Subject;
use crate::workload::Question;

/// Introspection is asked about this many tokens in turn.
const QUESTIONS: u64 = 1_000;
/// As many connections keep the server busy when tokens are needed.
const BUSY: usize = 64;
/// Tokens per second to have in store for the first slice of revocations.
const FIRST_GUESS: f64 = 30_000.0;

pub(crate) struct Course<'a> {
    subject: &'a mut Subject,
    crowd: Crowd,
    slice: Duration,
    questions: Vec<Question>,
    /// Tokens that have not been revoked yet.
    live: Vec<Token>,
    /// Revocations per second in the fastest slice so far.
    fastest: Option<f64>,
}

impl<'a> Course<'a> {
    /// `crowd` will ask, in slices of this length.
    pub(crate) fn new(
        subject: &'a mut Subject,
        mut crowd: Crowd,
        slice: Duration,
    ) -> Result<Self, Error> {
        let (_, known) = subject.issue(&mut crowd, 1, Stop::AfterRequests(QUESTIONS))?;
        let questions = subject.questions_about(&known)?;
        Ok(Self { subject, crowd, slice, questions, live: Vec::new(), fastest: None })
    }

    /// One slice of an endpoint.
    pub(crate) fn slice(&mut self, endpoint: Endpoint, connections: usize) -> Result<Slice, Error> {
        let stop = Stop::After(self.slice);
        let load = match endpoint {
            Endpoint::Healthz => self.subject.healthz(connections, stop)?,
            Endpoint::Issue => self.subject.issue(&mut self.crowd, connections, stop)?.0,
            Endpoint::Introspect => self.subject.introspect(connections, stop, &self.questions)?,
            Endpoint::Revoke => {
                let tokens = std::mem::take(&mut self.live);
                let (load, live) = self.subject.revoke(connections, stop, tokens)?;
                self.live = live;
                let rate = Slice::of(&load).requests_per_second;
                self.fastest = Some(self.fastest.map_or(rate, |fastest| fastest.max(rate)));
                load
            }
        };
        Ok(Slice::of(&load))
    }

    /// Issues, untimed, more tokens than the next slice will revoke. Should it revoke them all, it
    /// ends with the last one, and its time is that of the last answer.
    pub(crate) fn stock_up(&mut self) -> Result<(), Error> {
        let rate = self.fastest.map_or(FIRST_GUESS, |fastest| fastest * 1.5);
        let needed = whole(rate * self.slice.as_secs_f64());
        let missing = needed.saturating_sub(self.live.len() as u64);
        let (_, tokens) =
            self.subject.issue(&mut self.crowd, BUSY, Stop::AfterRequests(missing))?;
        self.live.extend(tokens);
        Ok(())
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count of tokens")]
fn whole(number: f64) -> u64 {
    number as u64
}
