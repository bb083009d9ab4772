//! The commands without a terminal, with a real driver and journal. Effects are answered from a script:
//! no imitation of Kubernetes, only outcomes.

use std::sync::Arc;

use migrate_tui::plan::StepPath;
use migrate_tui::{
    app::Mode,
    diff::{Change, Kind, Leftovers, Problem, Proposal},
    engine::{Author, Command, Effect, Event, Outcome, Run},
    headless::{Format, Headless, Report, Target},
    journal::{Journal, RunFolder},
    plan::EnvironmentName,
    runtime::{Driver, Perform},
};
use tempfile::TempDir;

use crate::fixture;

/// What an effect comes to.
type Script = fn(&Effect) -> Outcome;

struct Bench {
    driver: Driver,
    progress: Vec<u8>,
    _state: TempDir,
}

impl Bench {
    fn new(script: Script) -> Self {
        let state = tempfile::tempdir().unwrap();
        let (journal, entries) = Journal::open(&RunFolder::new(state.path(), "phase-2", "staging")).unwrap();
        let perform: Perform = Arc::new(move |effect, _| {
            let outcome = script(&effect);
            Box::pin(async move { outcome })
        });
        let author = Author { user: "you".into(), host: "laptop".into() };
        let mut driver = Driver::new(Run::new(fixture::steps()), journal, &entries, author, perform);
        let environment = EnvironmentName("staging".into());
        driver
            .begin(Event::RunStarted { plan: "phase-2".into(), plan_digest: String::new(), environment })
            .unwrap();
        driver.submit(Command::MeetCluster(fixture::cluster())).unwrap();
        Self { driver, progress: Vec::new(), _state: state }
    }

    async fn change(&mut self, kind: Kind, approval: Option<&str>) -> Report {
        self.change_of("week-1/overlay", kind, approval).await
    }

    async fn change_of(&mut self, target: &str, kind: Kind, approval: Option<&str>) -> Report {
        let target: Target = target.parse().unwrap();
        let (_keep, stop) = tokio::sync::watch::channel(false);
        let mut headless =
            Headless { driver: &mut self.driver, progress: &mut self.progress, stop, mode: Mode::ReadWrite };
        headless.change(&target, kind, Leftovers::Stay, approval).await
    }

    async fn done(&mut self, kind: Kind) -> Report {
        let shown = self.change(kind, None).await;
        let digest = shown.digest.clone().unwrap();
        self.change(kind, Some(&digest.0)).await
    }
}

fn text(report: &Report) -> String {
    let mut text = Vec::new();
    report.print(Format::Text, &mut text).unwrap();
    String::from_utf8(text).unwrap()
}

fn json(report: &Report) -> serde_json::Value {
    let mut text = Vec::new();
    report.print(Format::Json, &mut text).unwrap();
    serde_json::from_slice(&text).unwrap()
}

fn prepared(proposal: Proposal) -> Outcome {
    Outcome::Prepared(Box::new(proposal))
}

fn reviewed(step: &StepPath, unlike: Vec<String>) -> Outcome {
    Outcome::Reviewed { proposal: Box::new(fixture::proposal(step, Kind::Apply)), unlike }
}

/// What differs is what the fixture has to change; everything is well otherwise.
fn well(effect: &Effect) -> Outcome {
    match effect {
        Effect::Prepare { step, kind, .. } => prepared(Proposal {
            digest: migrate_tui::object::Digest("5a".repeat(32)),
            ..fixture::proposal(step, *kind)
        }),
        Effect::Review { step, .. } => reviewed(step, Vec::new()),
        Effect::Preserve { .. } => Outcome::Preserved { record: "Secret/before".into(), cannot_undo: vec![] },
        Effect::Execute { row, .. } => {
            Outcome::RowDone { row: *row, uid: Some(format!("uid-{row}")), created: true, warnings: vec![] }
        }
        Effect::Settle { wave, .. } => Outcome::Settled(*wave),
        Effect::Wait { .. } => Outcome::Ready,
        Effect::Gate { gate, .. } => {
            Outcome::GatePassed { gate: *gate, detail: "as it should be".into(), simulated: false }
        }
        Effect::Close { .. } => Outcome::Closed,
        Effect::Inspect { .. } => Outcome::Inspected(vec![]),
    }
}

/// As the step would have it.
fn same(mut proposal: Proposal) -> Proposal {
    for row in &mut proposal.rows {
        row.change = Change::Same;
        row.fields.clear();
        row.adoptions.clear();
    }
    proposal
}

#[tokio::test]
async fn a_verification_names_what_differs_and_who_owns_it() {
    let mut bench = Bench::new(well);
    bench.done(Kind::Apply).await;
    let report = bench.change(Kind::Verify, None).await;
    let text = text(&report);
    assert_eq!(report.exit_code, 3, "{text}");
    assert!(text.contains("~ Deployment/gateway") && text.contains("ghcr.io/acme/gateway:1.4.1"), "{text}");
    assert!(text.contains("owned by kubectl-client-side-apply (Update): spec.template"), "{text}");
    assert!(text.contains("+ NetworkPolicy/allow-gateway: not there"), "{text}");
    assert!(text.contains("everything holds, but 11 live objects differ from the plan"), "{text}");
    let json = json(&report);
    assert_eq!((&json["proposals"][0]["kind"], &json["exitCode"]), (&"verify".into(), &3.into()));
    assert_eq!(json["proposals"][0]["rows"][6]["key"]["name"], "gateway");
    // Where nothing differs, all is well.
    let mut bench = Bench::new(|effect| match effect {
        Effect::Prepare { step, kind: Kind::Verify, .. } => {
            prepared(same(fixture::proposal(step, Kind::Verify)))
        }
        other => well(other),
    });
    bench.done(Kind::Apply).await;
    let report = bench.change(Kind::Verify, None).await;
    assert_eq!((report.exit_code, report.summary.as_str()), (0, "everything holds"));
}

#[tokio::test]
async fn a_problem_does_not_hide_what_differs_and_is_told_once() {
    let mut bench = Bench::new(|effect| match effect {
        Effect::Gate { gate: 1, .. } => {
            Outcome::Stopped(vec![Problem::new("HorizontalPodAutoscaler/gateway", "no metrics", "wait")])
        }
        other => well(other),
    });
    let report = bench.change(Kind::Verify, None).await;
    assert!(text(&report).contains("the step has not been applied"), "{}", text(&report));
    bench.done(Kind::Apply).await;
    bench.progress.clear();
    let report = bench.change(Kind::Verify, None).await;
    let text = text(&report) + &String::from_utf8_lossy(&bench.progress);
    assert_eq!(report.exit_code, 6, "{text}");
    assert_eq!(text.matches("no metrics").count(), 1, "{text}");
    assert!(text.contains("~ Deployment/gateway") && text.contains("11 live objects differ"), "{text}");
}

#[tokio::test]
async fn a_step_that_was_rolled_back_is_verified_as_such() {
    let mut bench = Bench::new(|effect| match effect {
        Effect::Prepare { step, kind: Kind::Rollback, .. } => {
            let mut proposal = fixture::proposal(step, Kind::Rollback);
            proposal.rows.iter_mut().for_each(|row| row.conflicts.clear());
            prepared(Proposal { digest: migrate_tui::object::Digest("5a".repeat(32)), ..proposal })
        }
        other => well(other),
    });
    bench.done(Kind::Apply).await;
    assert_eq!(bench.done(Kind::Rollback).await.exit_code, 0);
    let report = bench.change(Kind::Verify, None).await;
    let text = text(&report);
    assert_eq!(report.exit_code, 6, "{text}");
    assert_eq!(text.matches("has been rolled back").count(), 1, "{text}");
    assert!(text.contains("week-1/overlay: rolled back") && !text.contains("someone"), "{text}");
}

#[tokio::test]
async fn a_verification_that_was_stopped_does_not_hold() {
    let mut bench = Bench::new(|effect| match effect {
        Effect::Wait { .. } => Outcome::Stopped(vec![]),
        other => well(other),
    });
    bench.done(Kind::Apply).await;
    assert_eq!(bench.change(Kind::Verify, None).await.exit_code, 6);
}

#[tokio::test]
async fn a_rollback_of_conflicts_alone_lists_them_and_says_so_by_its_code() {
    let mut bench = Bench::new(|effect| match effect {
        Effect::Prepare { step, kind: Kind::Rollback, .. } => {
            let mut proposal = fixture::proposal(step, Kind::Rollback);
            proposal.rows.retain(|row| !row.conflicts.is_empty());
            prepared(Proposal { digest: migrate_tui::object::Digest("5a".repeat(32)), ..same(proposal) })
        }
        other => well(other),
    });
    bench.done(Kind::Apply).await;
    let shown = bench.change(Kind::Rollback, None).await;
    let text = text(&shown);
    assert_eq!(shown.exit_code, 7, "{text}");
    assert!(text.contains("1 object: ") && text.contains("1 conflict\n"), "{text}");
    assert!(text.contains("[nginx].image is ghcr.io/acme/gateway:1.4.3-hotfix by kubectl-set now"), "{text}");
    assert_eq!(bench.done(Kind::Rollback).await.exit_code, 7, "as it then ends");
}

#[tokio::test]
async fn what_is_printed_steers_no_terminal() {
    let hostile = "\u{1b}]0;owned\u{7}\u{9b}31m\u{202e}";
    let mut bench = Bench::new(|effect| match effect {
        Effect::Prepare { step, kind, .. } => {
            let hostile = "\u{1b}]0;owned\u{7}\u{9b}31m\u{202e}";
            let mut proposal = fixture::proposal(step, *kind);
            for row in &mut proposal.rows {
                row.warnings.push(hostile.into());
                row.replicas_left_to = Some(hostile.into());
                for field in &mut row.fields {
                    field.path = format!("metadata.annotations[{hostile}]");
                    field.after = Some(serde_json::json!({ hostile: hostile }));
                }
            }
            prepared(proposal)
        }
        other => well(other),
    });
    let report = bench.change(Kind::Apply, None).await;
    for format in [Format::Text, Format::Json] {
        let mut printed = Vec::new();
        report.print(format, &mut printed).unwrap();
        let printed = String::from_utf8(printed).unwrap();
        assert!(printed.contains("]0;owned"), "{printed}");
        let steers = |character: char| character != '\n' && migrate_tui::words::is_dangerous(character);
        assert!(!printed.chars().any(steers), "{printed:?}");
    }
    assert_eq!(json(&report)["proposals"][0]["rows"][0]["warnings"][0], hostile);
}

#[tokio::test]
async fn a_stage_stops_before_a_checklist_item_and_says_so() {
    let mut bench = Bench::new(well);
    let refused = bench.change_of("week-1", Kind::Apply, None).await;
    assert_eq!(refused.exit_code, 5, "{}", text(&refused));
    assert!(
        text(&refused).contains("it stops before week-1/pull-secret, a checklist item"),
        "{}",
        text(&refused)
    );
    let step = "week-1/pull-secret".parse().unwrap();
    bench.driver.submit(Command::Tick { step, note: "in the vault".into() }).unwrap();
    let shown = bench.change_of("week-1", Kind::Apply, None).await;
    assert_eq!((shown.exit_code, shown.proposals.len()), (3, 2), "{}", text(&shown));
    assert_eq!(json(&shown).get("stopsBefore"), None, "what follows is ticked only");
}

#[tokio::test]
async fn too_short_an_approval_is_told_how_many_digits_it_needs() {
    let mut bench = Bench::new(well);
    let digest = bench.change(Kind::Apply, None).await.digest.unwrap().0;
    let refused = bench.change(Kind::Apply, Some(&digest[..11])).await;
    assert_eq!(refused.exit_code, 4);
    assert!(refused.summary.contains("at least the first 12 digits") && refused.summary.contains("has 11"));
    let other = bench.change(Kind::Apply, Some("000000000000")).await;
    assert!(other.summary.contains("was approved"), "{}", other.summary);
}

#[tokio::test]
async fn a_step_that_is_not_as_approved_when_its_turn_comes_is_asked_again() {
    let mut bench = Bench::new(|effect| match effect {
        Effect::Review { step, .. } => reviewed(step, vec!["Deployment/gateway is there already".into()]),
        other => well(other),
    });
    let step = "week-1/pull-secret".parse().unwrap();
    bench.driver.submit(Command::Tick { step, note: "in the vault".into() }).unwrap();
    let digest = bench.change_of("week-1", Kind::Apply, None).await.digest.unwrap();
    let stopped = bench.change_of("week-1", Kind::Apply, Some(&digest.0)).await;
    let told = text(&stopped);
    assert_eq!(stopped.exit_code, 4, "{told}");
    assert!(told.contains("stopped before week-1/overlay: what it would change now"), "{told}");
    assert!(told.contains("not as approved: Deployment/gateway is there already"), "{told}");
    assert!(told.contains("week-1/namespace: done") && stopped.digest != Some(digest), "{told}");
    assert!(bench.driver.run().awaiting().next().is_none(), "nobody is left to confirm it");
}

/// Rows from the fourth on are refused.
fn half_way(effect: &Effect) -> Outcome {
    match effect {
        Effect::Execute { row: row @ 3.., .. } => {
            Outcome::RowFailed { row: *row, problem: Problem::new("the network", "no answer", "try again") }
        }
        other => well(other),
    }
}

#[tokio::test]
async fn a_resume_says_what_is_left_and_what_of_it_is_deleted() {
    let mut bench = Bench::new(|effect| match effect {
        Effect::Execute { attempt, .. } if attempt.0 < 4 => well(effect),
        other => half_way(other),
    });
    bench.done(Kind::Apply).await;
    assert_eq!(bench.done(Kind::Rollback).await.exit_code, 6);
    bench.progress.clear();
    let (_keep, stop) = tokio::sync::watch::channel(false);
    let mut headless =
        Headless { driver: &mut bench.driver, progress: &mut bench.progress, stop, mode: Mode::ReadWrite };
    headless.resume(&"week-1/overlay".parse().unwrap()).await;
    let told = String::from_utf8_lossy(&bench.progress);
    let first = told.lines().next().unwrap();
    assert!(first.starts_with("week-1/overlay: It goes on with the ROLLBACK, of which"), "{told}");
    assert!(told.contains("  - Deployment/mime-server in staging: deleted\n"), "{told}");
}

#[tokio::test]
async fn what_is_shown_names_the_command_that_makes_it() {
    let mut bench = Bench::new(well);
    let shown = bench.change(Kind::Apply, None).await;
    let digest = "5a".repeat(6);
    assert!(
        shown.summary.ends_with(&format!("to apply this: apply week-1/overlay --approve {digest}")),
        "{}",
        shown.summary
    );
    bench.done(Kind::Apply).await;
    let shown = bench.change(Kind::Rollback, None).await;
    let wanted = format!("rollback week-1/overlay --approve {digest}");
    assert!(shown.summary.ends_with(&wanted), "{}", shown.summary);
}

#[tokio::test]
async fn further_lines_of_a_problem_stand_below_the_first() {
    let mut bench = Bench::new(|effect| match effect {
        Effect::Gate { .. } => {
            Outcome::Stopped(vec![Problem::new("helm", "no space:\nnode 1\n", "make room")])
        }
        other => well(other),
    });
    let text = text(&bench.done(Kind::Apply).await);
    assert!(text.contains("    why: no space:\n         node 1\n    do:  make room"), "{text}");
}
