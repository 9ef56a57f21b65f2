//! JSON into a type, so that an error names the attribute that is unknown, missing or wrong
//! (service-accounts-api.md 2.1 and 9).
//!
//! What may be sent is the type itself, with `deny_unknown_fields`. The description of the API is
//! derived from it as well, so that neither says what the other does not.

use std::fmt;

use serde::{
    de::{
        self, DeserializeOwned, DeserializeSeed, Deserializer, IntoDeserializer as _, MapAccess,
        Visitor, value::SeqDeserializer,
    },
    forward_to_deserialize_any,
};
use serde_json::{Map, Number, Value, map};

use super::error::ApiError;

/// Attributes of what is shown that cannot be sent.
const READ_ONLY: [&str; 15] = [
    "clientId",
    "clusterCount",
    "created",
    "createdAt",
    "isDeleted",
    "lastUsedAddress",
    "requestCount",
    "secrets",
    "links",
    "id",
    "expiresAt",
    "lastUsedAt",
    "maskedSecretValue",
    "privateKey",
    "publicKey",
];

/// Reads a body. An attribute that is null is one that is absent.
pub(super) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    let value = parse(body).ok_or(ApiError::InvalidJson)?;
    T::deserialize(Reader(value)).map_err(|refusal| match refusal {
        Refusal::Value => ApiError::InvalidJson,
        Refusal::Attribute(error) => error,
    })
}

fn parse(body: &[u8]) -> Option<Value> {
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let value = Unambiguous.deserialize(&mut deserializer).ok()?;
    deserializer.end().ok().map(|()| value)
}

/// Why a value cannot be read.
#[derive(Debug)]
enum Refusal {
    /// It is not what belongs there. Whoever knows the name of the attribute adds it.
    Value,
    /// Its attribute is named already.
    Attribute(ApiError),
}

impl Refusal {
    fn of_attribute(self, name: String, is_null: bool) -> Self {
        match self {
            Self::Value if is_null => Self::Attribute(ApiError::MissingAttribute(name)),
            Self::Value => Self::Attribute(ApiError::InvalidAttribute(name)),
            Self::Attribute(_) => self,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not what belongs there")
    }
}

impl std::error::Error for Refusal {}

impl de::Error for Refusal {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self::Value
    }

    fn unknown_field(name: &str, _: &'static [&'static str]) -> Self {
        let name = name.to_owned();
        Self::Attribute(if READ_ONLY.contains(&&*name) {
            ApiError::ReadOnlyAttribute(name)
        } else {
            ApiError::InvalidAttribute(name)
        })
    }

    fn missing_field(name: &'static str) -> Self {
        Self::Attribute(ApiError::MissingAttribute(name.to_owned()))
    }
}

/// A value to be read.
struct Reader(Value);

impl<'de> Deserializer<'de> for Reader {
    type Error = Refusal;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(value),
            Value::Number(number) => match whole(&number) {
                Some(whole) => visitor.visit_i64(whole),
                None => number.deserialize_any(visitor).map_err(<Refusal as de::Error>::custom),
            },
            Value::String(text) => visitor.visit_string(text),
            Value::Array(items) => {
                visitor.visit_seq(SeqDeserializer::new(items.into_iter().map(Reader)))
            }
            Value::Object(attributes) => {
                visitor.visit_map(Attributes { rest: attributes.into_iter(), next: None })
            }
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        if self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Refusal> {
        visitor.visit_newtype_struct(self)
    }

    /// An array, which serde would take for the attributes in their order, is no object.
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refusal> {
        if self.0.is_object() { self.deserialize_any(visitor) } else { Err(Refusal::Value) }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

/// The integer that `number` is although it is written with a fraction: to JSON Schema `8.0` is one.
fn whole(number: &Number) -> Option<i64> {
    /// Above, neighbours cannot be told apart.
    const LARGEST: f64 = 9_007_199_254_740_992.0;
    let float = number.as_f64().filter(|float| number.is_f64() && float.fract() == 0.0)?;
    #[expect(clippy::cast_possible_truncation, reason = "it is whole and in range")]
    (float.abs() <= LARGEST).then_some(float as i64)
}

impl de::IntoDeserializer<'_, Refusal> for Reader {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

/// The attributes of an object, whose names go into their errors.
struct Attributes {
    rest: map::IntoIter,
    next: Option<(String, Value)>,
}

impl<'de> MapAccess<'de> for Attributes {
    type Error = Refusal;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Refusal> {
        self.next = self.rest.next();
        let Some((name, _)) = &self.next else { return Ok(None) };
        seed.deserialize(name.as_str().into_deserializer()).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Refusal> {
        let (name, value) = self.next.take().ok_or(Refusal::Value)?;
        let is_null = value.is_null();
        seed.deserialize(Reader(value)).map_err(|refusal| refusal.of_attribute(name, is_null))
    }
}

/// A value in which no key stands twice: of two, one would be ignored, and nobody could tell which.
struct Unambiguous;

impl<'de> DeserializeSeed<'de> for Unambiguous {
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

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    #[expect(dead_code, reason = "it is only read into")]
    struct Outer {
        name: String,
        how_many: Option<u32>,
        inner: Option<Inner>,
        list: Option<Vec<Inner>>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "it is only read into")]
    struct Inner {
        flag: bool,
    }

    /// service-accounts-api.md 9: which error, and which attribute it names.
    #[test]
    fn what_is_wrong_is_named_however_deep_it_lies() {
        let rows = [
            (r#"{"name": "a", "howMany": 1, "inner": {"flag": true}, "list": []}"#, "fine"),
            (r#"{"name": "a", "howMany": null, "inner": null, "list": null}"#, "fine"),
            (r#"{"name": 1}"#, r#"InvalidAttribute("name")"#),
            (r#"{"name": null}"#, r#"MissingAttribute("name")"#),
            ("{}", r#"MissingAttribute("name")"#),
            (r#"{"name": "a", "Name": "a"}"#, r#"InvalidAttribute("Name")"#),
            (r#"{"name": "a", "more": null}"#, r#"InvalidAttribute("more")"#),
            (r#"{"name": "a", "id": "b"}"#, r#"ReadOnlyAttribute("id")"#),
            (r#"{"name": "a", "howMany": -1}"#, r#"InvalidAttribute("howMany")"#),
            (r#"{"name": "a", "howMany": 1.0}"#, "fine"),
            (r#"{"name": "a", "howMany": 1.5}"#, r#"InvalidAttribute("howMany")"#),
            (r#"{"name": "a", "howMany": 1e300}"#, r#"InvalidAttribute("howMany")"#),
            (r#"{"name": "a", "inner": 1}"#, r#"InvalidAttribute("inner")"#),
            (r#"{"name": "a", "inner": [true]}"#, r#"InvalidAttribute("inner")"#),
            (r#"{"name": "a", "inner": {"flag": 1}}"#, r#"InvalidAttribute("flag")"#),
            (r#"{"name": "a", "inner": {"flag": null}}"#, r#"MissingAttribute("flag")"#),
            (r#"{"name": "a", "inner": {}}"#, r#"MissingAttribute("flag")"#),
            (
                r#"{"name": "a", "list": [{"flag": true}, {"flag": 1}]}"#,
                r#"InvalidAttribute("flag")"#,
            ),
            (r#"{"name": "a", "list": [1]}"#, r#"InvalidAttribute("list")"#),
            (r#"["a"]"#, "InvalidJson"),
            ("null", "InvalidJson"),
            (r#"{"name": "a", "name": "b"}"#, "InvalidJson"),
            (r#"{"name": "a", "inner": {"flag": true, "flag": true}}"#, "InvalidJson"),
            (r#"{"name": "a"} {}"#, "InvalidJson"),
            ("", "InvalidJson"),
        ];
        for (body, expected) in rows {
            let read = read::<Outer>(body.as_bytes());
            let found = read.map_or_else(|error| format!("{error:?}"), |_| "fine".to_owned());
            assert_eq!(found, expected, "{body}");
        }
    }
}
