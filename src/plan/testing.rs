//! Steps for tests of other modules.

use std::time::Duration;

use super::{Action, Step};

/// A step with nothing but its action; a test says of it what it is about.
pub(crate) fn step(path: &str, action: Action) -> Step {
    Step {
        path: path.parse().unwrap(),
        title: String::new(),
        description: String::new(),
        action,
        gates: Vec::new(),
        deadline: Duration::from_mins(1),
        inventory: "app".into(),
        allow_replace: false,
        acknowledged: Vec::new(),
        only_in: None,
        later: None,
        requires: Vec::new(),
    }
}
