//! What a store promises. A promise is a function; the list of them stands once, below, and runs
//! on every backend.

#![allow(clippy::unwrap_used, reason = "test code")]

mod api_key;
mod backend;
mod change;
mod commit;
mod deletion;
mod events;
mod keys;
mod log;
mod read;
mod revocation;
mod samples;
mod snapshot;
mod upkeep;
mod version;

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

        mod postgres {
            $(mod $area {
                $(#[tokio::test(flavor = "multi_thread")]
                async fn $promise() {
                    crate::$area::$promise(crate::backend::Postgres::new()).await;
                })+
            })+
        }
    };
}

every_promise! {
    commit:
        numbers_have_no_gaps_when_writers_race,
        each_transaction_gets_the_number_of_its_first_change,
        an_empty_transaction_changes_nothing,
        a_failed_batch_leaves_nothing,
        a_block_is_never_taken_twice,
        a_block_of_no_list_is_not_taken,
        what_was_committed_is_there_after_reopening;
    version:
        what_was_decided_of_an_older_version_is_stale,
        a_stale_transaction_changes_nothing_and_the_rest_of_the_batch_goes_on,
        the_version_is_the_number_of_the_first_change_decided_of_it,
        what_was_not_decided_of_a_version_leaves_it,
        of_those_who_decided_at_once_one_goes_through,
        what_is_decided_of_another_organization_needs_its_version_and_leaves_it,
        an_organization_that_is_gone_has_no_version;
    change:
        an_organization_is_renamed,
        an_organization_has_other_settings,
        a_group_is_renamed,
        an_account_is_described_anew,
        an_account_has_other_roles,
        an_account_is_assigned_and_unassigned,
        a_new_secret_cuts_the_life_of_the_others,
        an_access_list_grows_and_shrinks,
        an_entry_that_is_there_stays_as_it_is,
        what_is_not_there_cannot_be_changed;
    api_key:
        an_api_key_is_kept_as_it_was_made,
        an_api_key_is_described_anew_and_has_other_roles,
        no_two_api_keys_have_one_public_key,
        the_access_lists_of_keys_and_accounts_are_apart,
        an_api_key_is_deleted_with_its_access_list,
        an_organization_is_deleted_with_its_api_keys,
        api_keys_come_in_the_order_asked_for,
        what_is_no_api_key_cannot_be_changed;
    deletion:
        the_tokens_of_a_deleted_secret_die_and_no_others,
        the_tokens_of_a_deleted_account_die_and_no_others,
        an_account_is_deleted_with_all_that_it_had,
        a_group_is_deleted_with_its_assignments,
        an_organization_is_deleted_with_all_that_it_owned,
        the_dead_blocks_of_a_deleted_organization_are_its_own,
        the_log_outlives_what_it_tells_of;
    events:
        the_log_of_an_organization_is_its_own,
        pages_go_from_the_newest_to_the_oldest,
        events_are_filtered_by_group_type_and_time,
        what_fills_the_log_and_what_is_seldom_are_found_alike,
        every_change_is_logged_by_its_name,
        every_change_of_an_api_key_is_logged_by_its_name;
    keys:
        the_data_keys_are_those_that_were_wrapped_last,
        an_installation_is_founded_once,
        what_was_not_founded_has_no_keys_to_replace,
        signing_keys_come_in_the_order_in_which_they_were_added,
        a_signing_key_is_removed_alone,
        adopted_data_keys_come_with_all_that_is_wrapped;
    read:
        accounts_come_in_the_order_asked_for,
        what_is_not_there_is_nothing;
    log:
        entries_come_back_as_written,
        entries_are_read_from_any_point,
        no_secret_or_key_is_in_the_log;
    snapshot:
        an_empty_store_is_an_empty_snapshot,
        a_snapshot_is_what_was_committed,
        secrets_come_oldest_first,
        accounts_are_sent_in_the_order_of_their_ids,
        a_store_that_nobody_listens_to_goes_on,
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
        dead_blocks_are_those_of_the_account_or_secret,
        a_block_is_dead_when_every_bit_is_set;
    upkeep:
        the_last_use_of_a_secret_is_recorded,
        the_last_use_of_a_secret_never_goes_back,
        a_use_of_a_secret_that_is_gone_is_passed_over,
        the_use_of_an_access_list_is_added_up,
        a_use_of_an_entry_that_is_gone_is_passed_over,
        what_was_issued_is_noted_by_block_and_never_goes_back,
        what_was_issued_of_a_block_that_is_gone_is_passed_over,
        dead_lists_are_forgotten_and_nothing_else,
        the_store_grows_with_what_is_in_it;
}
