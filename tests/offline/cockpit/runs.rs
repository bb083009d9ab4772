//! The pane of the workflow's runs.

use migrate_tui::{
    app::{AppEffect, Dialogue, Focus, Message, Mode, PaneId, Target},
    config::Action,
    diff::Problem,
    observed::{Freshness, JobRow, RunRow, RunState, Runs, WorkflowOf},
    plan::{Gate, WorkflowGate},
    workflow::Dispatch,
};

use crate::{fixture, journey::Journey};

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

fn dispatch() -> Box<Dispatch> {
    Box::new(Dispatch {
        workflow: of(),
        reference: "main".into(),
        commit: "804c5d6e7f4c5d6e7f4c5d6e7f4c5d6e7f4c5d6e".into(),
        inputs: [("environment".to_owned(), "staging".to_owned())].into(),
        newest: Some(runs().rows[1].1.clone()),
    })
}

/// On a step that waits for a run.
fn at_pipeline(size: (u16, u16), runs: Runs) -> Journey {
    let mut steps = fixture::steps();
    let deploy = steps.iter_mut().find(|step| step.path == fixture::path("week-2/deploy-yml")).unwrap();
    deploy.gates =
        vec![Gate::Workflow(WorkflowGate { title: Some("to staging".into()), ..WorkflowGate::default() })];
    let mut journey = Journey::with(steps, size);
    journey.setting.tells_runs = true;
    journey.observed.runs = runs;
    journey.keys(": 'go_deploy.yml' enter");
    journey
}

#[test]
fn enter_on_a_run_shows_it_and_has_its_jobs_read() {
    let mut journey = journey((120, 30), runs());
    journey.app.focus = Focus::Pane(PaneId::Runs);
    journey.keys("down down enter");
    assert_eq!(journey.asked, [AppEffect::LookAtRun(9_000_127)]);
    insta::assert_snapshot!("run", journey.screen());
    journey.resize(80, 24);
    insta::assert_snapshot!("run_80x24", journey.screen());
    journey.keys("enter");
    assert!(journey.app.dialogue.is_none());
    // One that newer runs have pushed out closes.
    journey.keys("enter");
    journey.observed.runs.rows.remove(1);
    journey.say(Message::World);
    assert!(journey.app.dialogue.is_none());
}

#[test]
fn a_run_is_started_as_shown_and_by_no_single_press() {
    let mut journey = at_pipeline((120, 30), runs());
    assert!(journey.screen().contains("Run workflow…"), "{}", journey.screen());
    journey.keys("w");
    assert_eq!(journey.asked, [AppEffect::ShowDispatch]);
    assert!(journey.screen().contains("is being read"), "{}", journey.screen());
    journey.say(Message::DispatchShown(Ok(dispatch())));
    insta::assert_snapshot!("dispatch", journey.screen());
    journey.resize(80, 24);
    insta::assert_snapshot!("dispatch_80x24", journey.screen());
    journey.resize(60, 15);
    insta::assert_snapshot!("dispatch_60x15", journey.screen());
    journey.resize(120, 30);
    // Enter is on Cancel; the button does nothing before the name is typed.
    journey.keys("tab tab enter");
    assert_eq!(journey.asked.len(), 1, "{}", journey.screen());
    journey.keys("'staging' enter");
    assert_eq!(journey.asked.len(), 1, "enter in the field only moves on");
    journey.keys("enter");
    let step = fixture::path("week-2/deploy-yml");
    assert_eq!(journey.asked[1..], [AppEffect::Dispatch { step, dispatch: dispatch() }]);
    assert!(journey.app.dialogue.is_none());
}

#[test]
fn every_single_press_starts_nothing() {
    let mut shown = at_pipeline((120, 30), runs());
    shown.keys("w");
    shown.say(Message::DispatchShown(Ok(dispatch())));
    let typed: Vec<String> = ('!'..='~').filter(|c| *c != '\'').map(|c| format!("'{c}'")).collect();
    let named = ["enter", "space", "tab", "up", "down", "left", "right"].map(str::to_owned);
    for key in named.into_iter().chain(typed) {
        shown.asked.clear();
        if !matches!(shown.app.dialogue, Some(Dialogue::Dispatch(_))) {
            shown = at_pipeline((120, 30), runs());
            shown.keys("w");
            shown.say(Message::DispatchShown(Ok(dispatch())));
            shown.asked.clear();
        }
        shown.keys(&key);
        assert_eq!(shown.asked, [], "{key}");
    }
    let mut clicked = at_pipeline((120, 30), runs());
    clicked.click_button(Action::Dispatch);
    clicked.say(Message::DispatchShown(Ok(dispatch())));
    clicked.asked.clear();
    clicked.click(|target| matches!(target, Target::Choice(migrate_tui::app::Choice::Go)));
    assert_eq!(clicked.asked, []);
}

#[test]
fn what_keeps_a_run_from_being_started_is_said_at_once() {
    let mut rehearsed = at_pipeline(
        (120, 30),
        Runs { no_dispatch: Some("this is a rehearsal: nothing outside is changed".into()), ..runs() },
    );
    rehearsed.keys("w");
    assert!(rehearsed.screen().contains("this is a rehearsal"), "{}", rehearsed.screen());
    let mut watcher = at_pipeline((120, 30), runs());
    watcher.mode = Mode::ReadOnly;
    watcher.keys("w");
    assert!(watcher.screen().contains("READ-ONLY: nothing is started"), "{}", watcher.screen());
    assert!(rehearsed.asked.is_empty() && watcher.asked.is_empty());
    let mut elsewhere = journey((120, 30), runs());
    elsewhere.keys("w");
    assert!(elsewhere.screen().contains("no step of the plan waits for a run"), "{}", elsewhere.screen());
    let mut refused = at_pipeline((120, 30), runs());
    refused.keys("w");
    let problem =
        Problem::new("deploy.yml of acme/shop", "the token may not do it (403)", "give it Actions: write");
    refused.say(Message::DispatchShown(Err(problem)));
    insta::assert_snapshot!("dispatch_refused", refused.screen());
    refused.keys("tab tab enter");
    assert!(refused.app.dialogue.is_none());
    // An answer that nobody waits for any more opens nothing.
    refused.say(Message::DispatchShown(Ok(dispatch())));
    assert!(refused.app.dialogue.is_none() && refused.asked == [AppEffect::ShowDispatch]);
}
