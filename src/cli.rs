//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::headless::{Format, Target, init::Input};
use crate::rehearsal::command::STAND_INS;

/// Move a running stack from docker-compose to Kubernetes, one shown and confirmed step at a time.
///
/// Without a command it opens the cockpit.
#[derive(Debug, Parser)]
#[command(name = "migrate-tui", version, max_term_width = 100, after_help = EXIT_CODES)]
pub struct Cli {
    /// What to do; the cockpit when none is given.
    #[command(subcommand)]
    pub command: Option<CliCommand>,
    /// Where, and as whom.
    #[command(flatten)]
    pub place: Place,
}

/// The exit codes, for `--help`.
const EXIT_CODES: &str = "\
Exit codes:
  0  done, or nothing to do
  1  it could not be begun (broken plan, no cluster, bad input); nothing was written
  2  wrong usage
  3  there are changes, and no --approve for them; nothing was written
     verify: everything holds, but live objects differ from the plan
  4  what was approved is not what stands now; nothing was written
  5  refused before anything was written (preflight, dry run, the run's state)
  6  stopped on the way (a refused object, not ready in time, a gate); some of it is written
     verify: something does not hold; images: one is not to be had
  7  rolled back, but for fields that others changed since; a rollback that is only shown: there
     is nothing else in it
     init: finished or taken back, but for files that were changed since
  8  an interrupted step must be resumed, rolled back or abandoned first; init: finished or taken back
  9  another migrate-tui drives this run
 10  status: work is open      11  status: something needs attention
 12  status: the cluster cannot be reached";

/// Where, and as whom.
#[derive(Debug, Clone, Args)]
pub struct Place {
    /// The plan [default: plan.yaml here, else plans/phase-2/plan.yaml]
    #[arg(short, long, global = true, env = "MIGRATE_TUI_PLAN", value_name = "FILE")]
    pub plan: Option<PathBuf>,
    /// The environment in the plan; needed when it has several
    #[arg(short, long, global = true, env = "MIGRATE_TUI_ENVIRONMENT", value_name = "NAME")]
    pub environment: Option<String>,
    /// The kubeconfig [default: KUBECONFIG, else ~/.kube/config]
    #[arg(long, global = true, value_name = "FILE")]
    pub kubeconfig: Option<PathBuf>,
    /// The kubeconfig's context [default: the environment's, else the current one]
    #[arg(long, global = true, value_name = "NAME")]
    pub context: Option<String>,
    /// Act as another user, as in kubectl
    #[arg(long = "as", global = true, value_name = "USER")]
    pub impersonate: Option<String>,
    /// Look on: nothing can be changed
    #[arg(long, global = true)]
    pub read_only: bool,
    /// Put the journal of an earlier run of this plan and environment aside and begin a new one; what that run's
    /// records in the cluster tell is taken over
    #[arg(long, global = true)]
    pub new_run: bool,
    /// The helm to use [default: the one in PATH]
    #[arg(long, global = true, env = "MIGRATE_TUI_HELM", value_name = "FILE")]
    pub helm: Option<PathBuf>,
    /// In a rehearsal: install its own charts in place of the plan's; its folder, as `rehearse --serve` prints it
    #[arg(long, global = true, env = STAND_INS, value_name = "FOLDER")]
    pub stand_ins: Option<PathBuf>,
    /// The theme: dark, light, high-contrast, or a file of yours
    #[arg(long, global = true, value_name = "NAME")]
    pub theme: Option<String>,
    /// Practice: be killed (SIGKILL) just before the journal entry of this number
    #[arg(long, global = true, hide = true, value_name = "NUMBER")]
    pub die_before_entry: Option<u64>,
}

/// How the result is printed.
#[derive(Debug, Clone, Copy, Args)]
pub struct Output {
    /// How the result is printed
    #[arg(short, long, value_enum, default_value_t, value_name = "FORMAT")]
    pub output: Format,
}

/// A step or stage, and the approval of what it would change.
#[derive(Debug, Clone, Args)]
pub struct Change {
    /// A stage (week-1) or a step (week-1/overlay)
    pub target: Target,
    /// Confirm what was shown, by its digest (at least its first twelve digits)
    #[arg(long, value_name = "DIGEST")]
    pub approve: Option<String>,
    /// How the result is printed.
    #[command(flatten)]
    pub output: Output,
}

/// A step or stage that is taken back.
#[derive(Debug, Clone, Args)]
pub struct Rollback {
    /// What, and its approval.
    #[command(flatten)]
    pub change: Change,
    /// Delete for good what others have made because of it as well: claims of StatefulSets with their data, a
    /// release's CRDs, Secrets of cert-manager
    #[arg(long)]
    pub with_leftovers: bool,
}

/// One step.
#[derive(Debug, Clone, Args)]
pub struct OneStep {
    /// The step, as in week-1/overlay
    pub step: crate::plan::StepPath,
    /// How the result is printed.
    #[command(flatten)]
    pub output: Output,
}

/// One step and a text.
#[derive(Debug, Clone, Args)]
pub struct StepAndText {
    /// The step, as in week-1/overlay
    pub step: crate::plan::StepPath,
    /// The note, evidence or reason
    #[arg(short, long, default_value = "", value_name = "TEXT")]
    pub note: String,
    /// How the result is printed.
    #[command(flatten)]
    pub output: Output,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum CliCommand {
    /// Show what a step or stage would change, and the digest that approves it
    Plan {
        /// A stage (week-1) or a step (week-1/overlay)
        target: Target,
        /// How the result is printed.
        #[command(flatten)]
        output: Output,
    },
    /// Apply a step or stage, as approved, and wait until it is ready and its gates hold
    Apply(Change),
    /// Delete what a step's inventory holds and its rendering no longer does, as approved
    Prune(Change),
    /// Undo what a step or stage changed last, as approved
    Rollback(Rollback),
    /// Compare a step or stage with the cluster and ask its gates; change nothing
    Verify {
        /// A stage (week-1) or a step (week-1/overlay)
        target: Target,
        /// How the result is printed.
        #[command(flatten)]
        output: Output,
    },
    /// Go on with an interrupted, failed or cancelled step
    #[command(override_usage = "migrate-tui resume [OPTIONS] <STEP>")]
    Resume(OneStep),
    /// Give an interrupted step up; what it wrote stays and can be rolled back
    Abandon(OneStep),
    /// Tick a checklist item
    Tick(StepAndText),
    /// Say that a step will not be done, and why
    Skip(StepAndText),
    /// Put a step off, and say why
    Defer(StepAndText),
    /// Open a ticked, skipped or deferred step again
    Reopen(OneStep),
    /// Write a note on a step
    Note(StepAndText),
    /// Print where things stand
    Status {
        /// How the result is printed.
        #[command(flatten)]
        output: Output,
    },
    /// Print the minutes of the run from its journal: who confirmed, applied, took back and noted what, and when
    Report {
        /// How the result is printed; as text it is Markdown.
        #[command(flatten)]
        output: Output,
    },
    /// Ask the registries about the plan's images: there or not, digest, platforms, age
    Images {
        /// A stage (week-1) or a step (week-1/overlay); all of the environment's steps without one
        target: Option<Target>,
        /// How the result is printed.
        #[command(flatten)]
        output: Output,
    },
    /// Check a plan, or a GitHub workflow: every error at once, with file, line and column
    Check {
        /// The plan's file or folder, or a workflow's file
        plan: Option<PathBuf>,
        /// Render charts from registries and repositories as well, which are pulled for it
        #[arg(long)]
        pull_charts: bool,
        /// How the result is printed.
        #[command(flatten)]
        output: Output,
    },
    /// The pipeline's runs on GitHub
    #[command(subcommand)]
    Workflow(WorkflowCommand),
    /// Write manifests, a plan and a pipeline for a compose file into a repository, as approved; at a terminal, on a
    /// screen of its own
    Init(Init),
    /// Practise on a real control plane on this machine; built on first use
    Rehearse(Rehearse),
    /// Own a kept rehearsal cluster; started by `rehearse --keep`.
    #[command(hide = true)]
    OwnRehearsal,
}

/// What can be asked of the pipeline's workflow.
#[derive(Debug, Subcommand)]
pub enum WorkflowCommand {
    /// Print its newest runs; reads only
    Runs {
        /// How many
        #[arg(long, default_value_t = 10, value_name = "NUMBER", value_parser = clap::value_parser!(u16).range(1..=500))]
        limit: u16,
        /// How the result is printed.
        #[command(flatten)]
        output: Output,
    },
    /// Show what a run would be, or start it, as approved; a run cannot be taken back
    Dispatch(WorkflowDispatch),
}

/// A run that is started by hand.
#[derive(Debug, Clone, Args)]
pub struct WorkflowDispatch {
    /// The branch or tag [default: the plan's branch, else the repository's default branch]
    #[arg(long = "ref", value_name = "BRANCH")]
    pub reference: Option<String>,
    /// An input of the workflow, as NAME=VALUE; may be repeated [default: the plan's environment for the input
    /// `environment`, and what the workflow says]
    #[arg(long = "input", value_name = "NAME=VALUE", value_parser = name_and_value)]
    pub inputs: Vec<(String, String)>,
    /// The step whose notes tell of it [default: the first that waits for a run]
    #[arg(long, value_name = "STEP")]
    pub step: Option<crate::plan::StepPath>,
    /// Confirm what was shown, by its digest (at least its first twelve digits)
    #[arg(long, value_name = "DIGEST")]
    pub approve: Option<String>,
    /// How the result is printed.
    #[command(flatten)]
    pub output: Output,
}

fn name_and_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("it is not NAME=VALUE".to_owned()),
    }
}

/// From compose files into a repository.
#[derive(Debug, Clone, Args)]
pub struct Init {
    /// What, and where to.
    #[command(flatten)]
    pub input: Input,
    /// Print, at a terminal as well, and do not open the screen
    #[arg(long)]
    pub plain: bool,
    /// How the result is printed; printed it is then in any case [default: text]
    #[arg(short, long, value_enum, value_name = "FORMAT")]
    pub output: Option<Format>,
}

impl Init {
    /// Is it to be shown on a screen, where there is one?
    #[must_use]
    pub fn wants_screen(&self) -> bool {
        let Input { approve, diff, rollback, .. } = &self.input;
        !self.plain && self.output.is_none() && approve.is_none() && !diff && !rollback
    }
}

/// How to rehearse.
#[derive(Debug, Clone, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub struct Rehearse {
    /// Keep the cluster when the cockpit is closed
    #[arg(long)]
    pub keep: bool,
    /// Run the cluster without the cockpit and print its kubeconfig's path; ends with Ctrl-C
    #[arg(long)]
    pub serve: bool,
    /// Fetch the plan's own charts, from where it says; without this, stand-ins take their place
    #[arg(long)]
    pub real_charts: bool,
    /// Stop a kept cluster
    #[arg(long)]
    pub stop: bool,
}
