//! `POST /api/oauth/introspect`.

use rescind_harness::Claims;
use serde::Deserialize;

use super::{FormRequest, Workload, wrong};
use crate::client::Token;
use crate::connection::Answer;
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
    /// About a live token, whose `answer` to the same question must name it and its account. Every
    /// later answer must be the same to the byte.
    pub(crate) fn about_live(
        form: &FormRequest,
        token: &Token,
        answer: Answer<'_>,
    ) -> Result<Self, Error> {
        let proven = answer.status == 200
            && serde_json::from_slice(answer.body).is_ok_and(|Live { active, client_id, jti }| {
                let id = Claims::of(&token.text).map(|claims| claims.id);
                active && client_id == token.client.id && Some(jti) == id
            });
        if proven {
            Ok(Self { request: form.about(token), expected: answer.body.to_vec() })
        } else {
            Err(wrong(REQUEST, answer))
        }
    }

    /// About a token that has been revoked.
    pub(crate) fn about_revoked(form: &FormRequest, token: &Token) -> Self {
        Self { request: form.about(token), expected: br#"{"active":false}"#.to_vec() }
    }
}

/// Asks for the first time about tokens that are alive, each once.
pub(crate) struct FirstIntrospect<'a> {
    form: FormRequest,
    tokens: &'a [Token],
    asked: usize,
    questions: Vec<Question>,
}

impl<'a> FirstIntrospect<'a> {
    pub(crate) fn new(form: FormRequest, tokens: &'a [Token]) -> Self {
        Self { form, tokens, asked: 0, questions: Vec::new() }
    }

    /// The questions that can be asked again.
    pub(crate) fn into_questions(self) -> Vec<Question> {
        self.questions
    }
}

impl Workload for FirstIntrospect<'_> {
    fn next(&mut self, request: &mut Vec<u8>) -> Option<usize> {
        let number = self.asked;
        *request = self.form.about(self.tokens.get(number)?);
        self.asked += 1;
        Some(number)
    }

    fn check(&mut self, number: usize, answer: Answer<'_>) -> Result<(), Error> {
        self.questions.push(Question::about_live(&self.form, &self.tokens[number], answer)?);
        Ok(())
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
