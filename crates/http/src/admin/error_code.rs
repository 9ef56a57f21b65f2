//! The names of the API's errors, by the status that each has (conventions.md 2.4,
//! service-accounts-api.md 9).

use std::collections::BTreeSet;

use axum::http::StatusCode;
use enumset::{EnumSet, EnumSetType, enum_set};
use rescind_authority::Denied;
use serde::{Serialize, Serializer};
use serde_json::json;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, Schema},
};

use crate::openapi::schema;

macro_rules! error_codes {
    ($($status:ident { $($code:ident = $name:literal),+ $(,)? })+) => {
        /// The `errorCode` of an error body.
        #[derive(Debug, EnumSetType)]
        pub(crate) enum ErrorCode { $($($code),+),+ }

        impl ErrorCode {
            /// The status of an answer with this code; a lacking role has another one in the Atlas
            /// family, see [`Self::DENIED`].
            pub(crate) fn status(self) -> StatusCode {
                match self { $($(Self::$code)|+ => StatusCode::$status),+ }
            }

            /// The name in the contract.
            pub(crate) fn name(self) -> &'static str {
                match self { $($(Self::$code => $name),+),+ }
            }
        }
    };
}

error_codes! {
    BAD_REQUEST {
        AddressOfNobody = "CANNOT_ADD_IP_ADDRESS_TO_API_KEY_ACCESS_LIST",
        BadAccessListAddRequest = "BAD_ACCESS_LIST_ADD_REQUEST",
        CallersEntry = "CANNOT_REMOVE_CALLER_FROM_ACCESS_LIST",
        DuplicateAddresses = "DUPLICATE_ADDRESSES_IN_INPUT",
        InvalidAttribute = "INVALID_ATTRIBUTE",
        InvalidEnumValue = "INVALID_ENUM_VALUE",
        InvalidJson = "INVALID_JSON",
        InvalidQueryParameter = "INVALID_QUERY_PARAMETER",
        InvalidRoleForGroup = "INVALID_ROLE_FOR_GROUP",
        MissingAttribute = "MISSING_ATTRIBUTE",
        ReadOnlyAttribute = "ATTRIBUTE_READ_ONLY",
        RoleNeedsGroupId = "ROLE_NEEDS_GROUP_ID",
        TooManyAccounts = "MAX_SERVICE_ACCOUNTS_PER_ORG_EXCEEDED",
        TooManyApiKeys = "MAX_API_KEYS_PER_ORG_EXCEEDED",
        TooManyEntries = "MAX_ACCESS_LIST_ENTRIES_PER_SERVICE_ACCOUNT_EXCEEDED",
        TooManyEntriesOfKey = "MAX_ACCESS_LIST_ENTRIES_PER_API_KEY_EXCEEDED",
        TooManySecrets = "MAX_SECRETS_PER_SERVICE_ACCOUNT_EXCEEDED",
    }
    UNAUTHORIZED {
        // The name that the hosted service answers with (oauth-endpoints.md 6.2).
        Unauthenticated = "UNEXPECTED_ERROR",
        NotGroupUserAdmin = "NOT_GROUP_USER_ADMIN",
        NotInGroup = "NOT_IN_GROUP",
        NotOrgOwner = "NOT_ORG_OWNER",
        UserUnauthorized = "USER_UNAUTHORIZED",
    }
    FORBIDDEN {
        AccessListRequired = "RESOURCE_REQUIRES_ACCESS_LIST",
        ApiKeysOff = "API_KEYS_DISABLED",
        LastOwner = "CANNOT_DEMOTE_LAST_ORG_OWNER",
        NotOnAccessList = "IP_ADDRESS_NOT_ON_ACCESS_LIST",
    }
    NOT_FOUND {
        EntryNotFound = "API_KEY_ACCESS_LIST_NOT_FOUND",
        GroupNotFound = "GROUP_NOT_FOUND",
        InvalidGroupId = "INVALID_GROUP_ID",
        OrgNotFound = "ORG_NOT_FOUND",
        ResourceNotFound = "RESOURCE_NOT_FOUND",
    }
    METHOD_NOT_ALLOWED { MethodNotAllowed = "METHOD_NOT_ALLOWED" }
    CONFLICT { Conflict = "DATA_CONCURRENCY_ERROR" }
    PAYLOAD_TOO_LARGE { TooLarge = "REQUEST_TOO_LARGE" }
    UNSUPPORTED_MEDIA_TYPE { UnsupportedMediaType = "UNSUPPORTED_MEDIA_TYPE" }
    TOO_MANY_REQUESTS { RateLimited = "RATE_LIMITED" }
    INTERNAL_SERVER_ERROR { Unexpected = "UNEXPECTED_ERROR" }
    SERVICE_UNAVAILABLE { Overloaded = "SERVICE_UNAVAILABLE" }
}

impl ErrorCode {
    /// A role is lacking: 401, and in the Atlas family 403 (conventions.md 2.3).
    pub(crate) const DENIED: EnumSet<Self> = enum_set!(
        Self::NotGroupUserAdmin | Self::NotInGroup | Self::NotOrgOwner | Self::UserUnauthorized
    );
}

impl From<Denied> for ErrorCode {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::NotOrgOwner => Self::NotOrgOwner,
            Denied::NotGroupAdmin => Self::NotGroupUserAdmin,
            Denied::NotInGroup => Self::NotInGroup,
            // No code says these.
            Denied::NotGroupOwner | Denied::RoleLacking => Self::UserUnauthorized,
        }
    }
}

impl PartialSchema for ErrorCode {
    fn schema() -> RefOr<Schema> {
        // One name is that of two codes.
        let names: BTreeSet<_> = EnumSet::<Self>::all().iter().map(Self::name).collect();
        schema::from_json(json!({ "type": "string", "enum": names }))
    }
}

impl ToSchema for ErrorCode {}

impl Serialize for ErrorCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// conventions.md 2.3: in the Atlas family these, and no others, are a 403.
    #[test]
    fn every_lacking_role_is_a_code_of_its_own_kind() {
        let lacking = [
            Denied::NotOrgOwner,
            Denied::NotGroupAdmin,
            Denied::NotGroupOwner,
            Denied::NotInGroup,
            Denied::RoleLacking,
        ];
        let codes: EnumSet<ErrorCode> = lacking.into_iter().map(ErrorCode::from).collect();
        assert_eq!(codes, ErrorCode::DENIED);
    }
}
