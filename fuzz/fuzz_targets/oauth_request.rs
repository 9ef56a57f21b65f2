//! A whole request to the router, for all but the management API (oauth-endpoints.md 5,
//! docs/feed.md): see `rescind_fuzz::request`. Beside the names of the service stand `{token}`
//! (live), `{other_token}` (live, of another account) and `{dead_token}`.
#![no_main]

use std::cell::RefCell;

use axum::http::StatusCode;
use libfuzzer_sys::fuzz_target;
use rescind_fuzz::{
    request::{fill_in, has, read},
    service::Service,
};
use serde_json::Value;

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

/// Who asks these needs no token.
const OPEN: [&str; 6] =
    ["/healthz", "/readyz", "/docs", "/openapi.json", "/.well-known/", "/statuslists"];

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
        let mut names = self.service.names();
        names.extend([
            ("{token}", &*self.token),
            ("{other_token}", &*self.service.other_token),
            ("{dead_token}", &*self.dead_token),
        ]);
        let Some(request) = read(&fill_in(input, &names)) else { return };
        let path = request.uri().path().to_owned();
        if ["/api/public", "/api/atlas", "/api/private"].iter().any(|root| path.starts_with(root)) {
            return; // see `management_request`
        }
        let (status, body) = self.service.send(request);
        self.judge(&path, status, &body, &named);
    }

    fn judge(&mut self, path: &str, status: StatusCode, body: &[u8], named: &Named) {
        let code = status.as_u16();
        let json: Value = serde_json::from_slice(body).unwrap_or(Value::Null);
        let answer = json.get("content").unwrap_or(&json); // of an envelope
        let oauth =
            matches!(path, "/api/oauth/token" | "/api/oauth/revoke" | "/api/oauth/introspect");
        let open = OPEN.iter().any(|start| path.starts_with(start));
        if oauth {
            assert!([200, 400, 401, 405, 413].contains(&code), "{path} answered {code}");
        } else {
            let documented = [200, 204, 304, 400, 401, 404, 405, 406, 413, 415].contains(&code);
            assert!(documented, "{path} answered {code}");
        }
        if status.is_success() && oauth {
            assert!(named.right_credentials, "{path} took credentials that were not issued");
        }
        if status.is_success() && !oauth && !open {
            assert!(named.live_token, "{path} took a token that was not issued");
        }
        if !status.is_success() && !open && !body.is_empty() {
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
