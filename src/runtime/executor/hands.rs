//! What may be done.

use crate::{
    cluster::{Reader, Writer},
    diff::Problem,
};

/// What may be done. Read-only has no writer to call.
#[derive(Clone)]
pub(in crate::runtime) enum Hands {
    /// Reads only.
    Reader(Reader),
    /// Everything.
    Writer(Writer),
}

impl Hands {
    pub(super) fn reader(&self) -> &Reader {
        match self {
            Self::Reader(reader) => reader,
            Self::Writer(writer) => writer.planner().reader(),
        }
    }

    pub(super) fn writer(&self) -> Result<&Writer, Problem> {
        match self {
            Self::Writer(writer) => Ok(writer),
            Self::Reader(_) => Err(Problem::new(
                "read-only",
                "nothing can be changed in this session",
                "start it again without --read-only",
            )),
        }
    }
}
