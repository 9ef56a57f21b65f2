//! Indented JSON in the style of the contract's samples (conventions.md 3).

use std::io::{self, Write};

use serde::Serialize as _;
use serde_json::{Serializer, Value, ser::Formatter};

/// Two spaces for each object, `"key" : value`, and arrays on the line that they begin on.
#[derive(Default)]
struct Pretty {
    depth: usize,
    has_value: bool,
}

/// `json` as indented text.
pub(crate) fn to_string(json: &Value) -> String {
    let mut text = Vec::new();
    let mut serializer = Serializer::with_formatter(&mut text, Pretty::default());
    #[expect(clippy::expect_used, reason = "writing a value to memory cannot fail")]
    json.serialize(&mut serializer).expect("a value is JSON");
    String::from_utf8(text).unwrap_or_default()
}

impl Pretty {
    fn new_line<W: ?Sized + Write>(&self, writer: &mut W) -> io::Result<()> {
        write!(writer, "\n{:1$}", "", self.depth * 2)
    }
}

impl Formatter for Pretty {
    fn begin_array_value<W: ?Sized + Write>(&mut self, w: &mut W, first: bool) -> io::Result<()> {
        w.write_all(if first { b" " } else { b", " })
    }

    fn end_array<W: ?Sized + Write>(&mut self, w: &mut W) -> io::Result<()> {
        self.has_value = true;
        w.write_all(b" ]")
    }

    fn begin_object<W: ?Sized + Write>(&mut self, w: &mut W) -> io::Result<()> {
        self.depth += 1;
        self.has_value = false;
        w.write_all(b"{")
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, w: &mut W, first: bool) -> io::Result<()> {
        if !first {
            w.write_all(b",")?;
        }
        self.new_line(w)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, w: &mut W) -> io::Result<()> {
        w.write_all(b" : ")
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.has_value = true;
        Ok(())
    }

    fn end_object<W: ?Sized + Write>(&mut self, w: &mut W) -> io::Result<()> {
        self.depth -= 1;
        if self.has_value {
            self.new_line(w)?;
        } else {
            w.write_all(b" ")?;
        }
        self.has_value = true;
        w.write_all(b"}")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn it_reads_like_the_samples() {
        let json = json!({
            "clientId": "mdb_sa_id_1",
            "roles": ["A", "B"],
            "secrets": [{"id": 1}, {"id": 2, "of": {}}],
            "none": [],
        });
        let expected = r#"{
  "clientId" : "mdb_sa_id_1",
  "roles" : [ "A", "B" ],
  "secrets" : [ {
    "id" : 1
  }, {
    "id" : 2,
    "of" : { }
  } ],
  "none" : [ ]
}"#;
        assert_eq!(to_string(&json), expected);
    }
}
