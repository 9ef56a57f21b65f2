//! A whole request to the management API (service-accounts-api.md, conventions.md): its path, its
//! query, its JSON. See `rescind_fuzz::request`. Beside the names of the service stand `{token}`
//! (live, of an owner) and `{other_token}` (live, of an account without a right).
#![no_main]

use std::cell::RefCell;

use axum::http::{Method, StatusCode};
use libfuzzer_sys::fuzz_target;
use rescind_fuzz::{
    request::{fill_in, has, read},
    service::Service,
};
use serde_json::Value;

/// After so many changes everything begins anew, so that nothing piles up.
const MOST_CHANGES: u64 = 100;

const ROOTS: [&str; 3] = ["/api/public/v1.0", "/api/atlas/v2", "/api/private"];

/// All that the API is documented to answer, but 429 and 503: there are no limits here.
const DOCUMENTED: [u16; 11] = [200, 201, 204, 400, 401, 403, 404, 405, 409, 413, 415];

struct State {
    service: Service,
    token: String,
    /// The last change before the first request.
    start: u64,
}

impl State {
    fn new() -> Self {
        let service = Service::start();
        let token = service.issue();
        Self { start: service.last_change(), service, token }
    }
}

thread_local! {
    static STATE: RefCell<State> = RefCell::new({
        let mut state = State::new();
        let body = r#"{"name": "a", "orgId": "{org}"}"#;
        state.run(format!("POST /api/public/v1.0/groups\nauthorization: Bearer {{token}}\n\n{body}").as_bytes());
        assert!(state.service.last_change() > state.start, "the target cannot change anything");
        state
    });
}

fuzz_target!(|input: &[u8]| STATE.with_borrow_mut(|state| state.run(input)));

impl State {
    fn run(&mut self, input: &[u8]) {
        let mut names = self.service.names();
        names.extend([("{token}", &*self.token), ("{other_token}", &*self.service.other_token)]);
        let Some(request) = read(&fill_in(input, &names)) else { return };
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        if !ROOTS.iter().any(|root| path.starts_with(root)) {
            return;
        }
        let before = self.service.last_change();
        let (status, body) = self.service.send(request);
        let changed = self.service.last_change() != before;
        let what = format!("{method} {path} answered {status}");

        assert!(DOCUMENTED.contains(&status.as_u16()), "{what}");
        if status.is_success() {
            let owner = has(input, "{token}");
            assert!(owner || has(input, "{other_token}"), "{what} without a token");
            assert!(owner || !changed, "{what} to an account without a right");
        } else {
            assert!(!changed, "{what} and changed something");
        }
        if method == Method::GET || method == Method::HEAD {
            assert!(!changed, "{what} and changed something");
        }
        if !body.is_empty() && method != Method::HEAD {
            let json: Value = serde_json::from_slice(&body).expect("an answer is JSON");
            assert_ne!(status, StatusCode::NO_CONTENT, "{what} with a body");
            let hidden = ["{strangers_id}", "{strangers_org}", "{strangers_group}"];
            let named = hidden.iter().any(|name| has(input, name));
            assert!(named || !shows_stranger(&self.service, &json), "{what} with what is hidden");
        }
        assert!(self.service.lives(&self.service.strangers_token), "{what} and reached a stranger");

        // An owner may delete itself, or shut itself out.
        let usable =
            self.service.lives(&self.token) && self.service.lives(&self.service.other_token);
        if !usable || self.service.last_change() - self.start > MOST_CHANGES {
            *self = Self::new();
        }
    }
}

/// Whether an answer names something of the other organization. Errors repeat what was sent, so
/// that this is asked only of inputs that do not name it.
fn shows_stranger(service: &Service, answer: &Value) -> bool {
    let text = answer.to_string();
    let mut names = service.names().into_iter();
    names.any(|(name, value)| name.starts_with("{strangers_") && text.contains(value))
}
