//! What followers read: server-sent events (HTML Living Standard, 9.2).
//!
//! | event | data | what to do |
//! |---|---|---|
//! | `hello` | `{"follower":"…"}` | keep it: acknowledgements name it |
//! | `changed` | `{"tokens":{"7":[12,99]},"blocks":{"9":[3]},"accounts":["mdb_sa_id_…"],"organization":true}` | set these bits, blocks being 64 each; look these accounts, or all, up again. What is absent has not changed |
//! | `alive` | `{}` | nothing happened |
//! | `missed` | `{"acknowledge":true}` | fetch lists and accounts again |
//!
//! The id of each is the number of the last event of the change log that it includes. `changed` and
//! `alive` may have `"acknowledge":true` too: somebody waits for an answer.

use std::{collections::BTreeMap, fmt::Write as _};

use bytes::Bytes;
use rescind_authority::{Effects, Frame, Seq};
use rescind_core::{
    id::{ClientId, OrgId},
    status_list::ListId,
};
use serde::Serialize;

#[derive(Serialize, Default)]
struct Changed<'a> {
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    tokens: BTreeMap<ListId, Vec<u32>>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    blocks: BTreeMap<ListId, Vec<u32>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    accounts: Vec<&'a ClientId>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    organization: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    acknowledge: bool,
}

#[derive(Serialize)]
struct Hello {
    follower: String,
}

/// The first event: by which name a follower acknowledges.
pub(super) fn hello(follower: u128, upto: Seq) -> Bytes {
    write(upto, "hello", &Hello { follower: format!("{follower:032x}") })
}

/// The frame for a follower of `org_id`: for all alike, unless accounts of its own changed, or
/// somebody of its own waits.
pub(super) fn frame(frame: &Frame, org_id: OrgId) -> Bytes {
    let Effects { accounts, organizations, .. } = &frame.effects;
    let concerned = accounts.iter().any(|(org, _)| *org == org_id)
        || organizations.contains(&org_id)
        || frame.asks.contains(&org_id);
    if concerned { encode(frame, Some(org_id)) } else { frame.encoded(|frame| encode(frame, None)) }
}

/// What happens when a follower could not be told all. That somebody waits may be among it.
pub(super) fn missed(upto: Seq) -> Bytes {
    write(upto, "missed", &Changed { acknowledge: true, ..Changed::default() })
}

fn encode(frame: &Frame, org_id: Option<OrgId>) -> Bytes {
    let Effects { tokens, blocks, accounts, organizations } = &frame.effects;
    let mut changed = Changed::default();
    for status in tokens {
        changed.tokens.entry(status.list).or_default().push(status.index);
    }
    for block in blocks {
        changed.blocks.entry(block.list).or_default().push(block.number);
    }
    if let Some(org_id) = org_id {
        let own = accounts.iter().filter(|(org, _)| *org == org_id);
        changed.accounts = own.map(|(_, client_id)| client_id).collect();
        changed.organization = organizations.contains(&org_id);
        changed.acknowledge = frame.asks.contains(&org_id);
    }
    let nothing = changed.tokens.is_empty()
        && changed.blocks.is_empty()
        && changed.accounts.is_empty()
        && !changed.organization;
    write(frame.upto, if nothing { "alive" } else { "changed" }, &changed)
}

fn write(upto: Seq, event: &str, data: &impl Serialize) -> Bytes {
    let data = serde_json::to_string(data).unwrap_or_default();
    let mut text = String::with_capacity(data.len() + 48);
    let _infallible = write!(text, "id: {}\nevent: {event}\ndata: {data}\n\n", upto.0);
    text.into()
}
