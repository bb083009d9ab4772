//! `init`: from compose files to manifests, a plan and a pipeline in the operator's repository.

mod finding;
mod input;
mod pipeline;
mod report;
mod source;
mod text;

use std::{
    io::{self, Write},
    path::Path,
};

pub use input::Input;
pub use report::InitReport;
use source::{Source, Unread};

use super::{Exit, Format, report::print};
use crate::{
    diff::Problem,
    repository::{Repository, RepositoryError, Task},
    scaffold::{Action, Kind, Proposal},
};

/// Shows what an init would write, or, with an approval that names it, writes it. Blocking.
#[derive(Debug)]
pub struct Init<'i> {
    /// What was asked for.
    pub input: &'i Input,
    /// Nothing may be written.
    pub is_read_only: bool,
    /// Be killed before the write of this number.
    pub die_before: Option<usize>,
    /// Keep what only a screen shows as well.
    pub for_screen: bool,
}

impl Init<'_> {
    /// Does it.
    #[must_use]
    pub fn run(&self) -> InitReport {
        let mut report = InitReport::default();
        match self.fill(&mut report) {
            Ok(()) => {}
            Err(RepositoryError::Refused(problems)) => {
                report.problems = problems;
                report.end(Exit::Refused, "nothing was written: mend what is in the way first");
            }
            Err(RepositoryError::Moved) => {
                let given = self.input.approve.as_deref().unwrap_or_default();
                report.end(
                    Exit::Moved,
                    format!("{given} was approved, and is not what stands now; nothing was written"),
                );
                report.next.push(self.input.command(None));
            }
            Err(RepositoryError::Busy(problem)) => report.failed(Exit::Busy, problem),
            Err(RepositoryError::HalfWay(problem)) => report.failed(Exit::Failed, problem),
            Err(RepositoryError::Problem(problem)) => report.failed(Exit::Error, problem),
        }
        report
    }

    fn fill(&self, report: &mut InitReport) -> Result<(), RepositoryError> {
        let mut repository = Repository::open(&self.input.into)?;
        report.root = repository.path().display().to_string();
        if let Some(write) = self.die_before {
            repository.die_before(write);
        }
        if self.for_screen {
            report.for_screen.can_take_back = repository.propose(Task::Rollback).is_ok();
        }
        let approve = self.input.approve.as_deref();
        let interrupted = repository.interrupted();
        if self.input.rollback {
            return self.task(&mut repository, Task::Rollback, report);
        }
        if let Some(interrupted) = interrupted {
            if approve.is_some_and(|approve| interrupted.journal.digest.is_named_by(approve)) {
                return self.task(&mut repository, Task::Finish, report);
            }
            report.interrupted(&interrupted, self.input);
            if self.for_screen {
                report.show(repository.propose(Task::Finish)?);
                report.digest = Some(interrupted.journal.digest);
            }
            return Ok(());
        }
        let source = match source::read(self.input, self.for_screen) {
            Ok(source) => source,
            Err(Unread { errors, warnings, excerpts }) => {
                (report.for_screen.excerpts, report.for_screen.warnings) = (excerpts, warnings.len());
                report.bad_input([errors, warnings].concat());
                return Ok(());
            }
        };
        let Source { tree, told, excerpts } = source;
        report.for_screen.excerpts = excerpts;
        report.source = Some(told);
        let tree = match tree {
            Ok(tree) => tree,
            Err(problems) => {
                report.problems = problems;
                report.end(Exit::Error, "nothing was written: the files cannot be named so");
                return Ok(());
            }
        };
        self.task(&mut repository, Task::Init(&tree), report)?;
        report.for_screen.wanted = tree;
        Ok(())
    }

    /// Shows a task, or does it.
    fn task(
        &self,
        repository: &mut Repository,
        task: Task<'_>,
        report: &mut InitReport,
    ) -> Result<(), RepositoryError> {
        let proposal = repository.propose(task)?;
        let Some(approve) = self.input.approve.as_deref() else {
            self.shown(proposal, report);
            return Ok(());
        };
        if self.is_read_only {
            report.show(proposal);
            report.end(Exit::Refused, "read-only: nothing was written");
            return Ok(());
        }
        if proposal.kind == Kind::Init && !proposal.has_changes() && proposal.problems.is_empty() {
            self.shown(proposal, report);
            return Ok(());
        }
        let done = repository.perform(task, approve)?;
        self.done(done, report);
        Ok(())
    }

    /// It waits for an approval, if there is anything to approve.
    fn shown(&self, proposal: Proposal, report: &mut InitReport) {
        let digest = proposal.digest();
        let is_rollback = proposal.kind == Kind::Rollback;
        if !proposal.problems.is_empty() {
            report.problems.clone_from(&proposal.problems);
            report.end(Exit::Refused, "nothing was written: mend what is in the way first");
        } else if is_rollback || proposal.has_changes() {
            report.end(
                Exit::Unapproved,
                format!(
                    "nothing was written; to {} this, repeat with --approve {}",
                    if is_rollback { "take back" } else { "write" },
                    digest.short()
                ),
            );
            report.next.push(self.input.command(Some(digest.short())));
            report.digest = Some(digest);
        } else {
            let kept = proposal.summary().kept;
            let end = if kept == 0 { "" } else { "; what was edited or taken away stays so" };
            report.end(Exit::Done, format!("nothing to do: every file is as wanted{end}"));
        }
        report.show(proposal);
    }

    fn done(&self, proposal: Proposal, report: &mut InitReport) {
        let kept = proposal.kept().count();
        let (exit, summary) = match proposal.kind {
            Kind::Rollback if kept > 0 => {
                (Exit::Conflicts, "taken back, but for what was changed since; that stays")
            }
            Kind::Rollback => (Exit::Done, "taken back"),
            Kind::Finish if kept > 0 => {
                (Exit::Conflicts, "finished, but for what was changed since it was interrupted; that stays")
            }
            Kind::Init | Kind::Finish => (Exit::Done, "written"),
        };
        report.end(exit, summary);
        if proposal.kind != Kind::Rollback {
            let beside = proposal.rows.iter().filter(|row| row.path.is_beside() && row.write.is_some());
            if beside.clone().any(|row| row.action != Action::Delete) {
                report
                    .next
                    .push("compare each NAME.new with your NAME, take over what you want, delete it".into());
            }
            report.next.push("commit the files, .migrate-tui/init.json and .migrate-tui/.gitignore".into());
            let plans = proposal.rows.iter().filter(|row| row.path.split().1 == "plan.yaml");
            for plan in plans.filter(|row| row.after.is_some()) {
                let here = self.input.into.as_os_str() == ".";
                let root = if here { Path::new("") } else { self.input.into.as_path() };
                let path = root.join(plan.path.as_str());
                report.next.push(format!("migrate-tui check {}", input::quoted(&path.display().to_string())));
            }
        }
        report.show(proposal);
    }
}

impl InitReport {
    /// Prints it; as text, with the differences of every file where that is asked for.
    ///
    /// # Errors
    /// Whatever the output answers.
    pub fn print(&self, format: Format, all_differences: bool, output: &mut dyn Write) -> io::Result<()> {
        print(self, format, |output| text::write(self, all_differences, output), output)
    }

    fn failed(&mut self, exit: Exit, problem: Problem) {
        self.end(exit, format!("{}\n  why: {}\n  do:  {}", problem.subject, problem.reason, problem.remedy));
        self.problems.push(problem);
    }
}
