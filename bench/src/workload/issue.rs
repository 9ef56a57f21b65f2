//! `POST /api/oauth/token`.

use std::rc::Rc;

use super::{FormRequest, Workload, wrong};
use crate::client::{Client, Crowd, Token};
use crate::connection::Answer;
use crate::error::Error;

const REQUEST: &str = "POST /api/oauth/token";

/// Asks for tokens and keeps them. What a token says of itself is read afterwards: decoding it here
/// would be time taken from the next request.
pub(crate) struct Issue<'a> {
    form: FormRequest,
    crowd: &'a mut Crowd,
    /// Who has asked, in this order.
    asked: Vec<Rc<Client>>,
    tokens: Vec<Token>,
}

impl<'a> Issue<'a> {
    pub(crate) fn new(form: FormRequest, crowd: &'a mut Crowd) -> Self {
        Self { form, crowd, asked: Vec::new(), tokens: Vec::new() }
    }

    pub(crate) fn into_tokens(self) -> Vec<Token> {
        self.tokens
    }
}

impl Workload for Issue<'_> {
    fn next(&mut self, request: &mut Vec<u8>) -> Option<usize> {
        let client = self.crowd.next()?;
        self.form.write(request, &client, "grant_type", "client_credentials");
        self.asked.push(client);
        Some(self.asked.len() - 1)
    }

    fn check(&mut self, number: usize, answer: Answer<'_>) -> Result<(), Error> {
        let text = token(answer).ok_or_else(|| wrong(REQUEST, answer))?.to_owned();
        self.tokens.push(Token { client: Rc::clone(&self.asked[number]), text });
        Ok(())
    }
}

/// The token of an answer that is, byte for byte, the documented one.
pub(crate) fn token(answer: Answer<'_>) -> Option<&str> {
    if answer.status != 200 {
        return None;
    }
    std::str::from_utf8(answer.body)
        .ok()?
        .strip_prefix(r#"{"access_token":""#)?
        .strip_suffix(r#"","expires_in":3600,"token_type":"Bearer"}"#)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_documented_answer_is_a_token() {
        let good = br#"{"access_token":"a.b.c","expires_in":3600,"token_type":"Bearer"}"#;
        assert_eq!(token(Answer { status: 200, body: good }), Some("a.b.c"));
        assert_eq!(token(Answer { status: 500, body: good }), None);
        assert_eq!(token(Answer { status: 200, body: br#"{"access_token":"a.b.c"}"# }), None);
    }
}
