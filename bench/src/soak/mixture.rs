//! What a day brings, in no order: tokens are issued, asked about, used and revoked, and
//! administrators read and write.

use std::collections::{HashMap, VecDeque};
use std::io::Write as _;
use std::rc::Rc;
use std::time::{Duration, Instant};

use crate::client::{Client, Crowd, Token};
use crate::connection::Answer;
use crate::error::Error;
use crate::scale::Population;
use crate::workload::{FormRequest, Page, Workload, issued_token, wrong};

/// The newest tokens are used, the oldest revoked; so many lie between, so that no token is in use
/// when it is revoked.
const USED: usize = 1_000;
const BETWEEN: usize = 1_000;
/// So many of those that were revoked last are asked about.
const DEAD: usize = 1_000;
/// So many projects exist at a time, beside those of the start.
const GROUPS: usize = 20;
/// The administrator gets a new token this often.
const RENEWED: Duration = Duration::from_mins(20);

/// How many of 100 requests are of each kind.
const SHARES: [(Kind, u32); 9] = [
    (Kind::Issue, 30),
    (Kind::Revoke, 30),
    (Kind::IntrospectLive, 14),
    (Kind::IntrospectDead, 5),
    (Kind::Use, 15),
    (Kind::ReadPage, 2),
    (Kind::Describe, 2),
    (Kind::CreateGroup, 1),
    (Kind::DeleteGroup, 1),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Issue,
    Revoke,
    IntrospectLive,
    IntrospectDead,
    /// `GET /groups`, by an account that sees one.
    Use,
    ReadPage,
    Describe,
    CreateGroup,
    DeleteGroup,
}

/// A request that was sent, and what is needed to judge its answer.
enum Asked {
    Issue(Rc<Client>),
    Renew,
    Revoke(Token),
    IntrospectLive(Rc<Client>),
    IntrospectDead,
    Use,
    Page(Page),
    Describe,
    CreateGroup,
    DeleteGroup(String),
}

pub(crate) struct Mixture {
    host: String,
    issue: FormRequest,
    revoke: FormRequest,
    introspect: FormRequest,
    crowd: Crowd,
    population: Population,
    /// The administrator's token, and when it was asked for.
    owner: Option<String>,
    renewed: Option<Instant>,
    /// From the oldest to the newest.
    live: VecDeque<Token>,
    dead: VecDeque<Token>,
    groups: Vec<String>,
    /// The administrator waits for the answer to a change before it makes the next.
    is_changing: bool,
    asked: HashMap<usize, Asked>,
    number: usize,
    pub(crate) issued: u64,
    pub(crate) revoked: u64,
    /// 503: nothing was done.
    pub(crate) refused: u64,
}

impl Mixture {
    pub(crate) fn new(host: &str, population: Population) -> Self {
        let form = |path| FormRequest::new(path, host);
        Self {
            host: host.to_owned(),
            issue: form("/api/oauth/token"),
            revoke: form("/api/oauth/revoke"),
            introspect: form("/api/oauth/introspect"),
            crowd: Crowd::new(population.at_work.clone()),
            population,
            owner: None,
            renewed: None,
            live: VecDeque::new(),
            dead: VecDeque::new(),
            groups: Vec::new(),
            is_changing: false,
            asked: HashMap::new(),
            number: 0,
            issued: 0,
            revoked: 0,
            refused: 0,
        }
    }

    /// Writes a request of this kind, if there is what it needs.
    fn write(&mut self, kind: Kind, request: &mut Vec<u8>) -> Option<Asked> {
        let asked = self.write_any(kind, request)?;
        self.is_changing |= asked.is_change();
        Some(asked)
    }

    fn write_any(&mut self, kind: Kind, request: &mut Vec<u8>) -> Option<Asked> {
        match kind {
            Kind::Describe | Kind::CreateGroup | Kind::DeleteGroup if self.is_changing => None,
            Kind::Issue => {
                let client = self.crowd.next()?;
                self.issue.write(request, &client, "grant_type", "client_credentials");
                Some(Asked::Issue(client))
            }
            Kind::Revoke => {
                if self.live.len() <= USED + BETWEEN {
                    return None;
                }
                let token = self.live.pop_front()?;
                self.revoke.write(request, &token.client, "token", &token.text);
                Some(Asked::Revoke(token))
            }
            Kind::IntrospectLive => {
                let token = self.newest()?;
                self.introspect.write(request, &token.client, "token", &token.text);
                Some(Asked::IntrospectLive(Rc::clone(&token.client)))
            }
            Kind::IntrospectDead => {
                let token = pick(&self.dead, 0)?;
                self.introspect.write(request, &token.client, "token", &token.text);
                Some(Asked::IntrospectDead)
            }
            Kind::Use => {
                let token = self.newest()?.text.clone();
                self.call(request, "GET", "/groups", &token, "");
                Some(Asked::Use)
            }
            Kind::ReadPage => {
                let Population { org_id, long_list, .. } = &self.population;
                let number = fastrand::usize(..long_list.len().div_ceil(Page::ITEMS));
                let path = format!("/orgs/{org_id}/serviceAccounts");
                let page = Page::new(&self.host, &path, self.owner.as_ref()?, number, long_list);
                page.write(request);
                Some(Asked::Page(page))
            }
            Kind::Describe => {
                let client = fastrand::choice(&self.population.long_list)?;
                let path =
                    format!("/orgs/{}/serviceAccounts/{}", self.population.org_id, client.id);
                let body = format!(r#"{{"description":"{:016x}"}}"#, fastrand::u64(..));
                self.call(request, "PATCH", &path, self.owner.as_ref()?, &body);
                Some(Asked::Describe)
            }
            Kind::CreateGroup => {
                if self.groups.len() >= GROUPS {
                    return None;
                }
                let body =
                    format!(r#"{{"name":"of a soak","orgId":"{}"}}"#, self.population.org_id);
                self.call(request, "POST", "/groups", self.owner.as_ref()?, &body);
                Some(Asked::CreateGroup)
            }
            Kind::DeleteGroup => {
                let owner = self.owner.clone()?;
                let group = self.groups.pop()?;
                self.call(request, "DELETE", &format!("/groups/{group}"), &owner, "");
                Some(Asked::DeleteGroup(group))
            }
        }
    }

    fn newest(&self) -> Option<&Token> {
        pick(&self.live, self.live.len().saturating_sub(USED))
    }

    fn call(&self, request: &mut Vec<u8>, method: &str, path: &str, token: &str, body: &str) {
        let (host, length) = (&self.host, body.len());
        // Writing to memory does not fail.
        let _ = write!(
            request,
            "{method} /api/public/v1.0{path} HTTP/1.1\r\nHost: {host}\r\n\
             Authorization: Bearer {token}\r\nContent-Type: application/json\r\n\
             Content-Length: {length}\r\n\r\n{body}"
        );
    }

    /// The administrator, when it is time for another token.
    fn renew(&mut self) -> Option<Rc<Client>> {
        if self.renewed.is_some_and(|at| at.elapsed() < RENEWED) {
            return None;
        }
        self.renewed = Some(Instant::now());
        self.population.long_list.first().cloned()
    }

    /// Notes what was not done.
    fn put_back(&mut self, asked: Asked) {
        self.refused += 1;
        match asked {
            Asked::Revoke(token) => self.live.push_front(token),
            Asked::DeleteGroup(group) => self.groups.push(group),
            Asked::Renew => self.renewed = None,
            Asked::Issue(_)
            | Asked::IntrospectLive(_)
            | Asked::IntrospectDead
            | Asked::Use
            | Asked::Page(_)
            | Asked::Describe
            | Asked::CreateGroup => {}
        }
    }
}

impl Workload for Mixture {
    fn next(&mut self, request: &mut Vec<u8>) -> Option<usize> {
        let asked = if let Some(owner) = self.renew() {
            self.issue.write(request, &owner, "grant_type", "client_credentials");
            Asked::Renew
        } else {
            let kind = kind(fastrand::u32(..100));
            match self.write(kind, request) {
                Some(asked) => asked,
                // There is always a token to be revoked, or somebody who can have one.
                None => self
                    .write(Kind::Revoke, request)
                    .or_else(|| self.write(Kind::Issue, request))?,
            }
        };
        self.number += 1;
        self.asked.insert(self.number, asked);
        Some(self.number)
    }

    fn check(&mut self, number: usize, answer: Answer<'_>) -> Result<(), Error> {
        let Some(asked) = self.asked.remove(&number) else { return Ok(()) };
        if asked.is_change() {
            self.is_changing = false;
        }
        if answer.status == 503 {
            self.put_back(asked);
            return Ok(());
        }
        let what = asked.what();
        let has = |text: &str| answer.body.windows(text.len()).any(|part| part == text.as_bytes());
        let is_right = match asked {
            Asked::Issue(client) => issued_token(answer).is_some_and(|text| {
                self.issued += 1;
                self.live.push_back(Token { client, text: text.to_owned() });
                true
            }),
            Asked::Renew => {
                self.owner = issued_token(answer).map(str::to_owned);
                self.owner.is_some()
            }
            Asked::Revoke(token) => {
                self.revoked += 1;
                self.dead.push_back(token);
                if self.dead.len() > DEAD {
                    self.dead.pop_front();
                }
                answer.status == 200 && answer.body.is_empty()
            }
            Asked::IntrospectLive(client) => {
                answer.status == 200 && has(r#""active":true"#) && has(&client.id)
            }
            Asked::IntrospectDead => answer.body == br#"{"active":false}"#,
            Asked::Use => answer.status == 200 && has(r#""totalCount":"#),
            Asked::Page(page) => page.is(answer),
            Asked::Describe => answer.status == 200,
            Asked::CreateGroup => {
                answer.status == 201 && {
                    self.groups.extend(id(answer.body));
                    true
                }
            }
            Asked::DeleteGroup(_) => answer.status == 204,
        };
        if is_right { Ok(()) } else { Err(wrong(what, answer)) }
    }
}

impl Asked {
    fn is_change(&self) -> bool {
        matches!(self, Self::Describe | Self::CreateGroup | Self::DeleteGroup(_))
    }

    fn what(&self) -> &'static str {
        match self {
            Self::Issue(_) | Self::Renew => "POST /api/oauth/token",
            Self::Revoke(_) => "POST /api/oauth/revoke",
            Self::IntrospectLive(_) => "POST /api/oauth/introspect of a live token",
            Self::IntrospectDead => "POST /api/oauth/introspect of a revoked token",
            Self::Use => "GET /groups",
            Self::Page(_) => "GET a page of service accounts",
            Self::Describe => "PATCH a service account",
            Self::CreateGroup => "POST /groups",
            Self::DeleteGroup(_) => "DELETE a project",
        }
    }
}

/// The kind that a number below 100 falls to.
fn kind(mut number: u32) -> Kind {
    for (kind, share) in SHARES {
        if number < share {
            return kind;
        }
        number -= share;
    }
    Kind::Issue
}

/// One of those from `first` on.
fn pick(tokens: &VecDeque<Token>, first: usize) -> Option<&Token> {
    if first < tokens.len() { tokens.get(fastrand::usize(first..tokens.len())) } else { None }
}

fn id(body: &[u8]) -> Option<String> {
    let body: serde_json::Value = serde_json::from_slice(body).ok()?;
    body.get("id")?.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shares_are_those_of_a_hundred() {
        assert_eq!(SHARES.iter().map(|(_, share)| share).sum::<u32>(), 100);
        for (expected, share) in SHARES {
            assert_eq!((0..100).filter(|number| kind(*number) == expected).count(), share as usize);
        }
    }
}
