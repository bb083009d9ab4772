//! What the API server answered to a write or a dry run.

use crate::object::Object;

/// A successful answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The object as it is now (or would be).
    pub object: Object,
    /// HTTP 201: it was (or would be) created.
    pub created: bool,
    /// Texts of the `Warning` headers.
    pub warnings: Vec<String>,
}
