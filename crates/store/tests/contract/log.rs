//! What the change log promises.

use rescind_core::{
    account::Secret, api_key::ApiKey, digest::WrappedHa1s, signing::Algorithm, status_list::Term,
    token::TokenId,
};
use rescind_store::{Actor, Change, Entry, Event, Seq, Transaction};

use crate::{backend::Backend, samples::*};

pub(crate) async fn entries_come_back_as_written(backend: impl Backend) {
    let store = backend.open().await;
    let actors = [
        Actor::Operator,
        Actor::Server,
        Actor::Account { client_id: account(1), address: "192.0.2.7".parse().unwrap() },
        Actor::ApiKey {
            id: api_key(2),
            public_key: public_key(2),
            address: "2001:db8::7".parse().unwrap(),
        },
    ];
    let changes = [
        vec![
            Change::InstallationCreated(data_keys(7)),
            Change::OrganizationCreated(organization()),
            Change::GroupCreated(group(3)),
            Change::ServiceAccountCreated(service_account(1, vec![])),
            Change::SigningKeyAdded(key(4, Algorithm::Es256)),
        ],
        vec![Change::StatusListOpened(Term::starting(NOW))],
        vec![],
        vec![
            Change::SecretTokensRevoked { client_id: account(1), secret_id: secret(1) },
            Change::AccountTokensRevoked { client_id: account(2) },
        ],
    ];
    let mut batch: Vec<_> = actors
        .into_iter()
        .zip(changes)
        .map(|(actor, changes)| Transaction { actor, org_id: None, decided_of: None, changes })
        .collect();
    let list = rescind_core::status_list::ListId::from_number(6);
    batch[2].changes = vec![taken(list, 1, 2, (1, 1)), revoked(list, 130)];
    store.commit(NOW, &batch).await.unwrap();

    let term = Term::starting(NOW);
    let (client_id, secret_id) = (account(1), secret(1));
    let expected = [
        (0, Event::InstallationCreated),
        (0, Event::OrganizationCreated { org_id: ORG }),
        (0, Event::GroupCreated { group_id: group(3).id }),
        (0, Event::ServiceAccountCreated { client_id }),
        (0, Event::SigningKeyAdded { kid: key(4, Algorithm::Es256).info.kid }),
        (
            1,
            Event::StatusListOpened {
                closes_at: term.closes_at.as_second(),
                dies_at: term.dies_at.as_second(),
            },
        ),
        (2, Event::BlocksTaken { list, first: 1, count: 2, client_id, secret_id }),
        (2, Event::TokenRevoked { list, index: 130, client_id, token_id: TokenId::from_u128(130) }),
        (3, Event::SecretTokensRevoked { client_id, secret_id }),
        (3, Event::AccountTokensRevoked { client_id: account(2) }),
    ];
    let expected: Vec<_> = (1..)
        .zip(expected)
        .map(|(seq, (by, event))| Entry {
            seq: Seq(seq),
            at: NOW,
            actor: actors[by],
            org_id: None,
            event,
        })
        .collect();
    assert_eq!(store.entries(Seq(0), 100).await.unwrap(), expected);
}

pub(crate) async fn entries_are_read_from_any_point(backend: impl Backend) {
    let store = backend.open().await;
    for n in 1..=5 {
        commit(&*store, [Change::AccountTokensRevoked { client_id: account(n) }]).await;
    }
    let rows = [
        (0, 100, vec![1, 2, 3, 4, 5]),
        (0, 2, vec![1, 2]),
        (2, 2, vec![3, 4]),
        (4, 100, vec![5]),
        (5, 100, vec![]),
        (u64::MAX, 100, vec![]),
        (0, 0, vec![]),
    ];
    for (after, limit, expected) in rows {
        let entries = store.entries(Seq(after), limit).await.unwrap();
        let numbers: Vec<_> = entries.iter().map(|entry| entry.seq.0).collect();
        assert_eq!(numbers, expected, "row: {limit} after {after}");
    }
}

pub(crate) async fn no_secret_or_key_is_in_the_log(backend: impl Backend) {
    let store = backend.open().await;
    let secret = Secret { last_four: "Zz-9".to_owned(), ..stored_secret(0xab, 0) };
    let credentials = WrappedHa1s::from_bytes([0xba; _]);
    let api_key = ApiKey { last_twelve: "c0ffeec0ffee".to_owned(), credentials, ..stored_key(1) };
    commit(
        &*store,
        [
            Change::InstallationCreated(data_keys(0xef)),
            Change::OrganizationCreated(organization()),
            Change::ServiceAccountCreated(service_account(1, vec![secret])),
            Change::SigningKeyAdded(key(0xcd, Algorithm::Es256)),
            Change::ApiKeyCreated(api_key),
        ],
    )
    .await;
    let log = backend.log_bytes().await;
    let text = String::from_utf8(log).unwrap().to_lowercase();
    assert!(text.contains("service_account_created"), "this is the log: {text}");
    // Hash, sealed key, fingerprint, and what is kept of an API key: in hexadecimal, as a list of numbers, in base64.
    let forbidden = [
        "abababababab",
        "171,171",
        "q6urq6ur",
        "efefef",
        "239,239",
        "7+/v7+",
        "205,205",
        "zc3nzc3n",
        "sealed",
        "hash",
        "zz-9",
        "babababababa",
        "186,186",
        "urq6urq6",
        "c0ffee",
        "credentials",
    ];
    for part in forbidden {
        assert!(!text.contains(part), "{part} is in the log: {text}");
    }
}
