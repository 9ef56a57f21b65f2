//! What a revocation promises.

use rescind_core::status_list::{ListId, Term};
use rescind_store::{Change, Seq, Store, TokensOf};

use crate::{backend::Backend, samples::*};

/// A list in which two secrets of account 1 and one of account 2 have blocks.
async fn three_secrets(store: &dyn Store) -> ListId {
    let list = open_list(store, 0).await;
    let blocks = [
        taken(list, 0, 2, (1, 1)),
        taken(list, 2, 1, (1, 2)),
        taken(list, 3, 1, (2, 3)),
        taken(list, 4, 1, (1, 1)),
    ];
    commit(store, blocks).await;
    list
}

pub(crate) async fn a_token_is_revoked_alone(backend: impl Backend) {
    let store = backend.open().await;
    let list = three_secrets(&*store).await;
    for index in [0, 63, 64 + 5, 64 * 3 + 31] {
        commit(&*store, [revoked(list, index)]).await;
    }
    assert_eq!(bits(&*store).await, [(0, 1 << 63 | 1), (1, 1 << 5), (3, 1 << 31)]);
}

pub(crate) async fn revoking_twice_is_revoking_once(backend: impl Backend) {
    let store = backend.open().await;
    let list = three_secrets(&*store).await;
    commit(&*store, [revoked(list, 9), revoked(list, 9)]).await;
    commit(&*store, [revoked(list, 9)]).await;
    assert_eq!(bits(&*store).await, [(0, 1 << 9)]);
}

pub(crate) async fn the_tokens_of_a_secret_are_revoked_and_no_others(backend: impl Backend) {
    let store = backend.open().await;
    let list = three_secrets(&*store).await;
    commit(&*store, [revoked(list, 64 * 2)]).await;
    let all = Change::SecretTokensRevoked { client_id: account(1), secret_id: secret(1) };
    commit(&*store, [all]).await;
    assert_eq!(bits(&*store).await, [(0, u64::MAX), (1, u64::MAX), (2, 1), (4, u64::MAX)]);
}

pub(crate) async fn the_tokens_of_an_account_are_revoked_and_no_others(backend: impl Backend) {
    let store = backend.open().await;
    three_secrets(&*store).await;
    commit(&*store, [Change::AccountTokensRevoked { client_id: account(1) }]).await;
    let all = [0, 1, 2, 4].map(|block| (block, u64::MAX));
    assert_eq!(bits(&*store).await, all);
}

pub(crate) async fn tokens_minted_later_are_not_revoked(backend: impl Backend) {
    let store = backend.open().await;
    let list = open_list(&*store, 0).await;
    commit(&*store, [Change::AccountTokensRevoked { client_id: account(1) }]).await;
    commit(&*store, [taken(list, 0, 1, (1, 1))]).await;
    assert_eq!(bits(&*store).await, []);
}

/// Whoever asked would throw the token away believing it dead.
pub(crate) async fn a_token_in_a_block_of_nobody_is_not_said_to_be_revoked(backend: impl Backend) {
    let store = backend.open().await;
    let list = three_secrets(&*store).await;
    let batch = [transaction([revoked(list, 64 * 5)])];
    let before_it_dies = Term::starting(NOW).dies_at.plus_seconds(-1);
    store.commit(before_it_dies, &batch).await.unwrap_err();
    assert_eq!(store.snapshot(NOW).await.unwrap().seq, Seq(5));
    assert_eq!(bits(&*store).await, []);
}

/// It may die, and be forgotten in part or whole, between the decision and the commit.
pub(crate) async fn a_token_of_a_forgotten_list_is_dead_already(backend: impl Backend) {
    let store = backend.open().await;
    let list = open_list(&*store, 0).await;
    let dies_at = Term::starting(NOW).dies_at;
    let batch = [transaction([revoked(list, 0)])];
    assert_eq!(store.commit(dies_at, &batch).await.unwrap(), [Ok(Seq(2))]);
    store.forget_dead_lists(dies_at).await.unwrap();
    assert_eq!(store.commit(dies_at, &batch).await.unwrap(), [Ok(Seq(3))]);
}

pub(crate) async fn dead_blocks_are_those_of_the_account_or_secret(backend: impl Backend) {
    let store = backend.open().await;
    let list = three_secrets(&*store).await;
    let other = open_list(&*store, 0).await;
    commit(&*store, [taken(other, 0, 1, (1, 2))]).await;
    let all = [1, 2].map(|n| Change::AccountTokensRevoked { client_id: account(n) });
    commit(&*store, all).await;
    commit(&*store, [taken(other, 1, 1, (1, 1)), taken(other, 2, 1, (2, 3))]).await;
    let of_secret = |n, of| TokensOf::Secret(account(n), secret(of));
    let of_account = |n| TokensOf::Account(account(n));
    let of_first = [(list, 0), (list, 1), (list, 2), (list, 4), (other, 0)];
    let rows = [
        ("a secret", vec![of_secret(1, 1)], vec![(list, 0), (list, 1), (list, 4)]),
        ("a secret in two lists", vec![of_secret(1, 2)], vec![(list, 2), (other, 0)]),
        ("an account", vec![of_account(1)], of_first.to_vec()),
        ("another account", vec![of_account(2)], vec![(list, 3)]),
        (
            "two of them",
            vec![of_account(2), of_secret(1, 2)],
            vec![(list, 2), (list, 3), (other, 0)],
        ),
        ("a secret of another account", vec![of_secret(2, 1)], vec![]),
        ("an account without blocks", vec![of_account(3)], vec![]),
        ("an organization that is there", vec![TokensOf::DeletedOrganization(ORG)], vec![]),
        ("nobody", vec![], vec![]),
    ];
    for (row, of, expected) in rows {
        assert_eq!(dead_blocks(&*store, &of).await, expected, "row: {row}");
    }
}

pub(crate) async fn a_block_is_dead_when_every_bit_is_set(backend: impl Backend) {
    let store = backend.open().await;
    let list = open_list(&*store, 0).await;
    commit(&*store, [taken(list, 0, 3, (1, 1))]).await;
    let of = [TokensOf::Account(account(1))];
    let nearly: Vec<_> = (64..127).map(|index| revoked(list, index)).collect();
    commit(&*store, nearly).await;
    assert_eq!(dead_blocks(&*store, &of).await, []);
    commit(&*store, [revoked(list, 127)]).await;
    assert_eq!(dead_blocks(&*store, &of).await, [(list, 1)]);
    store.forget_dead_lists(Term::starting(NOW).dies_at).await.unwrap();
    assert_eq!(dead_blocks(&*store, &of).await, []);
}
