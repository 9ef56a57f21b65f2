//! Attributes of what is sent that more than one endpoint takes (service-accounts-api.md 2.1).

use std::str::FromStr;

use enumset::{EnumSet, EnumSetType};
use rescind_authority::{Roles, Scope};
use rescind_core::{
    account::SECRET_HOURS,
    role::{GroupRole, OrgRole},
};
use serde::Deserialize;
use serde_json::json;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, Schema},
};

use super::error::ApiError;
use crate::openapi::schema::{self, Role};

/// [`SECRET_HOURS`] as a text, with any number of zeros before it.
const HOURS_IN_DIGITS: &str =
    "^0*([89]|[1-9][0-9]{1,2}|[1-7][0-9]{3}|8[0-6][0-9]{2}|87[0-5][0-9]|876[0-6])$";

/// Hours in the range of the contract, as a number or as a text of digits.
#[derive(Clone, Copy, Deserialize)]
#[serde(try_from = "NumberOrText")]
pub(crate) struct Hours(pub(crate) u32);

#[derive(Deserialize)]
#[serde(untagged)]
enum NumberOrText {
    Number(u64),
    Text(String),
}

impl TryFrom<NumberOrText> for Hours {
    type Error = &'static str;

    fn try_from(value: NumberOrText) -> Result<Self, Self::Error> {
        let hours = match value {
            NumberOrText::Number(hours) => u32::try_from(hours).ok(),
            NumberOrText::Text(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => {
                text.parse().ok()
            }
            NumberOrText::Text(_) => None,
        };
        hours.filter(|hours| SECRET_HOURS.contains(hours)).map(Self).ok_or("not such hours")
    }
}

/// Names of roles, at least one. Which there are depends on where the request looks from.
#[derive(Deserialize)]
#[serde(try_from = "Vec<String>")]
pub(crate) struct RoleNames(Vec<String>);

impl TryFrom<Vec<String>> for RoleNames {
    type Error = &'static str;

    fn try_from(names: Vec<String>) -> Result<Self, Self::Error> {
        if names.is_empty() { Err("no role") } else { Ok(Self(names)) }
    }
}

impl RoleNames {
    /// The roles, which must be of the level of `scope`.
    pub(crate) fn at(self, scope: Scope) -> Result<Roles, ApiError> {
        match scope {
            Scope::Org(_) => self.of_org().map(Roles::Org),
            Scope::Group(_) => self.of_group().map(Roles::Group),
        }
    }

    /// The roles, which must be those of an organization.
    pub(crate) fn of_org(self) -> Result<EnumSet<OrgRole>, ApiError> {
        self.set::<_, GroupRole>(ApiError::RoleNeedsGroupId)
    }

    /// The roles, which must be those of a project.
    pub(crate) fn of_group(self) -> Result<EnumSet<GroupRole>, ApiError> {
        self.set::<_, OrgRole>(ApiError::OrgRoleInGroup)
    }

    fn set<Role, OfTheOtherLevel>(
        self,
        other_level: impl Fn(String) -> ApiError,
    ) -> Result<EnumSet<Role>, ApiError>
    where
        Role: EnumSetType + FromStr,
        OfTheOtherLevel: FromStr,
    {
        let role = |name: String| {
            name.parse::<Role>().map_err(|_| {
                if name.parse::<OfTheOtherLevel>().is_ok() {
                    other_level(name)
                } else {
                    ApiError::InvalidRole(name)
                }
            })
        };
        self.0.into_iter().map(role).collect()
    }
}

impl PartialSchema for RoleNames {
    fn schema() -> RefOr<Schema> {
        let role = json!({ "$ref": "#/components/schemas/Role" });
        schema::from_json(json!({ "type": "array", "items": role, "minItems": 1 }))
    }
}

impl ToSchema for RoleNames {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((Role::name().into_owned(), Role::schema()));
        Role::schemas(schemas);
    }
}

impl PartialSchema for Hours {
    fn schema() -> RefOr<Schema> {
        let (least, most) = (SECRET_HOURS.start(), SECRET_HOURS.end());
        schema::from_json(json!({
            "description": format!("Hours, from {least} to {most}, as a number or in digits"),
            "oneOf": [
                { "type": "integer", "minimum": least, "maximum": most },
                { "type": "string", "pattern": HOURS_IN_DIGITS },
            ],
        }))
    }
}

impl ToSchema for Hours {}
