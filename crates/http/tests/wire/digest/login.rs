//! Which proofs are taken.

use rescind_core::signing;
use serde_json::{Value, json};

use super::{
    ORGS,
    client::{Algorithm, Key, Proof, fresh_nonce, nonce, with_json},
};
use crate::{app::TestApp, call::Answer};

/// RFC 7616 section 3.4 with both hashes, and RFC 2069 (conventions.md 1.1, row "op": what curl
/// falls back to).
#[tokio::test]
async fn an_api_key_logs_in_with_either_hash_with_and_without_qop() {
    let app = TestApp::start().await;
    let key = Key::make(&app, &["ORG_MEMBER"]).await;
    for root in ["/api/public/v1.0", "/api/atlas/v2"] {
        for algorithm in [Algorithm::Md5, Algorithm::Sha256] {
            for qop in [Some(("0a4f113b", "00000001".to_owned())), None] {
                let row = format!("{algorithm:?} {qop:?} at {root}");
                let nonce = fresh_nonce(&app).await;
                let proof = key.proof(&nonce, "GET", &format!("{root}/orgs"));
                let answer = Proof { algorithm, qop, ..proof }.send(&app).await;
                assert_eq!(answer.status, 200, "{row}: {}", answer.text());
                assert_eq!(answer.lines("www-authenticate"), [""; 0], "{row}");
                assert_eq!(answer.json()["results"][0]["id"], app.owner.org_id.to_string());
            }
        }
    }
}

/// Without `algorithm`, it is MD5 (RFC 7616 section 3.4); what is not offered is not taken.
#[tokio::test]
async fn what_names_no_algorithm_is_taken_for_md5() {
    let app = TestApp::start().await;
    let key = Key::make(&app, &["ORG_MEMBER"]).await;
    let rows = [
        ("", 200),
        (", algorithm=md5", 200),
        (", algorithm=\"MD5\"", 200),
        (", algorithm=MD5-sess", 401),
        (", algorithm=SHA-256", 401),
        (", algorithm=", 401),
    ];
    for (written, status) in rows {
        let header = key.proof(&fresh_nonce(&app).await, "GET", ORGS).header();
        let header = header.replace(", algorithm=MD5", written);
        let answer = app.get(ORGS).header("authorization", header).send().await;
        assert_eq!(answer.status, status, "{written}");
    }
}

#[tokio::test]
async fn every_method_can_be_proved_and_no_other_than_the_requests() {
    let app = TestApp::start().await;
    let key = Key::make(&app, &["ORG_OWNER"]).await;
    let one = format!("{ORGS}/{}", app.owner.org_id);
    let keys = format!("{one}/apiKeys");
    let new = json!({"desc": "another", "roles": ["ORG_MEMBER"]});
    let rows = [
        ("GET", &*one, Value::Null, 200),
        ("HEAD", &*one, Value::Null, 200),
        ("PATCH", &*one, json!({"name": "renamed"}), 200),
        ("POST", &*keys, new, 200),
        (
            "DELETE",
            &format!("{keys}/{}", Key::make(&app, &["ORG_MEMBER"]).await.id),
            Value::Null,
            204,
        ),
    ];
    for (method, target, body, status) in rows {
        let mut proof = key.proof(&fresh_nonce(&app).await, "PUT", target);
        let asked = |header| {
            with_json(app.call(method, target).header("authorization", header), &body).send()
        };
        assert_eq!(asked(proof.header()).await.status, 401, "{method}");
        proof.method = method.to_owned();
        assert_eq!(asked(proof.header()).await.status, status, "{method}");
    }
}

/// RFC 7616 section 3.4.6: a proof for one resource is none for another.
#[tokio::test]
async fn a_proof_is_good_for_the_target_that_it_names() {
    let app = TestApp::start().await;
    let key = Key::make(&app, &["ORG_OWNER"]).await;
    let target = format!("{ORGS}?pretty=true&itemsPerPage=7");
    let rows = [
        (&*target, 200),
        (ORGS, 401),
        ("/api/public/v1.0/orgs?itemsPerPage=7&pretty=true", 401),
        ("/api/public/v1.0/orgs?pretty=true", 401),
        ("/api/public/v1.0/orgs/?pretty=true&itemsPerPage=7", 401),
        ("/api/public/v1.0/%6frgs?pretty=true&itemsPerPage=7", 401),
        ("/API/public/v1.0/orgs?pretty=true&itemsPerPage=7", 401),
        ("/orgs?pretty=true&itemsPerPage=7", 401),
        ("/prefix/api/public/v1.0/orgs?pretty=true&itemsPerPage=7", 401),
        ("http://tokens.example.com/api/public/v1.0/orgs?pretty=true&itemsPerPage=7", 401),
        ("", 401),
    ];
    for (uri, status) in rows {
        let proof = key.proof(&fresh_nonce(&app).await, "GET", uri);
        let answer = app.get(&target).header("authorization", proof.header()).send().await;
        assert_eq!(answer.status, status, "{uri}");
        if status == 401 {
            assert!(answer.lines("www-authenticate")[0].ends_with("stale=false"), "{uri}");
        }
    }
}

/// What a client percent-encodes in its target, it encodes in its proof.
#[tokio::test]
async fn a_target_is_compared_as_it_was_sent() {
    let app = TestApp::start().await;
    let key = Key::make(&app, &["ORG_OWNER"]).await;
    let lists = format!("{ORGS}/{}/apiKeys/{}/accessList", app.owner.org_id, key.id);
    let entry = json!([{"cidrBlock": "203.0.113.0/24"}, {"cidrBlock": "0.0.0.0/8"}]);
    assert_eq!(key.ask(&app, "POST", &lists, &entry).await.status, 200);
    for entry in ["203.0.113.0%2f24", "203.0.113.0%2F24"] {
        let target = format!("{lists}/{entry}");
        let answer = key.ask(&app, "GET", &target, &Value::Null).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
    let proof = key.proof(&fresh_nonce(&app).await, "GET", &format!("{lists}/203.0.113.0/24"));
    let target = format!("{lists}/203.0.113.0%2F24");
    let call = app.get(&target).header("authorization", proof.header());
    assert_eq!(call.send().await.status, 401);
}

/// A proxy takes off the path of the public URL, which the client had put into its proof.
#[tokio::test]
async fn the_path_of_the_public_url_may_stand_before_a_target() {
    let app =
        TestApp::start_with("https://example.com/rescind", signing::Algorithm::default()).await;
    let key = Key::make(&app, &["ORG_OWNER"]).await;
    let rows = [
        ("/rescind/api/public/v1.0/orgs", 200),
        ("/api/public/v1.0/orgs", 200),
        ("/rescind/rescind/api/public/v1.0/orgs", 401),
        ("/other/api/public/v1.0/orgs", 401),
        ("/rescind", 401),
    ];
    for (uri, status) in rows {
        let proof = key.proof(&fresh_nonce(&app).await, "GET", uri);
        let answer = app.get(ORGS).header("authorization", proof.header()).send().await;
        assert_eq!(answer.status, status, "{uri}");
    }
}

/// Status, body and headers, but for the nonce.
fn apart_from_its_nonce(answer: &Answer) -> String {
    let nonce = nonce(answer);
    format!("{} {} {:?}", answer.status, answer.text(), answer.headers).replace(&nonce, "")
}

/// One answer for all of them: who asks does not learn which keys there are.
#[tokio::test]
async fn a_wrong_proof_tells_nothing_of_what_is_wrong() {
    let app = TestApp::start().await;
    let key = Key::make(&app, &["ORG_OWNER"]).await;
    let other = Key::make(&app, &["ORG_OWNER"]).await;
    let deleted = Key::make(&app, &["ORG_OWNER"]).await;
    let path = format!("{ORGS}/{}/apiKeys/{}", app.owner.org_id, deleted.id);
    assert_eq!(key.ask(&app, "DELETE", &path, &Value::Null).await.status, 204);
    let right = key.proof(&fresh_nonce(&app).await, "GET", ORGS);
    let but = |change: &dyn Fn(&mut Proof)| {
        let mut proof = right.clone();
        change(&mut proof);
        proof.header()
    };
    let masked = format!("********-****-****-{}", &key.private[24..]);
    #[rustfmt::skip]
    let rows = [
        ("unknown",          but(&|proof| proof.username = "aaaaaaaa".to_owned())),
        ("deleted",          deleted.proof(&right.nonce, "GET", ORGS).header()),
        ("no public key",    but(&|proof| proof.username = "Mufasa".to_owned())),
        ("by its id",        but(&|proof| proof.username.clone_from(&key.id))),
        ("nobody",           but(&|proof| proof.username = String::new())),
        ("wrong",            but(&|proof| proof.password = "x".to_owned())),
        ("empty",            but(&|proof| proof.password = String::new())),
        ("masked",           but(&|proof| proof.password.clone_from(&masked))),
        ("another's",        but(&|proof| proof.password.clone_from(&other.private))),
        ("capitals",         but(&|proof| proof.username = key.public.to_uppercase())),
        ("another realm",    but(&|proof| proof.realm = "MMS".to_owned())),
        ("another method",   but(&|proof| proof.method = "POST".to_owned())),
        ("not its response", right.header().replace(&right.response(), &"0".repeat(32))),
        ("no response",      right.header().replace(&right.response(), "")),
        ("half a response",  right.header().replace(&right.response(), &right.response()[..16])),
        ("not its nonce",    right.header().replace(&right.nonce, &fresh_nonce(&app).await)),
        ("not its cnonce",   right.header().replace("0a4f113b", "0a4f113c")),
        ("not its count",    right.header().replace("00000001", "00000002")),
        ("a client's own",   format!("Digest {}", &crate::call::basic(&app.owner.id, app.owner.secret())[6..])),
        ("nothing",          "Digest ".to_owned()),
        ("twice",            format!("{}, nonce=\"x\"", right.header())),
    ];
    let nothing = apart_from_its_nonce(&app.get(ORGS).send().await);
    for (row, header) in rows {
        let answer = app.get(ORGS).header("authorization", &header).send().await;
        assert_eq!(apart_from_its_nonce(&answer), nothing, "row: {row}: {header}");
    }
    let twice = app.get(ORGS).header("authorization", right.header());
    let answer = twice.header("authorization", right.header()).send().await;
    assert_eq!(apart_from_its_nonce(&answer), nothing, "two headers");
    // None of them used the proof up.
    assert_eq!(right.send(&app).await.status, 200);
}

/// RFC 9110 section 11.1: a scheme's name is read in any case.
#[tokio::test]
async fn the_schemes_name_is_read_in_any_case() {
    let app = TestApp::start().await;
    let key = Key::make(&app, &["ORG_OWNER"]).await;
    for scheme in ["digest", "DIGEST", "dIgEsT", "Digest "] {
        let header = key.proof(&fresh_nonce(&app).await, "GET", ORGS).header();
        let header = header.replacen("Digest", scheme, 1);
        let answer = app.get(ORGS).header("authorization", header).send().await;
        assert_eq!(answer.status, 200, "{scheme}");
    }
}
