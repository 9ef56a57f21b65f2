//! `POST /api/oauth/introspect`.

use rescind_harness::{Claims, Installation};
use serde::Deserialize;

use super::{FormRequest, Workload, wrong};
use crate::connection::{Answer, Connection};
use crate::error::Error;

const REQUEST: &str = "POST /api/oauth/introspect";

/// A token to ask about, with the answer that must come.
pub(crate) struct Question {
    request: Vec<u8>,
    expected: Vec<u8>,
}

/// The part of an answer about a live token that says whose and which it is.
#[derive(Deserialize)]
struct Live {
    active: bool,
    client_id: String,
    jti: String,
}

impl Question {
    /// Asks once about a live token. The answer must name this token and its account, and every
    /// later one must be the same to the byte.
    pub(crate) async fn about_live(
        connection: &mut Connection,
        form: &FormRequest,
        installation: &Installation,
        token: &str,
    ) -> Result<Self, Error> {
        let request = form.with("token", token);
        let answer = connection.exchange(&request).await.map_err(Error::io("introspect"))?;
        let proven = answer.status == 200
            && serde_json::from_slice(answer.body).is_ok_and(|Live { active, client_id, jti }| {
                let id = Claims::of(token).map(|claims| claims.id);
                active && client_id == installation.client_id && Some(jti) == id
            });
        if proven {
            let expected = answer.body.to_vec();
            Ok(Self { request, expected })
        } else {
            Err(wrong(REQUEST, answer))
        }
    }

    /// About a token that has been revoked.
    pub(crate) fn about_revoked(form: &FormRequest, token: &str) -> Self {
        Self { request: form.with("token", token), expected: br#"{"active":false}"#.to_vec() }
    }
}

/// Asks the same questions in turn.
pub(crate) struct Introspect<'a> {
    questions: &'a [Question],
    next: usize,
}

impl<'a> Introspect<'a> {
    pub(crate) fn new(questions: &'a [Question]) -> Self {
        Self { questions, next: 0 }
    }
}

impl Workload for Introspect<'_> {
    fn next(&mut self, request: &mut Vec<u8>) -> Option<usize> {
        let number = self.next;
        request.extend_from_slice(&self.questions.get(number)?.request);
        self.next = (number + 1) % self.questions.len();
        Some(number)
    }

    fn check(&mut self, number: usize, answer: Answer<'_>) -> Result<(), Error> {
        if answer.status == 200 && answer.body == self.questions[number].expected {
            Ok(())
        } else {
            Err(wrong(REQUEST, answer))
        }
    }
}
