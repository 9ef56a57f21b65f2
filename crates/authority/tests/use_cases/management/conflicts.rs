//! Decisions that another change has outrun.

use rescind_authority::{CommitError, ManageError, Scope};
use rescind_core::{
    role::{GroupRole, OrgRole},
    text::Name,
};

use super::{group_roles, hire, org_roles};
use crate::support::{Fault, World};

#[tokio::test]
async fn a_decision_that_was_outrun_is_made_anew() {
    let world = World::new().await;
    let owner = world.caller(&world.owner).await;
    let before = world.store.batches().len();
    world.store.outrun_next(7);
    let name = Name::parse("renamed").unwrap();
    let renamed = world.authority.rename_organization(&owner, world.org_id, &name).await.unwrap();
    assert_eq!(renamed.name, "renamed");
    assert_eq!(world.store.batches().len() - before, 8);
}

#[tokio::test]
async fn a_decision_that_is_always_outrun_is_a_conflict_and_leaves_nothing() {
    let world = World::new().await;
    let owner = world.caller(&world.owner).await;
    world.store.outrun_next(8);
    let name = Name::parse("renamed").unwrap();
    let renamed = world.authority.rename_organization(&owner, world.org_id, &name).await;
    assert!(matches!(renamed, Err(ManageError::Conflict)));
    assert_eq!(world.authority.organization(&owner, world.org_id).unwrap().name, "default");
    world.authority.rename_organization(&owner, world.org_id, &name).await.unwrap();
}

#[tokio::test]
async fn a_commit_that_failed_is_told_and_leaves_nothing() {
    let world = World::new().await;
    let owner = world.caller(&world.owner).await;
    world.store.fail_next([Fault::Failed]);
    let id = world.me.client_id;
    let deleted = world.authority.delete_account(&owner, world.org_id, id).await;
    assert!(matches!(deleted, Err(ManageError::Commit(CommitError::Store(_)))));
    world.client(&world.me);
    world.authority.delete_account(&owner, world.org_id, id).await.unwrap();
}

/// It is on disk, and the answer was lost: whoever asks again hears that it is done.
#[tokio::test]
async fn what_was_in_doubt_is_decided_anew_of_what_is_on_disk() {
    let world = World::new().await;
    let owner = world.caller(&world.owner).await;
    world.store.fail_next([Fault::InDoubt]);
    let id = world.me.client_id;
    world.authority.delete_account(&owner, world.org_id, id).await.unwrap_err();
    // Memory has an old version; the next commit of anybody brings it up.
    hire(&world, org_roles(OrgRole::Member)).await;
    let again = world.authority.delete_account(&owner, world.org_id, id).await;
    assert!(matches!(again, Err(ManageError::AccountNotFound(_))), "{again:?}");
}

/// They are on disk, and could not be read back from there.
#[tokio::test]
async fn what_memory_could_not_follow_is_made_up_for() {
    let world = World::new().await;
    let owner = world.caller(&world.owner).await;
    let reader = hire(&world, group_roles(GroupRole::ReadOnly)).await.client_id;
    world.store.set_unreadable(true);
    let id = world.me.client_id;
    world.authority.delete_account(&owner, world.org_id, id).await.unwrap_err();
    world.authority.delete_group(&owner, world.group_id).await.unwrap_err();
    world.store.set_unreadable(false);
    world.issue(&world.colleague, 1).await; // takes a block: a commit
    let deleted = world.authority.delete_account(&owner, world.org_id, id).await;
    assert!(matches!(deleted, Err(ManageError::AccountNotFound(_))), "{deleted:?}");
    // Outrun by the first deletion, it was never recorded, and can be done now.
    assert_eq!(world.authority.assignments(&owner, world.org_id, reader).unwrap().len(), 1);
    world.authority.delete_group(&owner, world.group_id).await.unwrap();
    assert_eq!(world.authority.assignments(&owner, world.org_id, reader).unwrap(), []);
}

/// At most two secrets, however many are asked for at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn limits_hold_against_many_at_once() {
    let world = World::new().await;
    let owner = world.caller(&world.owner).await;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..6 {
        let (authority, owner) = (world.authority.clone(), owner.clone());
        let (scope, id) = (Scope::Org(world.org_id), world.colleague.client_id);
        tasks.spawn(async move { authority.add_secret(&owner, scope, id, 24).await });
    }
    let outcomes = tasks.join_all().await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    for outcome in outcomes.into_iter().filter_map(Result::err) {
        assert!(matches!(outcome, ManageError::TooManySecrets | ManageError::Conflict));
    }
    let scope = Scope::Org(world.org_id);
    let shown = world.authority.account(&owner, scope, world.colleague.client_id).await.unwrap();
    assert_eq!(shown.account.secrets.len(), 2);
}
