//! Lists: which page is asked for, and how it is answered (conventions.md 4).

use axum::{RequestPartsExt as _, extract::FromRequestParts, http::request::Parts};
use rescind_authority::{Authority, Range};
use serde::Serialize;
use utoipa::{
    IntoParams, ToSchema,
    openapi::path::{Parameter, ParameterIn},
};

use super::{
    error::ApiError,
    path::{self, OfAtlas},
};
use crate::{openapi::parameter, query};

const PAGE_NUM: &str = "pageNum";
const ITEMS_PER_PAGE: &str = "itemsPerPage";
const DEFAULT_ITEMS: usize = 100;
const MAX_ITEMS: usize = 500;
const INCLUDE_COUNT: &str = "includeCount";

/// The page that a request asks for.
pub(crate) struct Page {
    /// Counted from 1.
    number: usize,
    items: usize,
    /// Whether the answer says how many there are in all; the Atlas family can ask it not to.
    counted: bool,
    /// Where the list is, with the request's own query, but for what names the page.
    address: String,
}

/// A list, or a page of one.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct List<T> {
    links: Vec<Link>,
    results: Vec<T>,
    /// How many there are on all pages.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    total_count: Option<usize>,
}

/// A link, to the thing itself or to another page.
#[derive(Serialize, ToSchema)]
pub(crate) struct Link {
    href: String,
    rel: &'static str,
}

impl Link {
    /// The one link that every entity has.
    pub(crate) fn to_itself(href: String) -> Self {
        Self { href, rel: "self" }
    }
}

impl FromRequestParts<Authority> for Page {
    type Rejection = ApiError;

    async fn from_request_parts(
        parts: &mut Parts,
        authority: &Authority,
    ) -> Result<Self, ApiError> {
        let Ok(OfAtlas(of_atlas)) = parts.extract().await;
        let uri = path::original(parts);
        let in_range = |name, default, max| match query::value(uri, name) {
            None => Ok(default),
            Some(value) => value
                .parse()
                .ok()
                .filter(|number| (1..=max).contains(number))
                .ok_or(ApiError::InvalidQueryParameter(name)),
        };
        let own_query = uri.query().unwrap_or_default().split('&').filter(|pair| {
            let name = form_urlencoded::parse(pair.as_bytes()).next().map(|(name, _)| name);
            !pair.is_empty() && !matches!(name.as_deref(), Some(PAGE_NUM | ITEMS_PER_PAGE))
        });
        let query: String = own_query.flat_map(|pair| [pair, "&"]).collect();
        Ok(Self {
            number: in_range(PAGE_NUM, 1, usize::MAX)?,
            items: in_range(ITEMS_PER_PAGE, DEFAULT_ITEMS, MAX_ITEMS)?,
            counted: !of_atlas || query::value(uri, INCLUDE_COUNT).as_deref() != Some("false"),
            address: format!("{}{}?{query}", authority.issuer(), uri.path()),
        })
    }
}

impl IntoParams for Page {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        vec![
            parameter::number(PAGE_NUM, "Which page, counted from 1", 1, usize::MAX),
            parameter::number(ITEMS_PER_PAGE, "How many items it has", DEFAULT_ITEMS, MAX_ITEMS),
            parameter::switch(INCLUDE_COUNT, "Whether to count the items of all pages", true),
        ]
    }
}

impl Page {
    /// Which items are on it.
    pub(crate) fn range(&self) -> Range {
        Range { offset: (self.number - 1).saturating_mul(self.items), limit: self.items }
    }

    /// The answer, from all items in their order.
    pub(crate) fn of<T>(&self, all: Vec<T>) -> List<T> {
        let total = all.len();
        let Range { offset, limit } = self.range();
        self.with(all.into_iter().skip(offset).take(limit).collect(), total)
    }

    /// The answer, from the items on the page and the number of all.
    pub(crate) fn with<T>(&self, results: Vec<T>, total: usize) -> List<T> {
        let Range { offset, limit } = self.range();
        let mut links = vec![self.link(self.number, "self")];
        if self.number > 1 {
            links.push(self.link(self.number - 1, "previous"));
        }
        if total.saturating_sub(offset) > limit {
            links.push(self.link(self.number + 1, "next"));
        }
        List { links, results, total_count: self.counted.then_some(total) }
    }

    fn link(&self, number: usize, rel: &'static str) -> Link {
        let Self { address, items, .. } = self;
        Link { href: format!("{address}{PAGE_NUM}={number}&{ITEMS_PER_PAGE}={items}"), rel }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// conventions.md 4, rows "links of a list", "page past the end" and "totalCount".
    #[test]
    fn a_page_links_to_its_neighbours() {
        let rows: [(usize, &[u8], &[&str]); 4] = [
            (1, &[1, 2], &["self=1", "next=2"]),
            (2, &[3, 4], &["self=2", "previous=1", "next=3"]),
            (3, &[5], &["self=3", "previous=2"]),
            (4, &[], &["self=4", "previous=3"]),
        ];
        for (number, results, links) in rows {
            let page = Page { number, items: 2, counted: true, address: "x?".to_owned() };
            let list = page.of(vec![1_u8, 2, 3, 4, 5]);
            assert_eq!(list.results, results, "page {number}");
            assert_eq!(list.total_count, Some(5), "page {number}");
            let linked: Vec<_> = list
                .links
                .iter()
                .map(|link| {
                    let number = link.href.strip_prefix("x?pageNum=").unwrap();
                    format!("{}={}", link.rel, number.strip_suffix("&itemsPerPage=2").unwrap())
                })
                .collect();
            assert_eq!(linked, links, "page {number}");
        }
    }
}
