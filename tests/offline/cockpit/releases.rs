//! Steps that are releases, and stages that have them.

use migrate_tui::{
    app::Message,
    diff::{HookView, Problem, ReleaseView, RevisionView, Wave},
    engine::{Effect, Outcome, Run},
    observed::{Name, Observation, ReleaseRow},
    plan::{Action, ChartSource, HelmChart},
};

use crate::{fixture, journey::Journey};

/// The overlay as if one row of it carried the others.
fn carried(effect: &Effect) -> Option<Outcome> {
    match effect {
        Effect::Prepare { step, kind, .. } if step.step == "overlay" => {
            let mut shown = fixture::proposal(step, *kind);
            shown.rows.iter_mut().for_each(|row| row.carried = true);
            let release = shown.rows.first_mut().unwrap();
            (release.carried, release.wave) = (false, Wave::Release);
            Some(Outcome::Prepared(Box::new(shown)))
        }
        _ => None,
    }
}

/// The last step of the stage needs what an earlier one brings.
fn refused(effect: &Effect) -> Option<Outcome> {
    match effect {
        Effect::Prepare { step, kind, .. } if step.step == "overlay" => {
            let mut shown = fixture::proposal(step, *kind);
            shown.problems = vec![Problem::new("PodMonitor", "no such kind", "install it first")];
            Some(Outcome::Prepared(Box::new(shown)))
        }
        _ => None,
    }
}

#[test]
fn what_a_release_carries_is_written_with_it() {
    let mut journey = Journey::at_overlay(80, 60);
    journey.twists = carried;
    journey.keys("a a tab enter");
    assert_eq!(journey.standing("week-1/overlay"), "done");
    let screen = journey.screen();
    assert!(screen.contains("✔ written") && !screen.contains("deleted"), "{screen}");
}

#[test]
fn what_keeps_a_stage_from_being_confirmed_comes_first() {
    let mut journey = Journey::new(120, 40);
    journey.twists = refused;
    journey.keys("up a");
    let screen = journey.screen();
    assert!(screen.contains("“Pull secret for ghcr.io” comes first and is open"), "{screen}");
    journey.keys("esc down t o k enter up a");
    let screen = journey.screen();
    let [told, reason, shown] = ["Not all of it can be confirmed", "no such kind", "Namespace/staging"]
        .map(|text| screen.find(text).unwrap_or_else(|| panic!("{text}\n{screen}")));
    assert!(told < reason && reason < shown, "{screen}");
}

/// The overlay as a release whose history was read.
fn with_history(row: ReleaseRow) -> String {
    let mut journey = Journey::new(120, 40);
    let mut steps = fixture::steps();
    let overlay = steps.iter_mut().find(|step| step.path.step == "overlay").unwrap();
    overlay.action = Action::Helm(HelmChart {
        chart: ChartSource::Folder("chart".into()),
        version: None,
        release: "web".into(),
        namespace: Some("shop".into()),
        values: Vec::new(),
        set: serde_json::Value::Null,
    });
    journey.run = Run::new(steps);
    journey.observed.releases.insert(Name { namespace: "shop".into(), name: "web".into() }, row);
    journey.say(Message::World);
    journey.keys("/ 'overlay' enter");
    journey.screen()
}

#[test]
fn a_release_s_page_has_its_history_and_when_it_was_read() {
    let at = "2026-11-24T14:02:11Z".parse().unwrap();
    let revision = |number: u32, status: &str| RevisionView {
        revision: number,
        updated: format!("2026-11-2{number}T08:00:00.123Z"),
        status: status.into(),
        chart: format!("web-0.{number}.0"),
        description: "Upgrade complete".into(),
    };
    let history = vec![revision(2, "deployed"), revision(1, "superseded")];
    let screen = with_history(ReleaseRow { at, history, unknown: None });
    for text in [
        "Release web in shop, as read at 14:02:11Z",
        "revision 2: deployed web-0.2.0 2026-11-22T08:00:00Z (Upgrade complete)",
        "revision 1: superseded web-0.1.0",
    ] {
        assert!(screen.contains(text), "{text}\n{screen}");
    }
    let unknown = Some("this identity may not list the Secrets of shop".to_owned());
    let screen = with_history(ReleaseRow { at, history: Vec::new(), unknown });
    assert!(screen.contains("? this identity may not list the Secrets of shop"), "{screen}");
    let screen = with_history(ReleaseRow { at, history: Vec::new(), unknown: None });
    assert!(screen.contains("Not installed."), "{screen}");
}

#[test]
fn a_gate_that_does_not_hold_is_taken_by_hand_with_a_note() {
    let mut journey = Journey::at_overlay(120, 40);
    journey.twists = |effect| match effect {
        Effect::Gate { gate: 2, .. } => Some(Outcome::Stopped(vec![Problem::new("gate", "none", "give it")])),
        _ => None,
    };
    journey.keys("a a tab enter");
    assert_eq!(journey.standing("week-1/overlay"), "failed");
    assert!(journey.screen().contains("[ Tick… ]"), "{}", journey.screen());
    journey.keys("t");
    assert!(journey.screen().contains("The gate on your word"), "{}", journey.screen());
    journey.keys("enter enter");
    assert!(journey.screen().contains("this cannot be empty"), "{}", journey.screen());
    journey.twists = |effect| match effect {
        Effect::Gate { gate: 2, .. } => Some(Outcome::GateOpen {
            gate: 2,
            problem: Problem::new("ingress public has an address", "no address yet", "give it one"),
        }),
        _ => None,
    };
    journey.keys("'by_the_nodes' enter enter");
    assert_eq!(journey.standing("week-1/overlay"), "done");
    let screen = journey.screen();
    assert!(screen.contains("by hand: by the nodes") && screen.contains("it did not hold"), "{screen}");
}

#[test]
fn a_locked_step_says_so_in_the_checklist_and_why_on_its_page() {
    let mut journey = Journey::at_overlay(80, 24);
    let lock = |says: Option<&str>| Observation::Lock {
        step: "week-1/overlay".parse().unwrap(),
        says: says.map(str::to_owned),
    };
    journey
        .observed
        .fold(lock(Some("Certificate/web-trial is issued; seen: it is not there; do week-4/trial first")));
    journey.say(Message::World);
    let screen = journey.screen();
    assert!(screen.contains("⊘ Apply the ove… locked"), "{screen}");
    assert!(screen.contains("⊘ Locked until Certificate/web-trial is issued;"), "{screen}");
    journey.observed.fold(lock(None));
    journey.say(Message::World);
    assert!(!journey.screen().contains("ocked"), "{}", journey.screen());
}

#[test]
fn a_release_counts_as_what_it_carries_wherever_changes_are_counted() {
    let mut journey = Journey::at_overlay(140, 40);
    journey.twists = |effect| {
        let Some(Outcome::Prepared(mut shown)) = carried(effect) else { return None };
        let hook = HookView {
            key: fixture::key("batch", "Job", "seed"),
            events: vec!["pre-install".into()],
            change: None,
            fields: Vec::new(),
        };
        shown.release = Some(ReleaseView {
            name: "web".into(),
            namespace: "shop".into(),
            action: "install it".into(),
            helm: "helm 4".into(),
            chart: None,
            hooks: vec![hook],
            history: Vec::new(),
            stays: Vec::new(),
        });
        Some(Outcome::Prepared(shown))
    };
    journey.keys("a");
    let screen = journey.screen();
    for wanted in [
        "13 objects: 8 create · 1 change · 1 adopt · 3 same",
        "[ Apply 10 changes… ]",
        "release web in shop: install it",
        "hook Job/seed in staging: pre-install",
    ] {
        assert!(screen.contains(wanted), "{wanted}\n{screen}");
    }
    journey.keys("a");
    assert!(journey.screen().contains("[ Apply 10 changes ]"), "{}", journey.screen());
    journey.keys("tab enter");
    assert!(journey.screen().contains("10 of 10 written"), "{}", journey.screen());
}
