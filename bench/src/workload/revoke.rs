//! `POST /api/oauth/revoke`.

use super::{FormRequest, Workload, wrong};
use crate::client::Token;
use crate::connection::Answer;
use crate::error::Error;

/// Revokes one live token after the other, none of them twice.
pub(crate) struct Revoke {
    form: FormRequest,
    tokens: Vec<Token>,
    asked: usize,
}

impl Revoke {
    pub(crate) fn new(form: FormRequest, tokens: Vec<Token>) -> Self {
        Self { form, tokens, asked: 0 }
    }

    /// The revoked tokens, and those that are still alive.
    pub(crate) fn into_revoked_and_live(mut self) -> (Vec<Token>, Vec<Token>) {
        let live = self.tokens.split_off(self.asked);
        (self.tokens, live)
    }
}

impl Workload for Revoke {
    fn next(&mut self, request: &mut Vec<u8>) -> Option<usize> {
        let token = self.tokens.get(self.asked)?;
        self.form.write(request, &token.client, "token", &token.text);
        self.asked += 1;
        Some(0)
    }

    /// A 200 only says so: introspection is asked about a sample of the tokens afterwards.
    fn check(&mut self, _: usize, answer: Answer<'_>) -> Result<(), Error> {
        if answer.status == 200 && answer.body.is_empty() {
            Ok(())
        } else {
            Err(wrong("POST /api/oauth/revoke", answer))
        }
    }
}
