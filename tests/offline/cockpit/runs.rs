//! The pane of the workflow's runs.

use migrate_tui::{
    app::{Focus, Message, PaneId},
    observed::{Freshness, JobRow, RunRow, RunState, Runs, WorkflowOf},
};

use crate::journey::Journey;

pub(crate) fn of() -> WorkflowOf {
    WorkflowOf {
        host: "github.com".into(),
        repository: "acme/shop".into(),
        file: "deploy.yml".into(),
        branch: None,
    }
}

fn run(number: u64, title: &str, state: RunState, minutes: i64) -> RunRow {
    let created =
        "2026-11-24T14:00:00Z".parse::<jiff::Timestamp>().unwrap() - jiff::SignedDuration::from_mins(minutes);
    RunRow {
        id: 9_000_000 + number,
        number,
        attempt: 1,
        title: title.into(),
        branch: "main".into(),
        commit: format!("{number:x}{}", "4c5d6e7f".repeat(5)).chars().take(40).collect(),
        event: "push".into(),
        actor: "alice".into(),
        state,
        created,
        started: Some(created),
        updated: created + jiff::SignedDuration::from_secs(192),
        url: format!("https://github.com/acme/shop/actions/runs/{}", 9_000_000 + number),
        jobs: Vec::new(),
    }
}

/// Three runs: one at work, one that failed at a step, one that is well.
pub(crate) fn runs() -> Runs {
    let job = |name: &str, state, failed_step: Option<&str>| JobRow {
        name: name.into(),
        state,
        failed_step: failed_step.map(str::to_owned),
    };
    let mut failed = run(127, "deploy staging", RunState::Failed("failure".into()), 42);
    failed.jobs = vec![
        job("build (gateway)", RunState::Succeeded, None),
        job("deploy", RunState::Failed("failure".into()), Some("Wait for the rollout")),
    ];
    let mut running = run(128, "deploy staging", RunState::Running, 1);
    running.jobs = vec![job("build (gateway)", RunState::Running, None)];
    let rows = vec![running, failed, run(126, "deploy prod", RunState::Succeeded, 300)];
    Runs {
        of: Some(of()),
        freshness: Freshness::Live,
        rows: rows.into_iter().map(|row| (of().run_name(row.id), row)).collect(),
        no_dispatch: None,
        ..Runs::default()
    }
}

/// At the overlay, with these runs.
pub(crate) fn journey((width, height): (u16, u16), runs: Runs) -> Journey {
    let mut journey = Journey::at_overlay(width, height);
    journey.setting.tells_runs = true;
    journey.observed.runs = runs;
    journey.say(Message::World);
    journey
}

#[test]
fn the_pane_stands_beside_the_clusters() {
    for (width, height) in [(140, 40), (110, 24), (80, 24)] {
        let mut journey = journey((width, height), runs());
        journey.app.focus = Focus::Pane(PaneId::Runs);
        journey.app.tab = PaneId::Runs;
        journey.keys("down down");
        insta::assert_snapshot!(format!("runs_{width}x{height}"), journey.screen());
    }
}

#[test]
fn one_pane_has_room_for_everything() {
    let mut journey = journey((120, 30), runs());
    journey.app.focus = Focus::Pane(PaneId::Runs);
    journey.keys("z");
    insta::assert_snapshot!("runs_zoomed", journey.screen());
}

#[test]
fn what_is_in_the_way_is_one_sentence_and_no_alarm() {
    let reason = "GitHub's rate limit is used up until 2026-11-24T14:20:00Z. it is asked again then";
    let limited = Freshness::Stale { since: "2026-11-24T14:02:00Z".parse().unwrap(), reason: reason.into() };
    let nowhere = Runs {
        freshness: Freshness::Absent,
        note: Some(
            "the repository is gitlab.com/acme/shop, on GitLab: runs are shown for GitHub only".into(),
        ),
        ..Runs::default()
    };
    let cases = [
        ("limited", Runs { freshness: limited.clone(), ..runs() }),
        ("limited_at_once", Runs { freshness: limited, rows: Vec::new(), ..runs() }),
        ("nowhere", nowhere),
        ("none_yet", Runs { rows: Vec::new(), ..runs() }),
        ("asking", Runs::default()),
    ];
    for (name, runs) in cases {
        let mut journey = journey((120, 30), runs);
        journey.app.focus = Focus::Pane(PaneId::Runs);
        journey.keys("z");
        insta::assert_snapshot!(
            format!("runs_{name}"),
            journey.screen().lines().take(8).collect::<Vec<_>>().join("\n")
        );
    }
}

#[test]
fn where_nothing_is_about_a_workflow_there_is_no_pane() {
    let mut journey = Journey::at_overlay(140, 40);
    assert!(!journey.screen().contains("orkflow runs"), "{}", journey.screen());
    for _ in 0..8 {
        journey.keys("tab");
        assert_ne!(journey.app.focus, Focus::Pane(PaneId::Runs));
    }
    journey.observed.runs = runs();
    journey.say(Message::World);
    assert!(journey.screen().contains("Runs of deploy.yml"), "{}", journey.screen());
}
