//! A whole request to the router.
//!
//! The input is a request as HTTP/1.1 writes it, with bare line ends. What only the service knows
//! stands in it by name: `{id}`, `{secret}`, `{basic}` (both, for a header), `{other_id}`,
//! `{token}` (live), `{other_token}` (live, of another account), `{dead_token}`.
#![no_main]

use std::cell::RefCell;

use axum::{
    body::{Body, to_bytes},
    http::{HeaderName, HeaderValue, Request, StatusCode},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use libfuzzer_sys::fuzz_target;
use rescind_fuzz::service::Service;
use serde_json::Value;
use tower::ServiceExt as _;

struct State {
    service: Service,
    token: String,
    dead_token: String,
}

thread_local! {
    static STATE: RefCell<State> = RefCell::new({
        let service = Service::start();
        let (token, dead_token) = (service.issue(), service.issue());
        let mut state = State { service, token, dead_token };
        let dead = state.dead_token.clone();
        let form = format!("token={dead}&client_id={{id}}&client_secret={{secret}}");
        state.run(format!("POST /api/oauth/revoke\ncontent-type: {FORM}\n\n{form}").as_bytes());
        assert!(!state.service.lives(&dead), "the target does not speak to the service");
        state
    });
}

const FORM: &str = "application/x-www-form-urlencoded";

fuzz_target!(|input: &[u8]| STATE.with_borrow_mut(|state| state.run(input)));

/// Which names stand in an input.
struct Named {
    right_credentials: bool,
    live_token: bool,
}

impl State {
    fn run(&mut self, input: &[u8]) {
        let named = Named {
            right_credentials: has(input, "{basic}")
                || (has(input, "{id}") && has(input, "{secret}")),
            live_token: has(input, "{token}") || has(input, "{other_token}"),
        };
        let Some(request) = read(&self.fill_in(input)) else { return };
        let path = request.uri().path().to_owned();
        let (status, body) = self.service.runtime.block_on(async {
            let response = self.service.router.clone().oneshot(request).await;
            let response = response.unwrap_or_else(|never| match never {});
            let status = response.status();
            (status, to_bytes(response.into_body(), usize::MAX).await.expect("a body in memory"))
        });
        self.judge(&path, status, &body, &named);
    }

    fn fill_in(&self, input: &[u8]) -> Vec<u8> {
        let Service { id, secret, other_id, other_token, .. } = &self.service;
        let basic = STANDARD.encode(format!("{id}:{secret}"));
        let names: [(&str, &str); 7] = [
            ("{id}", id),
            ("{secret}", secret),
            ("{basic}", &basic),
            ("{other_id}", other_id),
            ("{token}", &self.token),
            ("{other_token}", other_token),
            ("{dead_token}", &self.dead_token),
        ];
        let mut filled = Vec::with_capacity(input.len() + 1024);
        let mut rest = input;
        while let Some(first) = rest.first() {
            match names.iter().find(|(name, _)| rest.starts_with(name.as_bytes())) {
                Some((name, value)) => {
                    filled.extend_from_slice(value.as_bytes());
                    rest = &rest[name.len()..];
                }
                None => {
                    filled.push(*first);
                    rest = &rest[1..];
                }
            }
        }
        filled
    }

    fn judge(&mut self, path: &str, status: StatusCode, body: &[u8], named: &Named) {
        let code = status.as_u16();
        let json: Value = serde_json::from_slice(body).unwrap_or(Value::Null);
        let answer = json.get("content").unwrap_or(&json); // of an envelope
        let oauth =
            matches!(path, "/api/oauth/token" | "/api/oauth/revoke" | "/api/oauth/introspect");
        let open = path == "/healthz" || path.starts_with("/.well-known/");
        if oauth {
            assert!([200, 400, 401, 405, 413].contains(&code), "{path} answered {code}");
        } else {
            assert!([200, 400, 401, 404, 405].contains(&code), "{path} answered {code}");
        }
        if code == 200 && oauth {
            assert!(named.right_credentials, "{path} took credentials that were not issued");
        }
        if code == 200 && !oauth && !open {
            assert!(named.live_token, "{path} took a token that was not issued");
        }
        if code != 200 && !open && !body.is_empty() {
            assert!(json.is_object(), "{path} answered {code} with what is not JSON");
        }
        if let Some(token) = answer.get("access_token") {
            let token = token.as_str().expect("a token is a text");
            assert!(self.service.lives(token), "a token was dead when it was issued");
        }
        if answer.get("active") == Some(&Value::Bool(true)) {
            assert!(named.live_token, "a token is active that was not issued");
        }
        let State { service, dead_token, .. } = self;
        assert!(service.lives(&service.other_token), "a token of another account was revoked");
        assert!(!service.lives(dead_token), "a dead token came back to life");
        if !service.lives(&self.token) {
            assert!(path == "/api/oauth/revoke" && code == 200, "{path} took a token back");
            self.token = service.issue();
        }
    }
}

fn has(input: &[u8], name: &str) -> bool {
    input.windows(name.len()).any(|window| window == name.as_bytes())
}

/// The request, without the headers that HTTP would not let through; `None` if its first line is
/// not one.
fn read(text: &[u8]) -> Option<Request<Body>> {
    let head = text.windows(2).position(|window| window == b"\n\n").unwrap_or(text.len());
    let body = text.get(head + 2..).unwrap_or_default().to_vec();
    let mut lines = text[..head].split(|byte| *byte == b'\n');
    let mut words = lines.next()?.split(|byte| *byte == b' ');
    let mut request = Request::builder().method(words.next()?).uri(words.next()?);
    for line in lines {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else { continue };
        let name = HeaderName::from_bytes(&line[..colon]);
        let value = HeaderValue::from_bytes(line[colon + 1..].trim_ascii());
        if let (Ok(name), Ok(value)) = (name, value) {
            request = request.header(name, value);
        }
    }
    request.body(body.into()).ok()
}
