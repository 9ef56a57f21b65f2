//! What goes with what is deleted, and that nothing else does.

use enumset::EnumSet;
use rescind_authority::{ManageError, Scope};
use rescind_core::{
    role::{GroupRole, OrgRole},
    token::AccessToken,
};

use super::{group_roles, hire};
use crate::support::{ADDRESS, Account, World};

/// More than a block of 64 bits, so that some of a secret's bits are in hand.
const MANY: usize = 70;

struct Tokens {
    first_secret: Vec<AccessToken>,
    second_secret: Vec<AccessToken>,
    colleague: Vec<AccessToken>,
    stranger: Vec<AccessToken>,
}

impl Tokens {
    async fn of_all(world: &World) -> Self {
        Self {
            first_secret: world.issue_with(&world.me, 0, MANY).await,
            second_secret: world.issue_with(&world.me, 1, MANY).await,
            colleague: world.issue(&world.colleague, MANY).await,
            stranger: world.issue(&world.stranger, MANY).await,
        }
    }

    fn live(&self, world: &World) -> [usize; 4] {
        [&self.first_secret, &self.second_secret, &self.colleague, &self.stranger]
            .map(|tokens| world.live_of(tokens))
    }
}

fn known(world: &World, account: &Account, number: usize) -> bool {
    let (id, secret) = (account.client_id.to_string(), account.secrets[number].1.expose());
    world.authority.authenticate(&id, secret, ADDRESS).is_ok()
}

#[tokio::test]
async fn a_secret_takes_its_tokens_along() {
    let world = World::new().await;
    let tokens = Tokens::of_all(&world).await;
    let (owner, scope) = (world.caller(&world.owner).await, Scope::Org(world.org_id));
    let (id, secret_id) = (world.me.client_id, world.me.secrets[0].0);
    world.authority.delete_secret(&owner, scope, id, secret_id).await.unwrap();
    let check = |world: &World| {
        assert_eq!(tokens.live(world), [0, MANY, MANY, MANY]);
        assert!(!known(world, &world.me, 0) && known(world, &world.me, 1));
    };
    check(&world);
    check(&world.restart().await);
}

#[tokio::test]
async fn an_account_takes_its_tokens_along() {
    let world = World::new().await;
    let tokens = Tokens::of_all(&world).await;
    let owner = world.caller(&world.owner).await;
    world.authority.delete_account(&owner, world.org_id, world.me.client_id).await.unwrap();
    let again = world.authority.delete_account(&owner, world.org_id, world.me.client_id).await;
    assert!(matches!(again, Err(ManageError::AccountNotFound(id)) if id == world.me.client_id));
    let check = |world: &World| {
        assert_eq!(tokens.live(world), [0, 0, MANY, MANY]);
        assert!(!known(world, &world.me, 0) && !known(world, &world.me, 1));
    };
    check(&world);
    check(&world.restart().await);
}

#[tokio::test]
async fn an_organization_takes_all_of_its_accounts_and_tokens_along() {
    let world = World::new().await;
    let tokens = Tokens::of_all(&world).await;
    let token = world.issue(&world.owner, 1).await.remove(0);
    let owner = world.authority.authorize(token.expose(), ADDRESS).unwrap();
    world.authority.delete_organization(&owner, world.org_id).await.unwrap();
    let check = |world: &World| {
        assert_eq!(tokens.live(world), [0, 0, 0, MANY]);
        assert!(!world.lives(&token), "the caller's own too");
        assert!(!known(world, &world.me, 0) && !known(world, &world.colleague, 0));
        assert!(known(world, &world.stranger, 0));
    };
    check(&world);
    let organization = world.authority.organization(&owner, world.org_id);
    assert!(matches!(organization, Err(ManageError::OrgNotFound(_))));
    let group = world.authority.group(&owner, world.group_id);
    assert!(matches!(group, Err(ManageError::GroupNotFound(_))));
    let again = world.authority.delete_organization(&owner, world.org_id).await;
    assert!(matches!(again, Err(ManageError::OrgNotFound(_))));
    check(&world.restart().await);
}

/// Whoever was known when the secret was deleted, and asks for the token only then, gets none
/// that would live.
#[tokio::test]
async fn no_token_is_issued_for_what_is_deleted_already() {
    let world = World::new().await;
    let (owner, scope) = (world.caller(&world.owner).await, Scope::Org(world.org_id));
    let (early, id) = (world.client(&world.me), world.me.client_id);
    world.issue(&world.me, 3).await; // the rest of a block is in hand
    world.authority.delete_secret(&owner, scope, id, world.me.secrets[0].0).await.unwrap();
    assert!(world.authority.issue(&early).await.is_err());
    let other = world.client_with(&world.me, 1);
    world.authority.delete_account(&owner, world.org_id, id).await.unwrap();
    assert!(world.authority.issue(&other).await.is_err());
    assert!(world.authority.issue(&world.client(&world.colleague)).await.is_ok());
}

/// Section 6, row P6: its credentials stay active.
#[tokio::test]
async fn tokens_outlive_an_assignment_and_a_project() {
    let world = World::new().await;
    let owner = world.caller(&world.owner).await;
    let [unassigned, assigned] = [
        hire(&world, group_roles(GroupRole::Owner)).await,
        hire(&world, group_roles(GroupRole::Owner)).await,
    ];
    let tokens = [world.issue(&unassigned, 3).await, world.issue(&assigned, 3).await];
    let rights = |world: &World, at: usize| {
        let caller = world.authority.authorize(tokens[at][0].expose(), ADDRESS).unwrap();
        world.authority.group(&caller, world.group_id).is_ok()
    };
    world.authority.unassign(&owner, world.group_id, unassigned.client_id).await.unwrap();
    assert_eq!([rights(&world, 0), rights(&world, 1)], [false, true]);
    world.authority.delete_group(&owner, world.group_id).await.unwrap();
    assert_eq!([rights(&world, 0), rights(&world, 1)], [false, false]);
    let scope = Scope::Org(world.org_id);
    for account in [&unassigned, &assigned] {
        let shown = world.authority.account(&owner, scope, account.client_id).await.unwrap();
        assert_eq!(shown.account.roles, EnumSet::only(OrgRole::Member));
        let left = world.authority.assignments(&owner, world.org_id, account.client_id).unwrap();
        assert_eq!(left, []);
    }
    let world = world.restart().await;
    assert_eq!(tokens.map(|tokens| world.live_of(&tokens)), [3, 3]);
}
