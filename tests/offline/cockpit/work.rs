//! What an operator reads off the screen while something is under way, and before and after it.

use jiff::SignedDuration;
use migrate_tui::{
    app::{Connection, Focus, Message, PaneId, Row},
    diff::{Kind, Problem, Wave},
    engine::{Command, Effect, Event, Outcome},
    readiness::Readiness,
};

use super::waiting;
use crate::{fixture, journey::Journey};

fn holds(journey: &Journey, texts: &[&str]) {
    let screen = journey.screen();
    for text in texts {
        assert!(screen.contains(text), "{text}\n{screen}");
    }
}

fn lacks(journey: &Journey, texts: &[&str]) {
    let screen = journey.screen();
    for text in texts {
        assert!(!screen.contains(text), "{text}\n{screen}");
    }
}

/// The first line that holds a text.
fn line(journey: &Journey, text: &str) -> String {
    let screen = journey.screen();
    let found = screen.lines().find(|line| line.contains(text));
    found.unwrap_or_else(|| panic!("{text}\n{screen}")).to_owned()
}

fn later(journey: &mut Journey, seconds: i64) {
    journey.now += SignedDuration::from_secs(seconds);
    journey.draw();
}

// While it lasts.

#[test]
fn waiting_says_how_long_and_how_long_at_most() {
    let mut journey = waiting(80, 24);
    let began = journey.run.active().unwrap().since;
    journey.now = began + SignedDuration::from_secs(42);
    journey.draw();
    holds(&journey, &["waiting 0:42 of 5:00: 4 of 14 ready", "▶ 0:42 of 5:00"]);
    later(&mut journey, 60);
    holds(&journey, &["waiting 1:42 of 5:00"]);
    // Wherever the selection is meanwhile.
    journey.keys("down");
    holds(&journey, &["▶ 1:43 of 5:00"]);
    lacks(&journey, &["waiting 1:43"]);
}

fn gating(width: u16, height: u16) -> Journey {
    let mut journey = Journey::at_overlay(width, height);
    journey.holds = |effect| matches!(effect, Effect::Gate { gate: 0 | 1, .. });
    journey.twists = |effect| match effect {
        Effect::Gate { gate: 2, .. } => {
            Some(Outcome::GatePassed { gate: 2, detail: "address 10.20.0.14".into(), simulated: true })
        }
        _ => None,
    };
    journey.keys("a a tab enter");
    let began = journey.run.active().unwrap().since;
    journey.now = began + SignedDuration::from_secs(42);
    journey.draw();
    journey
}

#[test]
fn each_gate_says_what_it_says_now_and_for_how_long() {
    let mut journey = gating(120, 40);
    let rollout = "rollout of Deployment/gateway complete";
    holds(&journey, &["waiting 0:42 of 5:00: 1 of 3 gates hold"]);
    assert!(line(&journey, rollout).contains("◌ ") && line(&journey, rollout).contains("no answer yet"));
    journey.observed.gates.insert(rollout.into(), "2 of 3 updated".into());
    later(&mut journey, 10);
    holds(&journey, &[&format!("◌ {rollout}, 0:52 of 5:00: 2 of 3 updated")]);
    let passed = line(&journey, "address 10.20.0.14");
    assert!(passed.contains("✔ ") && passed.contains("· simulated"), "{passed}");
    // What does not hold yet comes first, and the stage's page has it as well.
    let screen = journey.screen();
    assert!(screen.find("2 of 3 updated") < screen.find("address 10.20.0.14"), "{screen}");
    journey.keys("g");
    holds(&journey, &["0:53 of 5:00: 2 of 3 updated", "· simulated"]);
}

#[test]
fn an_undo_says_what_is_not_gone_yet() {
    let mut journey = Journey::at_overlay(80, 24);
    journey.keys("a a tab enter");
    journey.holds = |effect| matches!(effect, Effect::Settle { .. });
    journey.keys("r r tab enter");
    let autoscaler = fixture::key("autoscaling", "HorizontalPodAutoscaler", "mime-server");
    let reason = "deleted, but not gone yet".to_owned();
    journey.observed.progress.insert(autoscaler.clone(), Readiness::Progressing { reason });
    later(&mut journey, 3);
    holds(&journey, &["of 5:00, wave 1 of", "◌ waiting  HorizontalPodAutoscaler/mime-server"]);
    holds(&journey, &["not gone yet"]);
    journey.observed.progress.insert(autoscaler, Readiness::Ready);
    later(&mut journey, 1);
    holds(&journey, &["✔ deleted  HorizontalPodAutoscaler/mime-server"]);
}

#[test]
fn comparing_is_not_being_at_work() {
    let mut journey = Journey::at_overlay(120, 40);
    journey.holds = |effect| matches!(effect, Effect::Prepare { .. });
    journey.keys("a");
    later(&mut journey, 7);
    holds(&journey, &["comparing 0:07", "Nothing is written", "◌ Week 1 Manifests", "[ Stop comparing ]"]);
    lacks(&journey, &["at work"]);
}

// Before and after.

#[test]
fn a_button_is_called_by_what_its_next_press_does() {
    let mut journey = Journey::at_overlay(120, 40);
    holds(&journey, &["[ Show changes ]", "a show changes"]);
    lacks(&journey, &["[ Apply"]);
    journey.keys("a");
    holds(&journey, &["[ Apply 11 changes… ]", "a apply 11 changes"]);
    journey.keys("a tab enter");
    holds(&journey, &["[ Show rollback ]"]);
    journey.keys("r");
    holds(&journey, &["[ Roll back 6 changes… ]"]);
}

#[test]
fn what_cannot_be_confirmed_is_looked_at_again() {
    let mut journey = Journey::at_overlay(120, 40);
    journey.twists = |effect| match effect {
        Effect::Prepare { .. } => Some(Outcome::Unprepared(vec![Problem::new(
            "StorageClass/fast",
            "it is not there",
            "create it, then look again",
        )])),
        _ => None,
    };
    journey.keys("a");
    holds(&journey, &["[ Look again ]", "StorageClass/fast"]);
    journey.twists = |_| None;
    journey.keys("a");
    holds(&journey, &["[ Apply 11 changes… ]"]);
    assert!(journey.app.dialogue.is_none());
}

#[test]
fn a_step_and_a_stage_say_that_they_are_done_and_what_is_next() {
    let mut journey = Journey::at_overlay(120, 40);
    journey.keys("a a tab enter");
    holds(&journey, &["✔ Done at 14:0", "11 of 11 written, all ready, 3 of 3 gates hold"]);
    holds(&journey, &["→ Next: Look at the app once"]);
    journey.keys("g");
    holds(&journey, &["✔ Everything that is applied in Week 1 Manifests is applied; 1 checklist item"]);
    journey.keys("G");
    journey.app.selected = Some(Row::Step(fixture::path("week-1/smoke")));
    journey.keys("t enter g");
    holds(&journey, &["✔ Week 1 Manifests is done: all 4 steps are settled."]);
    holds(&journey, &["→ Next: Week 2 CI/CD › deploy.yml written"]);
    journey.keys("r r tab enter");
    holds(&journey, &["≠ Week 1 Manifests is rolled back, but for fields that others changed since"]);
    lacks(&journey, &["→ Next"]);
}

#[test]
fn a_stages_sign_tells_work_from_what_is_partly_done() {
    let mut journey = Journey::at_overlay(120, 40);
    holds(&journey, &["◐ Week 1 Manifests"]);
    journey.keys("a");
    holds(&journey, &["? Week 1 Manifests"]);
    journey.holds = |effect| matches!(effect, Effect::Wait { .. });
    journey.keys("a tab enter");
    holds(&journey, &["▶ Week 1 Manifests"]);
}

#[test]
fn a_rollback_that_is_only_shown_does_not_lower_the_count() {
    let mut journey = Journey::at_overlay(120, 40);
    journey.keys("a a tab enter");
    let count = |journey: &Journey| line(journey, "Week 1 Manifests  ").contains("3/4");
    assert!(count(&journey), "{}", journey.screen());
    journey.keys("r");
    assert!(count(&journey), "{}", journey.screen());
    holds(&journey, &["confirm?"]);
}

// Leaving.

#[test]
fn leaving_a_rehearsal_says_what_goes_with_it() {
    let mut journey = Journey::at_overlay(80, 24);
    journey.setting.ends_cluster = true;
    journey.keys("q");
    holds(&journey, &["rehearsal cluster ends with the cockpit", "rehearse --keep", "[ Leave ]"]);
    journey.keys("enter");
    assert!(!journey.has_quit, "staying is the default");
    journey.resize(20, 5);
    lacks(&journey, &["press q"]);
    journey.keys("q");
    assert!(!journey.has_quit, "not where the question cannot be read");
    journey.resize(80, 24);
    journey.keys("q tab enter");
    assert!(journey.has_quit);
}

#[test]
fn leaving_at_work_says_what_becomes_of_it() {
    let mut journey = waiting(80, 24);
    journey.keys("q");
    holds(&journey, &["Apply the overlay is at work: waiting for readiness", "Writes in flight finish"]);
    holds(&journey, &["resume, roll back or abandon"]);
    lacks(&journey, &["rehearsal"]);
}

#[test]
fn a_view_of_what_is_driven_elsewhere_says_so_and_is_left_without_a_question() {
    let mut journey = waiting(120, 40);
    lacks(&journey, &["driven elsewhere"]);
    journey.setting.is_driven_elsewhere = true;
    journey.draw();
    holds(&journey, &["at work, driven elsewhere by", "this view follows its journal"]);
    journey.keys("q");
    assert!(journey.has_quit, "{}", journey.screen());
}

// After a kill.

#[test]
fn nothing_is_rolled_back_before_what_was_interrupted_has_been_compared() {
    let mut journey = Journey::at_overlay(80, 24);
    journey.holds = |effect| matches!(effect, Effect::Execute { row: 6.., .. });
    journey.keys("a a tab enter");
    journey.holds = |effect| matches!(effect, Effect::Inspect { .. });
    journey.journal(vec![Event::SessionStarted { program: "0.1.0".into(), plan_digest: String::new() }]);
    journey.commands.clear();
    journey.say(Message::World);
    for row in ["", "g"] {
        journey.keys(row);
        holds(&journey, &["( Roll back: comparing first )"]);
        journey.keys("r");
        holds(&journey, &["is being compared with the cluster first"]);
        journey.keys("esc");
    }
    assert!(journey.commands.is_empty(), "{:?}", journey.commands);
    journey.holds = |_| false;
    journey.work();
    journey.app.selected = Some(Row::Step(fixture::path("week-1/overlay")));
    journey.keys("r");
    assert!(matches!(journey.commands.as_slice(), [Command::Request { kind: Kind::Rollback, .. }]));
}

#[test]
fn the_cockpit_opens_on_what_was_interrupted() {
    let mut journey = Journey::new(80, 24);
    journey.holds = |effect| matches!(effect, Effect::Execute { .. });
    journey.keys("down down a a tab enter");
    journey.journal(vec![Event::SessionStarted { program: "0.1.0".into(), plan_digest: String::new() }]);
    journey.reopen();
    assert_eq!(journey.app.selected, Some(Row::Step(fixture::path("week-1/overlay"))));
}

#[test]
fn what_was_stopped_says_how_it_goes_on() {
    let mut journey = waiting(120, 40);
    journey.keys("x tab enter");
    holds(&journey, &["apply stopped on request at 14:0", "11 of 11 written", "■ Week 1 Manifests"]);
    holds(&journey, &["→ Resume waits again for what was written, roll back undoes what was written."]);
    journey.keys("R");
    holds(&journey, &["Everything is written. It is waited for again"]);
    let mut journey = Journey::at_overlay(120, 40);
    journey.twists = |effect| match effect {
        Effect::Execute { row: 7, .. } => Some(Outcome::RowFailed {
            row: 7,
            problem: Problem::new("Deployment/mime-server", "no", "mend it"),
        }),
        _ => None,
    };
    journey.keys("a a tab enter");
    holds(&journey, &["apply failed at 14:0", "→ Resume writes the "]);
}

#[test]
fn what_was_stopped_is_resumed_from_its_stage_as_well() {
    let mut journey = waiting(120, 40);
    journey.keys("x tab enter g");
    assert_eq!(journey.app.selected, Some(Row::Stage(fixture::path("week-1/overlay").stage)));
    holds(&journey, &["[ Resume… ]"]);
    journey.commands.clear();
    journey.keys("R");
    holds(&journey, &["Resume?", "Week 1 Manifests › Apply the overlay"]);
    journey.keys("tab enter");
    assert_eq!(journey.commands, [Command::Resume { step: fixture::path("week-1/overlay") }]);
}

#[test]
fn a_tick_from_before_a_rollback_is_doubted_on_its_page() {
    let mut journey = Journey::at_overlay(120, 40);
    journey.keys("a a tab enter");
    journey.keys("down");
    let Some(Row::Step(step)) = journey.app.selected.clone() else { panic!("{:?}", journey.app.selected) };
    journey.journal(vec![Event::Ticked { step, note: "seen".into() }]);
    journey.keys("up r r tab enter down");
    holds(&journey, &["was rolled back: see whether it still holds"]);
}

// Panes, header and footer.

#[test]
fn autoscalers_show_what_is_read_and_their_bounds_whole() {
    let mut journey = Journey::new(140, 40);
    holds(
        &journey,
        &["✔ gateway 43/70% 61/80%", "3 (2–9)│", "1 (2–9)│", "no metrics yet", "cpu mem · pods (min–max)"],
    );
    // Where there is room, each row says it itself.
    journey.resize(80, 24);
    journey.app.focus = Focus::Pane(PaneId::Pods);
    journey.keys("right");
    holds(&journey, &["gateway cpu 43/70% mem 61/80%", "3 (2–9)┃"]);
    lacks(&journey, &["min–max"]);
}

#[test]
fn what_is_out_of_sight_is_counted_beside_the_rows() {
    let journey = Journey::new(80, 24);
    assert!(line(&journey, "gateway-7d9c5f6b8-4xk2p").ends_with("1/1 12m│"), "{}", journey.screen());
    assert!(line(&journey, "4 more ▾").starts_with('┗'), "{}", journey.screen());
}

#[test]
fn an_open_dialogue_has_its_own_keys_in_the_footer() {
    let mut journey = Journey::at_overlay(80, 24);
    journey.keys("a a");
    let footer = journey.screen().lines().last().unwrap().to_owned();
    assert!(footer.contains("esc closes") && !footer.contains("roll back"), "{footer}");
    journey.keys("esc ?");
    lacks(&journey, &["Signs"]);
    holds(&journey, &["↑ ↓ scroll", "more lines ▾"]);
    journey.keys("page-down page-down page-down page-down page-down");
    holds(&journey, &["Signs", "partly done", "= same"]);
    lacks(&journey, &["more lines ▾"]);
}

#[test]
fn before_there_is_a_cluster_the_header_claims_none() {
    let mut journey = Journey::new(120, 40);
    journey.connection = Connection::Connecting { doing: "connecting".into() };
    journey.setting.context = String::new();
    journey.setting.driver = String::new();
    journey.draw();
    let header = journey.screen().lines().next().unwrap().to_owned();
    assert!(header.contains("ctx connecting…") && !header.contains("driver"), "{header}");
}

// What was doubted, what was stopped, what is asked.

#[test]
fn a_doubted_tick_is_not_green_in_the_plan_nor_on_its_stage() {
    let mut journey = Journey::at_overlay(120, 40);
    journey.keys("a a tab enter");
    journey.obey(Command::Tick { step: fixture::path("week-1/smoke"), note: "seen".into() }).unwrap();
    journey.say(Message::World);
    holds(&journey, &["✔ Look at the app once"]);
    journey.keys("r r tab enter");
    holds(&journey, &["? Look at the app once"]);
    lacks(&journey, &["✔ Look at the app once"]);
    journey.keys("g");
    holds(&journey, &["? Look at the app once  done, in doubt", "? ticked before “Apply the overlay” was"]);
    assert!(line(&journey, "Week 1 Manifests  ").contains('?'), "{}", journey.screen());
}

#[test]
fn a_stage_that_has_stopped_before_an_item_says_so() {
    let mut journey = Journey::new(120, 40);
    let mut steps = fixture::steps();
    // The item between the two steps.
    steps.swap(0, 1);
    journey.run = migrate_tui::engine::Run::new(steps);
    journey.obey(Command::MeetCluster(fixture::cluster())).unwrap();
    journey.say(Message::World);
    journey.keys("g a a tab enter");
    assert_eq!(journey.standing("week-1/namespace"), "done");
    holds(&journey, &["It has stopped before “Pull secret for ghcr.io”", "Tick, skip or defer it"]);
    journey.keys("a");
    holds(&journey, &["comes first and is open"]);
}

#[test]
fn the_gates_of_an_open_item_can_be_asked_without_ticking_it() {
    let mut journey = Journey::new(120, 40);
    let mut steps = fixture::steps();
    steps[0].gates = vec![migrate_tui::plan::Gate::IngressAddress { name: "web".into() }];
    journey.run = migrate_tui::engine::Run::new(steps);
    journey.obey(Command::MeetCluster(fixture::cluster())).unwrap();
    journey.twists = |effect| match effect {
        Effect::Prepare { step, kind, .. } => {
            let mut shown = fixture::proposal(step, *kind);
            (shown.rows, shown.risks) = (Vec::new(), Vec::new());
            Some(Outcome::Prepared(Box::new(shown)))
        }
        Effect::Gate { .. } => {
            Some(Outcome::Stopped(vec![Problem::new("Certificate/web-tls", "no challenge yet", "see why")]))
        }
        _ => None,
    };
    journey.commands.clear();
    journey.say(Message::World);
    holds(&journey, &["[ Verify ]"]);
    journey.keys("v");
    assert!(matches!(journey.commands.as_slice(), [Command::Request { kind: Kind::Verify, .. }]));
    holds(&journey, &["no challenge yet", "→ see why", "[ Tick… ]"]);
    assert_eq!(journey.standing("week-1/pull-secret"), "open");
}

#[test]
fn without_leftovers_the_plain_way_back_is_named() {
    let mut journey = Journey::new(120, 40);
    journey.twists = |effect| match effect {
        Effect::Prepare { step, kind, .. } => {
            let mut shown = fixture::proposal(step, *kind);
            shown.rows.retain_mut(|row| {
                row.key = fixture::key("", "ConfigMap", &step.step);
                row.wave == Wave::Configuration || step.step == "namespace"
            });
            Some(Outcome::Prepared(Box::new(shown)))
        }
        _ => None,
    };
    journey.obey(Command::Tick { step: fixture::path("week-1/pull-secret"), note: "there".into() }).unwrap();
    journey.keys("g a a tab enter L");
    holds(&journey, &["there are no leftovers of Week 1 Manifests: “Show rollback” undoes all of it"]);
}

#[test]
fn a_rollback_after_the_cut_over_says_first_that_users_come_through_it() {
    let mut journey = Journey::at_overlay(120, 40);
    journey.keys("a a tab enter");
    let mut steps = fixture::steps();
    let moved = steps.iter_mut().find(|step| step.path.step == "cut-over").unwrap();
    let to = migrate_tui::plan::Entry::Ingress("public".into());
    moved.gates = vec![migrate_tui::plan::Gate::Dns { host: "app.example.com".into(), to }];
    let mut run = migrate_tui::engine::Run::new(steps);
    std::mem::swap(&mut journey.run, &mut run);
    journey.obey(Command::MeetCluster(fixture::cluster())).unwrap();
    journey.obey(Command::Tick { step: fixture::path("week-4/cut-over"), note: "moved".into() }).unwrap();
    journey.keys("a a tab enter r");
    holds(&journey, &["! live traffic · users come through this: “DNS to the new address” was ticked"]);
    journey.keys("r");
    let screen = journey.screen();
    let [traffic, other] = ["! live traffic", "! cannot be undone"].map(|text| screen.rfind(text).unwrap());
    assert!(traffic < other, "{screen}");
}

#[test]
fn a_confirmation_names_the_namespaces_that_it_changes() {
    let mut journey = Journey::at_overlay(80, 24);
    journey.twists = |effect| match effect {
        Effect::Prepare { step, kind, .. } => {
            let mut shown = fixture::proposal(step, *kind);
            shown.rows.iter_mut().for_each(|row| row.key.namespace = Some("monitoring".into()));
            shown.rows.first_mut().unwrap().key.namespace = None;
            Some(Outcome::Prepared(Box::new(shown)))
        }
        _ => None,
    };
    journey.keys("a a");
    holds(&journey, &["namespace  monitoring · ConfigMap/app-config (cluster-wide)"]);
    lacks(&journey, &["namespace  staging"]);
}
