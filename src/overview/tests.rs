use std::{collections::BTreeMap, path::PathBuf};

use jiff::Timestamp;

use super::{Attention, Overview, Source, VerifiedOverview};
use crate::{
    diff::{Change, Kind, Leftovers, Problem, Wave},
    engine::{AttemptNumber, Author, End, Entry, Event, RowIntent, Run, SCHEMA_VERSION},
    object::{Digest, Key},
    observed::{Freshness, IngressRow, Name, Observation, Observed, PodRow, WorkloadRow},
    plan::{
        Action, Confirmation, Environment, EnvironmentName, Evidence, Manual, Plan, Stage, StageId, Step,
        StepPath, testing,
    },
};

fn step(name: &str) -> Step {
    let action = Action::Manual(Manual { instructions: vec!["do it".into()], evidence: Evidence::Optional });
    let title = format!("The step {name}");
    Step { title, inventory: "overlay".into(), ..testing::step(&format!("week-1/{name}"), action) }
}

fn plan() -> Plan {
    Plan {
        name: "phase-2".into(),
        title: "To ${environment}".into(),
        folder: PathBuf::from("/plans"),
        digest: String::new(),
        environments: vec![Environment {
            name: EnvironmentName("staging".into()),
            namespace: "acme-staging".into(),
            context: None,
            confirmation: Confirmation::Button,
            variables: BTreeMap::new(),
        }],
        stages: vec![Stage {
            id: StageId("week-1".into()),
            title: "Week 1 Manifests".into(),
            summary: String::new(),
            steps: vec![step("secrets"), step("overlay")],
        }],
        allowed_sources: Vec::new(),
        workflow: None,
    }
}

fn run(plan: &Plan, events: Vec<Event>) -> Run {
    let steps = plan.stages.iter().flat_map(|stage| stage.steps.clone()).collect();
    let mut run = Run::new(steps);
    for (index, event) in events.into_iter().enumerate() {
        run.apply(&Entry {
            version: SCHEMA_VERSION,
            sequence: index as u64 + 1,
            previous: String::new(),
            at: "2026-11-24T14:03:11Z".parse().unwrap(),
            author: Author { user: "you".into(), host: "laptop".into() },
            event,
        });
    }
    run
}

fn ticked(step: &str) -> Event {
    Event::Ticked { step: format!("week-1/{step}").parse().unwrap(), note: "seen by two".into() }
}

fn live() -> Observed {
    let mut observed = Observed::default();
    for kind in ["Pod", "Deployment", "StatefulSet", "DaemonSet", "HorizontalPodAutoscaler", "Ingress"] {
        observed.fold(Observation::Freshness { kind, freshness: Freshness::Live });
    }
    observed
}

fn broken_pod() -> Observation {
    let name = Name { namespace: "acme-staging".into(), name: "gateway-7d-a".into() };
    Observation::Pod(
        name,
        Some(PodRow {
            status: "ImagePullBackOff".into(),
            ready_containers: 0,
            containers: 1,
            restarts: 0,
            node: Some("node-1".into()),
            owner: Some("gateway-7d".into()),
            created: None,
            problem: Some("cannot get image".into()),
            is_ready: false,
            is_terminating: false,
        }),
    )
}

fn overview(plan: &Plan, run: &Run, observed: &Observed) -> Overview {
    let environment = &plan.environments[0];
    Overview::of(&Source { plan, environment, run, observed, context: "staging-eu", is_driven: false })
}

#[test]
fn all_done_and_well_is_settled_and_one_open_step_is_open() {
    let plan = plan();
    let done = run(&plan, vec![ticked("secrets"), ticked("overlay")]);
    assert_eq!(overview(&plan, &done, &live()).attention, Attention::Settled);
    let half = run(&plan, vec![ticked("secrets")]);
    let half = overview(&plan, &half, &live());
    assert_eq!(half.attention, Attention::Open);
    assert_eq!((half.stages[0].settled, half.stages[0].total), (1, 2));
}

#[test]
fn what_is_live_and_broken_needs_attention_even_when_all_is_done() {
    let plan = plan();
    let done = run(&plan, vec![ticked("secrets"), ticked("overlay")]);
    let mut observed = live();
    observed.fold(broken_pod());
    let seen = overview(&plan, &done, &observed);
    assert_eq!(seen.attention, Attention::Needed);
    assert_eq!(seen.live.pods.not_ready[0].name, "gateway-7d-a");
}

#[test]
fn a_cluster_that_does_not_answer_is_not_taken_for_well() {
    let plan = plan();
    let done = run(&plan, vec![ticked("secrets"), ticked("overlay")]);
    assert_eq!(overview(&plan, &done, &Observed::default()).attention, Attention::Unknown);
    // Rights to nothing: it answers, so the plan's own standing is what there is to tell.
    let mut refused = Observed::default();
    let freshness = Freshness::Forbidden { message: "no".into() };
    refused.fold(Observation::Freshness { kind: "Pod", freshness });
    assert_eq!(overview(&plan, &done, &refused).attention, Attention::Settled);
}

#[test]
fn a_failed_attempt_tells_its_problems_until_the_step_is_settled() {
    let plan = plan();
    let attempt = AttemptNumber(1);
    let step: StepPath = "week-1/overlay".parse().unwrap();
    let events = vec![
        Event::Requested {
            step,
            attempt,
            kind: Kind::Apply,
            undoes: vec![],
            after: vec![],
            tick: None,
            leftovers: Leftovers::Stay,
        },
        Event::Stopped { attempt, problems: vec![Problem::new("Deployment/gateway", "no image", "mend it")] },
        Event::Ended { attempt, end: crate::engine::End::Failed },
    ];
    let failed = overview(&plan, &run(&plan, events.clone()), &live());
    assert_eq!(failed.attention, Attention::Needed);
    assert_eq!(failed.problems[0].problem.subject, "Deployment/gateway");
    let mended = run(&plan, [events, vec![ticked("overlay")]].concat());
    assert_eq!(overview(&plan, &mended, &live()).problems, []);
}

#[test]
fn the_last_verification_is_told_with_its_time_until_something_newer_is_done() {
    let plan = plan();
    let attempt = AttemptNumber(1);
    let step: StepPath = "week-1/overlay".parse().unwrap();
    let requested = |attempt, kind| Event::Requested {
        step: step.clone(),
        attempt,
        kind,
        undoes: vec![],
        after: vec![],
        tick: None,
        leftovers: Leftovers::Stay,
    };
    let row = |change| RowIntent {
        key: Key { group: String::new(), kind: "ConfigMap".into(), namespace: None, name: "a".into() },
        change,
        wave: Wave::Configuration,
        digest: Digest(String::new()),
        conflicts: 0,
        added: 0,
        carried: false,
    };
    let mut events = vec![
        requested(attempt, Kind::Verify),
        Event::Prepared {
            attempt,
            digest: Digest(String::new()),
            rows: vec![row(Change::Same), row(Change::Change)],
            problems: vec![],
            renderer: None,
            leaves: 0,
            left: Vec::new(),
            unlike: Vec::new(),
        },
        Event::ObjectsReady { attempt },
        Event::Ended { attempt, end: End::Done },
    ];
    let verified = |events: &[Event]| {
        overview(&plan, &run(&plan, events.to_vec()), &live()).stages[0].steps[1].verified.clone()
    };
    let at = "2026-11-24T14:03:11Z".parse().unwrap();
    assert_eq!(verified(&events), Some(VerifiedOverview { at, holds: true, differing: 1 }));
    let mut shown = Vec::new();
    let seen = overview(&plan, &run(&plan, events.clone()), &live());
    crate::status::print(&seen, crate::headless::Format::Text, &mut shown).unwrap();
    let shown = String::from_utf8(shown).unwrap();
    assert!(shown.contains("; verified 2026-11-24T14:03:11Z: held, 1 object differed\n"), "{shown}");
    events.push(requested(AttemptNumber(2), Kind::Apply));
    events.push(Event::Ended { attempt: AttemptNumber(2), end: End::Done });
    assert_eq!(verified(&events), None);
}

/// The JSON is read by others' scripts.
#[test]
fn the_json_is_a_contract() {
    let plan = plan();
    let mut observed = live();
    observed.fold(broken_pod());
    let name = || Name { namespace: "acme-staging".into(), name: "gateway".into() };
    let row = WorkloadRow {
        kind: "Deployment".into(),
        desired: 2,
        updated: 2,
        ready: 1,
        problem: Some("1 of 2 available".into()),
    };
    observed.fold(Observation::Workload("Deployment".into(), name(), Some(row)));
    let row = IngressRow {
        hosts: vec!["app.example.com".into()],
        class: Some("nginx".into()),
        addresses: vec!["192.0.2.7".into()],
        tls_hosts: vec![],
        tls_secrets: vec![],
    };
    observed.fold(Observation::Ingress(name(), Some(row)));
    let since: Timestamp = "2026-11-24T14:00:00Z".parse().unwrap();
    let freshness = Freshness::Stale { since, reason: "connection refused".into() };
    observed.fold(Observation::Freshness { kind: "HorizontalPodAutoscaler", freshness });
    let overview = overview(&plan, &run(&plan, vec![ticked("secrets")]), &observed);
    let text = serde_json::to_string_pretty(&overview).unwrap();
    let again: Overview = serde_json::from_str(&text).unwrap();
    assert_eq!(again, overview);
    insta::assert_snapshot!("overview_json", text);
    let mut shown = Vec::new();
    crate::status::print(&overview, crate::headless::Format::Text, &mut shown).unwrap();
    insta::assert_snapshot!("overview_text", String::from_utf8(shown).unwrap());
}
