//! An HTTP Digest client, as RFC 7616 section 3.4 describes one, and RFC 2069 before it.

use aws_lc_rs::digest::{SHA256, digest};
use md5::{Digest as _, Md5};
use serde_json::{Value, json};

use super::ORGS;
use crate::{
    app::TestApp,
    call::{Answer, Call},
};

/// An API key, as whoever made it holds it.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    pub id: String,
    pub public: String,
    pub private: String,
}

impl Key {
    /// What was just made.
    pub(crate) fn of(made: &Value) -> Self {
        let text = |name: &str| made[name].as_str().unwrap().to_owned();
        Self { id: text("id"), public: text("publicKey"), private: text("privateKey") }
    }

    /// One that the owner of `app` makes.
    pub(crate) async fn make(app: &TestApp, roles: &[&str]) -> Self {
        let path = format!("{ORGS}/{}/apiKeys", app.owner.org_id);
        let token = app.token(&app.owner).await;
        let body = json!({"desc": "a client's", "roles": roles}).to_string();
        let call = app.post(&path).bearer(&token).header("content-type", "application/json");
        let answer = call.body(body).send().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        Self::of(&answer.json())
    }

    /// What it proves itself with.
    pub(crate) fn proof(&self, nonce: &str, method: &str, uri: &str) -> Proof {
        Proof {
            username: self.public.clone(),
            password: self.private.clone(),
            realm: "MMS Public API".to_owned(),
            nonce: nonce.to_owned(),
            method: method.to_owned(),
            uri: uri.to_owned(),
            algorithm: Algorithm::Md5,
            qop: Some(("0a4f113b", "00000001".to_owned())),
        }
    }

    /// The whole way: a request that is challenged, and the same with the answer to that.
    pub(crate) async fn ask(
        &self,
        app: &TestApp,
        method: &str,
        target: &str,
        body: &Value,
    ) -> Answer {
        let challenged = app.call(method, target).send().await;
        let proof = self.proof(&nonce(&challenged), method, target);
        let call = app.call(method, target).header("authorization", proof.header());
        with_json(call, body).send().await
    }
}

/// The call with a body of JSON, unless it is null.
pub(crate) fn with_json(call: Call, body: &Value) -> Call {
    if body.is_null() {
        return call;
    }
    call.header("content-type", "application/json").body(body.to_string())
}

/// The nonce of a challenge, taken out of its first line as MongoDB's library for Go does: it takes
/// off `Digest `, splits at a comma and a space, and refuses what it does not know.
pub(crate) fn nonce(answer: &Answer) -> String {
    assert_eq!(answer.status, 401, "{}", answer.text());
    let line = answer.lines("www-authenticate")[0].strip_prefix("Digest ").unwrap();
    let mut nonce = None;
    for part in line.split(", ") {
        let (name, value) = part.split_once('=').unwrap();
        match name {
            "nonce" => nonce = Some(value.trim_matches('"').to_owned()),
            "realm" | "domain" | "opaque" | "stale" | "algorithm" | "qop" => {}
            name => panic!("challenge is bad: {name}"),
        }
    }
    nonce.unwrap()
}

/// A nonce that was just issued.
pub(crate) async fn fresh_nonce(app: &TestApp) -> String {
    nonce(&app.get(ORGS).send().await)
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Algorithm {
    Md5,
    Sha256,
}

impl Algorithm {
    fn hash(self, text: &str) -> String {
        match self {
            Self::Md5 => hex::encode(Md5::digest(text)),
            Self::Sha256 => hex::encode(digest(&SHA256, text.as_bytes())),
        }
    }
}

/// All that a response is made of. A test changes what it likes.
#[derive(Clone, Debug)]
pub(crate) struct Proof {
    pub username: String,
    pub password: String,
    pub realm: String,
    pub nonce: String,
    pub method: String,
    pub uri: String,
    pub algorithm: Algorithm,
    /// `cnonce` and `nc`; without them it is a response of RFC 2069.
    pub qop: Option<(&'static str, String)>,
}

impl Proof {
    /// What is as good as the private key.
    pub(crate) fn ha1(&self) -> String {
        let Self { username, password, realm, algorithm, .. } = self;
        algorithm.hash(&format!("{username}:{realm}:{password}"))
    }

    pub(crate) fn response(&self) -> String {
        let Self { nonce, method, uri, algorithm, qop, .. } = self;
        let a1 = self.ha1();
        let a2 = algorithm.hash(&format!("{method}:{uri}"));
        algorithm.hash(&match qop {
            Some((cnonce, nc)) => format!("{a1}:{nonce}:{nc}:{cnonce}:auth:{a2}"),
            None => format!("{a1}:{nonce}:{a2}"),
        })
    }

    /// The value of an `Authorization` header.
    pub(crate) fn header(&self) -> String {
        let Self { username, realm, nonce, uri, algorithm, qop, .. } = self;
        let response = self.response();
        let name = match algorithm {
            Algorithm::Md5 => "MD5",
            Algorithm::Sha256 => "SHA-256",
        };
        let qop = qop.as_ref().map_or(String::new(), |(cnonce, nc)| {
            format!(r#", qop=auth, nc={nc}, cnonce="{cnonce}""#)
        });
        format!(
            r#"Digest username="{username}", realm="{realm}", nonce="{nonce}", uri="{uri}", response="{response}", algorithm={name}{qop}"#
        )
    }

    /// Asks, with this proof.
    pub(crate) async fn send(&self, app: &TestApp) -> Answer {
        app.call(&self.method, &self.uri).header("authorization", self.header()).send().await
    }
}
