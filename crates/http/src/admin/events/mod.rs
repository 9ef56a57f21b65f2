//! What happened in an organization or a project.

pub(crate) mod list;
