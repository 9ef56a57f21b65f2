//! What a store promises. A promise is a function; the list of them stands once, below, and runs
//! on every backend.

#![allow(clippy::unwrap_used, reason = "test code")]

mod backend;
mod commit;
mod log;
mod revocation;
mod samples;
mod snapshot;
mod upkeep;

macro_rules! every_promise {
    ($($area:ident: $($promise:ident),+;)+) => {
        mod sqlite {
            $(mod $area {
                $(#[tokio::test(flavor = "multi_thread")]
                async fn $promise() {
                    crate::$area::$promise(crate::backend::Sqlite::new()).await;
                })+
            })+
        }
    };
}

every_promise! {
    commit:
        numbers_have_no_gaps_when_writers_race,
        each_transaction_gets_the_number_of_its_first_change,
        a_failed_batch_leaves_nothing,
        a_block_is_never_taken_twice,
        a_block_of_no_list_is_not_taken,
        what_was_committed_is_there_after_reopening;
    log:
        entries_come_back_as_written,
        entries_are_read_from_any_point,
        no_secret_or_key_is_in_the_log;
    snapshot:
        an_empty_store_is_an_empty_snapshot,
        a_snapshot_is_what_was_committed,
        secrets_come_oldest_first,
        a_snapshot_is_of_one_moment,
        lists_that_died_are_left_out;
    revocation:
        a_token_is_revoked_alone,
        revoking_twice_is_revoking_once,
        the_tokens_of_a_secret_are_revoked_and_no_others,
        the_tokens_of_an_account_are_revoked_and_no_others,
        tokens_minted_later_are_not_revoked,
        a_token_in_a_block_of_nobody_is_not_said_to_be_revoked,
        a_token_of_a_forgotten_list_is_dead_already,
        blocks_are_those_of_the_account_or_secret;
    upkeep:
        the_last_use_of_a_secret_is_recorded,
        the_last_use_of_a_secret_never_goes_back,
        a_use_of_a_secret_that_is_gone_is_passed_over,
        dead_lists_are_forgotten_and_nothing_else;
}
