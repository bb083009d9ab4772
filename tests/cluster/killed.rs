//! Kills at every journal entry, and resumes. (Being written on the branch `killed`.)

use libtest_mimic::Trial;

pub(crate) fn trials() -> Vec<Trial> {
    Vec::new()
}
