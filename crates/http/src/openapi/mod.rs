//! The description of the API in OpenAPI 3.1, and the page that shows it.
//!
//! What is particular to an endpoint stands beside it, in `#[utoipa::path]`, and types say by
//! `ToSchema` what they look like. Here is what operations have in common, and what makes one
//! document of it all.

mod described;
mod document;
pub(crate) mod json;
mod operation;
pub(crate) mod page;
pub(crate) mod parameter;
mod response;
pub(crate) mod schema;

pub(crate) use self::{described::Described, document::document, operation::Operation};
