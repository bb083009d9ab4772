//! A problem as text: what, why, and what to do.

use std::io::{self, Write};

use crate::diff::Problem;

/// Writes a problem on three lines.
pub(crate) fn write_problem(problem: &Problem, output: &mut dyn Write) -> io::Result<()> {
    writeln!(output, "  ! {}", problem.subject)?;
    writeln!(output, "    why: {}", below(&problem.reason))?;
    writeln!(output, "    do:  {}", below(&problem.remedy))
}

/// Further lines stand below the first.
fn below(text: &str) -> String {
    text.trim_end().replace('\n', "\n         ")
}
