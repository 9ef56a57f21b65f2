//! JSON bodies, read field by field: what is unknown, missing or wrong is named
//! (service-accounts-api.md 2.1 and 9).

use std::fmt;

use axum::{
    extract::{FromRequest, Request},
    http::{HeaderMap, header::CONTENT_TYPE},
};
use enumset::{EnumSet, EnumSetType};
use rescind_authority::{Authority, Roles, Scope};
use rescind_core::{
    account::SECRET_HOURS,
    role::{GroupRole, OrgRole},
    text::{KeyDescription, Text},
};
use serde::de::{self, DeserializeSeed as _, Deserializer, MapAccess, Visitor};
use serde_json::{Map, Value};

use super::error::ApiError;
use crate::{
    body::{self, BodyError},
    middleware::media_type,
};

/// The largest body that is read, in bytes: 200 entries of an access list have 12,000.
const MAX_BODY: usize = 256 * 1024;

/// Fields of what is shown that cannot be sent.
const READ_ONLY: [&str; 10] = [
    "clientId",
    "createdAt",
    "secrets",
    "links",
    "id",
    "expiresAt",
    "lastUsedAt",
    "maskedSecretValue",
    "privateKey",
    "publicKey",
];

/// A body, as JSON.
pub(crate) struct JsonBody(pub(crate) Value);

impl FromRequest<Authority> for JsonBody {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &Authority) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        let body =
            body::read(&parts.headers, body, MAX_BODY).await.map_err(|error| match error {
                BodyError::TooLarge => ApiError::TooLarge,
                BodyError::Broken => ApiError::InvalidJson,
            })?;
        if !is_json(&parts.headers) {
            return Err(ApiError::UnsupportedMediaType);
        }
        parse(&body).map(Self).ok_or(ApiError::InvalidJson)
    }
}

/// Whether a body says that it is JSON, or does not say what it is.
fn is_json(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(CONTENT_TYPE) else { return true };
    let media_type = value.to_str().ok().and_then(|value| value.split(';').next());
    media_type.map(str::trim).is_some_and(|essence| {
        essence.eq_ignore_ascii_case("application/json") || media_type::is_versioned(essence)
    })
}

fn parse(body: &[u8]) -> Option<Value> {
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let value = Unambiguous.deserialize(&mut deserializer).ok()?;
    deserializer.end().ok().map(|()| value)
}

/// A value in which no key stands twice: of two, one would be ignored, and nobody could tell which.
struct Unambiguous;

impl<'de> de::DeserializeSeed<'de> for Unambiguous {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Unambiguous {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = items.next_element_seed(Self)? {
            values.push(value);
        }
        Ok(values.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            if map.contains_key(&key) {
                return Err(de::Error::custom("a key stands twice"));
            }
            let value = entries.next_value_seed(Self)?;
            map.insert(key, value);
        }
        Ok(map.into())
    }
}

/// The fields of an object, taken one by one. [`Fields::finish`] refuses those that are left.
pub(crate) struct Fields(Map<String, Value>);

impl Fields {
    /// The fields of `value`, which must be an object.
    pub(crate) fn of(value: Value) -> Result<Self, ApiError> {
        if let Value::Object(fields) = value {
            Ok(Self(fields))
        } else {
            Err(ApiError::InvalidJson)
        }
    }

    /// Refuses whatever was not taken, by name. Call it before anything is done.
    pub(crate) fn finish(self) -> Result<(), ApiError> {
        match self.0.into_iter().next() {
            None => Ok(()),
            Some((name, _)) if READ_ONLY.contains(&&*name) => {
                Err(ApiError::ReadOnlyAttribute(name))
            }
            Some((name, _)) => Err(ApiError::InvalidAttribute(name)),
        }
    }

    /// The field `name`; `None` if it is absent or null.
    fn take(&mut self, name: &str) -> Option<Value> {
        self.0.shift_remove(name).filter(|value| !value.is_null())
    }

    /// A text without rules of its own.
    pub(crate) fn string(&mut self, name: &'static str) -> Result<Option<String>, ApiError> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(invalid(name)),
        }
    }

    /// A name or a description.
    pub(crate) fn text<const MAX: usize>(
        &mut self,
        name: &'static str,
    ) -> Result<Option<Text<MAX>>, ApiError> {
        let text = self.string(name)?;
        text.map(|text| Text::parse(&text).map_err(|_| invalid(name))).transpose()
    }

    /// What an API key is for.
    pub(crate) fn key_description(
        &mut self,
        name: &'static str,
    ) -> Result<Option<KeyDescription>, ApiError> {
        let text = self.string(name)?;
        text.map(|text| KeyDescription::parse(&text).map_err(|_| invalid(name))).transpose()
    }

    /// An object within the object.
    pub(crate) fn object(&mut self, name: &'static str) -> Result<Option<Self>, ApiError> {
        self.take(name).map(|value| Self::of(value).map_err(|_| invalid(name))).transpose()
    }

    /// A truth value.
    pub(crate) fn boolean(&mut self, name: &'static str) -> Result<Option<bool>, ApiError> {
        self.take(name).map(|value| value.as_bool().ok_or(invalid(name))).transpose()
    }

    /// Hours in the range of the contract, as a number or as a text of digits.
    pub(crate) fn hours(&mut self, name: &'static str) -> Result<Option<u32>, ApiError> {
        let Some(value) = self.take(name) else { return Ok(None) };
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let hours = match &value {
            Value::Number(number) => number.as_u64(),
            Value::String(text) if digits(text) => text.parse().ok(),
            Value::String(_)
            | Value::Null
            | Value::Bool(_)
            | Value::Array(_)
            | Value::Object(_) => None,
        };
        let hours = hours.and_then(|hours| u32::try_from(hours).ok());
        hours.filter(|hours| SECRET_HOURS.contains(hours)).map(Some).ok_or(invalid(name))
    }

    /// Roles of the level of `scope`, at least one.
    pub(crate) fn roles(&mut self, scope: Scope) -> Result<Option<Roles>, ApiError> {
        match scope {
            Scope::Org(_) => Ok(self.org_roles()?.map(Roles::Org)),
            Scope::Group(_) => Ok(self.group_roles()?.map(Roles::Group)),
        }
    }

    /// Roles of an organization, at least one.
    pub(crate) fn org_roles(&mut self) -> Result<Option<EnumSet<OrgRole>>, ApiError> {
        self.roles_or(|name| {
            let of_a_group = name.parse::<GroupRole>().is_ok();
            if of_a_group { ApiError::RoleNeedsGroupId(name) } else { ApiError::InvalidRole(name) }
        })
    }

    fn group_roles(&mut self) -> Result<Option<EnumSet<GroupRole>>, ApiError> {
        self.roles_or(|name| {
            let of_an_org = name.parse::<OrgRole>().is_ok();
            if of_an_org { ApiError::RoleNeedsOrgId(name) } else { ApiError::InvalidRole(name) }
        })
    }

    /// Roles of one level; `refuse` says of a name that is none what it is.
    fn roles_or<R>(
        &mut self,
        refuse: impl Fn(String) -> ApiError,
    ) -> Result<Option<EnumSet<R>>, ApiError>
    where
        R: EnumSetType + std::str::FromStr,
    {
        let Some(value) = self.take("roles") else { return Ok(None) };
        let Value::Array(values) = value else { return Err(invalid("roles")) };
        let names: Vec<&str> = values
            .iter()
            .map(Value::as_str)
            .collect::<Option<_>>()
            .filter(|names: &Vec<_>| !names.is_empty())
            .ok_or(invalid("roles"))?;
        let role = |name: &str| name.parse::<R>().map_err(|_| refuse(name.to_owned()));
        names.into_iter().map(role).collect::<Result<_, _>>().map(Some)
    }
}

fn invalid(name: &str) -> ApiError {
    ApiError::InvalidAttribute(name.to_owned())
}

/// What must be there.
pub(crate) fn required<T>(value: Option<T>, name: &'static str) -> Result<T, ApiError> {
    value.ok_or(ApiError::MissingAttribute(name))
}
