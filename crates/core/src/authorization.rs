//! Who may do what: the table of service-accounts-api.md 8, and the rules around it.

use enumset::{EnumSet, enum_set};
use smallvec::SmallVec;

use crate::{
    account::Assignment,
    id::{GroupId, OrgId},
    role::{GroupRole, OrgRole},
};

/// What a caller may do: its roles in its organization, and in projects of it.
#[derive(Clone, Debug)]
pub struct Rights {
    /// The organization that the caller belongs to. In any other it has no rights at all.
    pub org_id: OrgId,
    /// Its roles there.
    pub roles: EnumSet<OrgRole>,
    /// The projects that it is assigned to; nearly always one.
    pub assignments: SmallVec<[Assignment; 1]>,
}

/// What is done to an organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the table below says what each is")]
pub enum OrgAction {
    See,
    ManageAccounts,
    ManageAccessLists,
    AssignAccounts,
    CreateGroups,
    Manage,
}

/// What is done to a project.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the table below says what each is")]
pub enum GroupAction {
    See,
    ManageAccounts,
    ManageAccessLists,
    Manage,
}

impl OrgAction {
    /// The roles of which one is needed.
    const fn roles(self) -> EnumSet<OrgRole> {
        match self {
            // O1 O3 O8 O9, `GET /orgs`: any organization role
            Self::See => EnumSet::all(),
            // O2 O4 O5 O6 O7: Organization Owner
            Self::ManageAccounts
            // O10 O11: Organization Owner
            | Self::ManageAccessLists
            // P5: Organization Owner
            | Self::AssignAccounts
            // settings, name, deletion, events, API keys: Organization Owner
            | Self::Manage => enum_set!(OrgRole::Owner),
            // `POST /groups`: Organization Owner or Organization Project Creator
            Self::CreateGroups => enum_set!(OrgRole::Owner | OrgRole::GroupCreator),
        }
    }
}

impl GroupAction {
    /// The roles of which one is needed.
    const fn roles(self) -> EnumSet<GroupRole> {
        match self {
            // P1 P3 P9, `GET /groups`: any project role
            Self::See => EnumSet::all(),
            // P2 P4 P6 P7 P8: Project Owner or Project User Admin
            Self::ManageAccounts => enum_set!(GroupRole::Owner | GroupRole::UserAdmin),
            // P10 P11: Project Owner
            Self::ManageAccessLists
            // name, deletion: Project Owner
            | Self::Manage => enum_set!(GroupRole::Owner),
        }
    }
}

impl Rights {
    /// No rights but to belong to `org_id`.
    #[must_use]
    pub fn none(org_id: OrgId) -> Self {
        Self { org_id, roles: EnumSet::empty(), assignments: SmallVec::new() }
    }

    /// Whether the roles in the organization suffice for `action` there.
    #[must_use]
    pub fn permit(&self, action: OrgAction) -> bool {
        !self.roles.is_disjoint(action.roles())
    }

    /// Whether the roles suffice for `action` in a project of the organization.
    #[must_use]
    pub fn permit_in(&self, group_id: GroupId, action: GroupAction) -> bool {
        !self.roles_in(group_id).is_disjoint(action.roles())
    }

    /// Whether the roles in the organization alone suffice for `action`, in any project of it.
    #[must_use]
    pub fn permit_in_all(&self, action: GroupAction) -> bool {
        !self.inherited().is_disjoint(action.roles())
    }

    /// The roles in a project: an owner of the organization owns it, whoever may read the
    /// organization may read it, and everybody else has the roles that were assigned.
    #[must_use]
    pub fn roles_in(&self, group_id: GroupId) -> EnumSet<GroupRole> {
        let assigned = self.assignments.iter().find(|assigned| assigned.group_id == group_id);
        self.inherited() | assigned.map_or(EnumSet::empty(), |assigned| assigned.roles)
    }

    /// The roles that those in the organization bring in each of its projects.
    fn inherited(&self) -> EnumSet<GroupRole> {
        let mut roles = EnumSet::empty();
        if self.roles.contains(OrgRole::Owner) {
            roles |= GroupRole::Owner;
        }
        if self.roles.contains(OrgRole::ReadOnly) {
            roles |= GroupRole::ReadOnly;
        }
        roles
    }

    /// Whether these roles in a project can be given to others: nobody gives what it lacks, but
    /// an owner has everything.
    #[must_use]
    pub fn may_grant_in(&self, group_id: GroupId, roles: EnumSet<GroupRole>) -> bool {
        let own = self.roles_in(group_id);
        own.contains(GroupRole::Owner) || own.is_superset(roles)
    }

    /// Whether whoever has these rights could take on those of `other`, by giving it a secret,
    /// without gaining any. An owner of the organization could; whoever manages accounts in
    /// projects can for one that has rights in these alone, and none that could not be granted.
    #[must_use]
    pub fn cover(&self, other: &Self) -> bool {
        self.roles.contains(OrgRole::Owner)
            || other.roles.is_subset(enum_set!(OrgRole::Member))
                && other.assignments.iter().all(|assigned| {
                    self.permit_in(assigned.group_id, GroupAction::ManageAccounts)
                        && self.may_grant_in(assigned.group_id, assigned.roles)
                })
    }
}

#[cfg(test)]
mod tests {
    use smallvec::smallvec;

    use super::*;

    const ORG: OrgId = OrgId::from_bytes([1; 12]);
    const HERE: GroupId = GroupId::from_bytes([2; 12]);
    const ELSEWHERE: GroupId = GroupId::from_bytes([3; 12]);

    fn rights(roles: impl Into<EnumSet<OrgRole>>, here: impl Into<EnumSet<GroupRole>>) -> Rights {
        let (roles, here) = (roles.into(), here.into());
        let assignments = if here.is_empty() {
            SmallVec::new()
        } else {
            smallvec![Assignment { group_id: HERE, roles: here }]
        };
        Rights { org_id: ORG, roles, assignments }
    }

    /// service-accounts-api.md 8, "Who may call what", column CM.
    #[test]
    fn every_row_of_who_may_call_what_in_an_organization() {
        use OrgAction::{
            AssignAccounts, CreateGroups, Manage, ManageAccessLists, ManageAccounts, See,
        };
        #[rustfmt::skip]
        let rows = [
            // role                     O1 O3 O8 O9   O2 O4-O7               O10 O11                   P5
            (OrgRole::Owner,           [(See, true), (ManageAccounts, true),  (ManageAccessLists, true),  (AssignAccounts, true),  (CreateGroups, true),  (Manage, true)]),
            (OrgRole::Member,          [(See, true), (ManageAccounts, false), (ManageAccessLists, false), (AssignAccounts, false), (CreateGroups, false), (Manage, false)]),
            (OrgRole::GroupCreator,    [(See, true), (ManageAccounts, false), (ManageAccessLists, false), (AssignAccounts, false), (CreateGroups, true),  (Manage, false)]),
            (OrgRole::BillingAdmin,    [(See, true), (ManageAccounts, false), (ManageAccessLists, false), (AssignAccounts, false), (CreateGroups, false), (Manage, false)]),
            (OrgRole::ReadOnly,        [(See, true), (ManageAccounts, false), (ManageAccessLists, false), (AssignAccounts, false), (CreateGroups, false), (Manage, false)]),
            (OrgRole::BillingReadOnly, [(See, true), (ManageAccounts, false), (ManageAccessLists, false), (AssignAccounts, false), (CreateGroups, false), (Manage, false)]),
        ];
        for (role, expected) in rows {
            for (action, permitted) in expected {
                let rights = rights(role, EnumSet::empty());
                assert_eq!(rights.permit(action), permitted, "{role} {action:?}");
            }
        }
    }

    /// The same, rows P1 to P11.
    #[test]
    fn every_row_of_who_may_call_what_in_a_project() {
        for role in EnumSet::<GroupRole>::all() {
            let rights = rights(OrgRole::Member, role);
            let owner = role == GroupRole::Owner;
            let admin = owner || role == GroupRole::UserAdmin;
            let rows = [
                (GroupAction::See, true),
                (GroupAction::ManageAccounts, admin),
                (GroupAction::ManageAccessLists, owner),
                (GroupAction::Manage, owner),
            ];
            for (action, permitted) in rows {
                assert_eq!(rights.permit_in(HERE, action), permitted, "{role} {action:?}");
                assert!(!rights.permit_in(ELSEWHERE, action), "{role} {action:?} elsewhere");
            }
        }
    }

    #[test]
    fn an_organization_role_reaches_into_every_project() {
        let owner = rights(OrgRole::Owner, EnumSet::empty());
        assert!(owner.permit_in(HERE, GroupAction::Manage));
        let reader = rights(OrgRole::ReadOnly, EnumSet::empty());
        assert!(reader.permit_in(HERE, GroupAction::See));
        assert!(!reader.permit_in(HERE, GroupAction::ManageAccounts));
        assert!(!rights(OrgRole::Member, EnumSet::empty()).permit_in(HERE, GroupAction::See));
    }

    #[test]
    fn nobody_grants_what_it_lacks() {
        let admin = rights(OrgRole::Member, GroupRole::UserAdmin | GroupRole::ReadOnly);
        assert!(admin.may_grant_in(HERE, GroupRole::ReadOnly.into()));
        assert!(!admin.may_grant_in(HERE, GroupRole::Owner.into()));
        let owner = rights(OrgRole::Member, GroupRole::Owner);
        assert!(owner.may_grant_in(HERE, EnumSet::all()));
        assert!(!owner.may_grant_in(ELSEWHERE, GroupRole::ReadOnly.into()));
    }

    #[test]
    fn a_secret_of_a_mightier_account_cannot_be_had() {
        let project_owner = rights(OrgRole::Member, GroupRole::Owner);
        let admin = rights(OrgRole::Member, GroupRole::UserAdmin);
        let org_owner = rights(OrgRole::Owner, EnumSet::empty());
        assert!(org_owner.cover(&org_owner));
        assert!(project_owner.cover(&admin));
        assert!(!admin.cover(&project_owner));
        assert!(!project_owner.cover(&org_owner));
        assert!(!project_owner.cover(&rights(OrgRole::ReadOnly, EnumSet::empty())));
        let mut elsewhere = admin.clone();
        elsewhere.assignments[0].group_id = ELSEWHERE;
        assert!(!project_owner.cover(&elsewhere));
    }
}
