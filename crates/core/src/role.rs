//! Roles, in an organization and in a project (service-accounts-api.md 8).

use std::{fmt, str::FromStr};

use enumset::EnumSetType;
use serde::{Serialize, Serializer};

/// A text that names no role of the kind that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no such role")]
pub struct ParseRoleError;

macro_rules! roles {
    ($(#[$doc:meta])* $name:ident { $($(#[$role_doc:meta])* $role:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Hash, PartialOrd, Ord, EnumSetType)]
        pub enum $name { $($(#[$role_doc])* $role),+ }

        impl $name {
            /// The role's name in the contract.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$role => $text),+ }
            }
        }

        impl FromStr for $name {
            type Err = ParseRoleError;

            fn from_str(text: &str) -> Result<Self, ParseRoleError> {
                match text { $($text => Ok(Self::$role),)+ _ => Err(ParseRoleError) }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
    };
}

roles! {
    /// What a service account or an API key may do in its organization.
    OrgRole {
        /// Everything, in every project too.
        Owner = "ORG_OWNER",
        /// See the organization, and the projects it is assigned to.
        Member = "ORG_MEMBER",
        /// Create projects.
        GroupCreator = "ORG_GROUP_CREATOR",
        /// Manage billing.
        BillingAdmin = "ORG_BILLING_ADMIN",
        /// See everything.
        ReadOnly = "ORG_READ_ONLY",
        /// See billing.
        BillingReadOnly = "ORG_BILLING_READ_ONLY",
    }
}

roles! {
    /// What a service account may do in one project.
    GroupRole {
        /// Everything in the project.
        Owner = "GROUP_OWNER",
        /// Manage who may do what in the project.
        UserAdmin = "GROUP_USER_ADMIN",
        /// See the project.
        ReadOnly = "GROUP_READ_ONLY",
        /// Manage automation.
        AutomationAdmin = "GROUP_AUTOMATION_ADMIN",
        /// Manage backups.
        BackupAdmin = "GROUP_BACKUP_ADMIN",
        /// Manage monitoring.
        MonitoringAdmin = "GROUP_MONITORING_ADMIN",
        /// Manage databases and read and write their data.
        DataAccessAdmin = "GROUP_DATA_ACCESS_ADMIN",
        /// Read and write data.
        DataAccessReadWrite = "GROUP_DATA_ACCESS_READ_WRITE",
        /// Read data.
        DataAccessReadOnly = "GROUP_DATA_ACCESS_READ_ONLY",
    }
}

#[cfg(test)]
mod tests {
    use enumset::EnumSet;

    use super::*;

    #[test]
    fn every_role_is_read_as_it_is_written() {
        for role in EnumSet::<OrgRole>::all() {
            assert_eq!(role.as_str().parse(), Ok(role));
        }
        for role in EnumSet::<GroupRole>::all() {
            assert_eq!(role.as_str().parse(), Ok(role));
        }
    }

    #[test]
    fn a_role_of_the_other_level_or_of_no_list_is_refused() {
        assert_eq!("GROUP_OWNER".parse::<OrgRole>(), Err(ParseRoleError));
        assert_eq!("ORG_OWNER".parse::<GroupRole>(), Err(ParseRoleError));
        // service-accounts-api.md 8: it stands in one sample and in no list.
        assert_eq!("GROUP_DATA_BACKUP_ADMIN".parse::<GroupRole>(), Err(ParseRoleError));
    }
}
