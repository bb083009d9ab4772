//! Exit codes; the README lists them.

use std::process::ExitCode;

/// How a command ended, as its exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// 0: done, or nothing to do.
    Done = 0,
    /// 1: it could not be begun: a broken plan, no cluster, bad input. Nothing was written.
    Error = 1,
    // 2 is clap's: wrong usage.
    /// 3: there are changes, and no `--approve` for them; a verification: everything holds, but live objects
    /// differ from the plan. Nothing was written.
    Unapproved = 3,
    /// 4: what was approved is not what stands now. Nothing was written.
    Moved = 4,
    /// 5: refused before anything was written: preflight, the API server's dry run, the run's state.
    Refused = 5,
    /// 6: stopped on the way: a refused object, not ready in time, a gate. Some of it is written. A
    /// verification: something does not hold.
    Failed = 6,
    /// 7: rolled back, but for fields that others changed since; shown and not approved: they are all that
    /// there is.
    Conflicts = 7,
    /// 8: an interrupted step must be resumed, rolled back or abandoned first.
    Interrupted = 8,
    /// 9: another migrate-tui drives this run.
    Busy = 9,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
