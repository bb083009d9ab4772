//! An error in full.

use std::error::Error;

/// An error with all its causes, outermost first, a text that is in what was told already left out:
/// hyper's own text alone says only "client error".
pub(crate) fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let next = cause.to_string();
        if !text.contains(&next) {
            text.push_str(": ");
            text.push_str(&next);
        }
        source = cause.source();
    }
    text
}
