//! `GET …/serviceAccounts`: pages of a list.

use std::rc::Rc;

use serde::Deserialize;

use super::{Workload, wrong};
use crate::client::Client;
use crate::connection::Answer;
use crate::error::Error;

/// A page to ask for, with the accounts that must be on it.
pub(crate) struct Page {
    request: Vec<u8>,
    expected: Vec<Rc<Client>>,
    total: usize,
}

impl Page {
    /// How many accounts are on a page.
    pub(crate) const ITEMS: usize = 100;

    /// The page `number`, counted from 0, of the list at `path` below the API's root. The list is
    /// `all` accounts in this order.
    pub(crate) fn new(
        host: &str,
        path: &str,
        token: &str,
        number: usize,
        all: &[Rc<Client>],
    ) -> Self {
        let request = format!(
            "GET /api/public/v1.0{path}?pageNum={}&itemsPerPage={} HTTP/1.1\r\n\
             Host: {host}\r\n\
             Authorization: Bearer {token}\r\n\r\n",
            number + 1,
            Self::ITEMS,
        );
        let expected = all.chunks(Self::ITEMS).nth(number).unwrap_or_default().to_vec();
        Self { request: request.into_bytes(), expected, total: all.len() }
    }

    /// Writes the bytes of the request.
    pub(crate) fn write(&self, request: &mut Vec<u8>) {
        request.extend_from_slice(&self.request);
    }

    /// Whether an answer is the page.
    pub(crate) fn is(&self, answer: Answer<'_>) -> bool {
        answer.status == 200
            && serde_json::from_slice(answer.body).is_ok_and(|List { results, total_count }| {
                total_count == self.total
                    && results.iter().map(|item| item.client_id).eq(self.ids())
            })
    }

    fn ids(&self) -> impl Iterator<Item = &str> {
        self.expected.iter().map(|client| client.id.as_str())
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct List<'a> {
    #[serde(borrow)]
    results: Vec<Item<'a>>,
    total_count: usize,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Item<'a> {
    client_id: &'a str,
}

/// Asks for the same pages in turn.
pub(crate) struct Pages<'a> {
    pages: &'a [Page],
    next: usize,
}

impl<'a> Pages<'a> {
    pub(crate) fn new(pages: &'a [Page]) -> Self {
        Self { pages, next: 0 }
    }
}

impl Workload for Pages<'_> {
    fn next(&mut self, request: &mut Vec<u8>) -> Option<usize> {
        let number = self.next;
        self.pages.get(number)?.write(request);
        self.next = (number + 1) % self.pages.len();
        Some(number)
    }

    fn check(&mut self, number: usize, answer: Answer<'_>) -> Result<(), Error> {
        if self.pages[number].is(answer) {
            Ok(())
        } else {
            Err(wrong("GET a page of service accounts", answer))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_accounts_of_the_page_in_their_order_are_the_page() {
        let ids = (0..250).map(|n| format!("mdb_sa_id_{n}"));
        let all: Vec<_> = ids.map(|id| Client::new(id, "secret")).collect();
        let page = Page::new("h", "/orgs/1/serviceAccounts", "t", 2, &all);
        assert!(page.request.starts_with(
            b"GET /api/public/v1.0/orgs/1/serviceAccounts?pageNum=3&itemsPerPage=100 HTTP/1.1\r\n"
        ));
        let body = |ids: &[Rc<Client>], total: usize| {
            let results: Vec<_> =
                ids.iter().map(|client| serde_json::json!({"clientId": client.id})).collect();
            serde_json::to_vec(&serde_json::json!({"results": results, "totalCount": total}))
                .unwrap()
        };
        let is = |status, body: &[u8]| page.is(Answer { status, body });
        assert!(is(200, &body(&all[200..], 250)));
        assert!(!is(500, &body(&all[200..], 250)));
        assert!(!is(200, &body(&all[200..], 249)));
        assert!(!is(200, &body(&all[200..249], 250)));
        assert!(!is(200, &body(&all[150..200], 250)));
        assert!(!is(200, b"{}"));
    }
}
